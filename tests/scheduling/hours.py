"""Rules, persons and windows made by hand, for tests of what they come to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from services.scheduling.model import Person, Rules
from shared.events.people import TimeException, WeeklyWindow
from shared.events.types import Duration
from shared.frozen import replace

RULES = Rules(
    program="acme",
    version="r1",
    place=0,
    event="e",
    effective_at=datetime(2024, 1, 1, tzinfo=UTC),
    zone="UTC",
    starts_on=date(2024, 1, 1),
    ends_on=date(2030, 12, 31),
    holidays=(),
    evidence="one",
    overlap_min=15,
    dispute=Duration(2),
    notice=Duration(1),
    buffer=10,
    weekly_max=3,
    reminders=(),
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def rules(**more: Any) -> Rules:
    """The same rules, but for these fields."""
    return replace(RULES, **more)


def window(days: str, start: str, duration: str) -> WeeklyWindow:
    return WeeklyWindow.model_validate(
        {"byday": days.split(), "start": start, "duration": duration}
    )


def exception(start: str, end: str, kind: str) -> TimeException:
    return TimeException.model_validate({"start": utc(start), "end": utc(end), "kind": kind})


def person(name: str, weekly: Iterable[WeeklyWindow] = (), **more: Any) -> Person:
    """Somebody who has stated these windows and nothing else, but for these fields; the clock is UTC."""
    return Person(RULES.program, name, **{"stated": True, "weekly": tuple(weekly), **more})
