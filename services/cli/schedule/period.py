"""Options that say from when until when: an instant, or a day on the clock that times are shown on."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

import typer

from services.cli.output import read_instant
from services.cli.schedule.clock import Clock

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ONE = timedelta(days=1)
_FIRST, _LAST = date(1970, 1, 2), date(2261, 12, 30)


def read_when(text: str | None) -> str | None:
    """An option's day or instant, kept as typed: a day means nothing until the clock is known.

    Raises:
        typer.BadParameter: it is neither.
    """
    if text is not None and _DAY.fullmatch(text):
        _read_day(text)
    else:
        read_instant(text)
    return text


From = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="WHEN",
        callback=read_when,
        help="From this day (2026-03-01, on the clock shown) or instant (RFC 3339).",
    ),
]
To = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="WHEN",
        callback=read_when,
        help="Up to this day, included, or instant.",
    ),
]


def begins(text: str, clock: Clock) -> datetime:
    """When a period begins that is said to do so then, in UTC."""
    if _DAY.fullmatch(text):
        return _midnight(_read_day(text), clock)
    return datetime.fromisoformat(text).astimezone(UTC)


def ends(text: str, clock: Clock) -> datetime:
    """When a period ends whose last day, or end, is this, in UTC."""
    if _DAY.fullmatch(text):
        return _midnight(_read_day(text) + _ONE, clock)
    return begins(text, clock)


def day_of(day: date, clock: Clock) -> tuple[datetime, datetime]:
    """A day of a clock, in UTC."""
    return _midnight(day, clock), _midnight(day + _ONE, clock)


def today(instant: datetime, clock: Clock) -> datetime:
    """When the day of an instant began, in UTC."""
    return _midnight(clock.day(instant), clock)


def after(start: datetime, days: int, clock: Clock) -> datetime:
    """The midnight so many days after the one of the day of `start`, in UTC."""
    return _midnight(clock.day(start) + timedelta(days=days), clock)


def _read_day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"there is no day {text}") from None
    if not _FIRST <= day <= _LAST:
        raise typer.BadParameter("use a day between 1970-01-02 and 2261-12-30")
    return day


def _midnight(day: date, clock: Clock) -> datetime:
    return datetime.combine(day, time.min, clock.zone).astimezone(UTC)
