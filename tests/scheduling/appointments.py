"""Appointments for the tests of the calendars, and their texts as two independent parsers read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import vobject
from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream

from services.scheduling.appointment import Addresses, Appointment

AT = datetime(2026, 3, 3, 9, tzinfo=UTC)
ANNOUNCED = datetime(2026, 2, 1, 12, 0, 5, tzinfo=UTC)
LINK = "https://meet.example.org/r1"
ADDRESSES = Addresses(
    "mailto:mentoring@example.org", "mailto:ada@example.org", "mailto:grace@example.org", LINK
)


def an_appointment(week: int = 0, **given: Any) -> Appointment:
    """A weekly meeting of Ada and Grace: ten o'clock in Berlin."""
    start = AT + timedelta(weeks=week)
    usual: dict[str, Any] = {
        "program": "acme",
        "cycle": "c1",
        "meeting": f"m{week}",
        "mentee": "ada",
        "mentor": "grace",
        "number": week + 1,
        "type": "regular",
        "format": "video",
        "skills": (),
        "uid": f"7c0f6c1e-6c5b-5d0e-9a52-{week:012}",
        "sequence": 0,
        "starts_at": start,
        "ends_at": given.get("starts_at", start) + timedelta(hours=1),
        "zone": "Europe/Berlin",
        "dropped": False,
        "revised_at": ANNOUNCED,
        "created_at": ANNOUNCED,
    }
    return Appointment(**usual | given)


def by_ical(text: bytes) -> Calendar:
    """As the package ical reads it, which is strict."""
    return IcsCalendarStream.calendar_from_ics(text.decode())


def by_vobject(text: bytes) -> Any:
    """As the package vobject reads it, which is another code base."""
    calendar = vobject.readOne(text.decode())
    assert calendar.validate()
    return calendar


def unfolded(text: bytes) -> list[str]:
    """The content lines."""
    return text.decode().replace("\r\n ", "").split("\r\n")


def property_of(text: bytes, name: str) -> list[str]:
    """The lines of a property, with their parameters."""
    return [line for line in unfolded(text) if line.startswith((f"{name}:", f"{name};"))]
