"""Whose clock times are shown on, and times of day in words."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from services.cli.output import Failure

LOCAL = "local"
_UTC = "UTC"
_LOCALTIME, _TIMEZONE = Path("/etc/localtime"), Path("/etc/timezone")
_RULE = "must be an IANA time zone such as Europe/Berlin, or `local` for this computer's"


@dataclass(frozen=True, slots=True)
class Clock:
    """A zone's clock.

    Attributes:
        name: of the IANA zone.
        zone: its offsets.
    """

    name: str
    zone: ZoneInfo

    def day(self, instant: datetime) -> date:
        """The day that an instant falls on."""
        return instant.astimezone(self.zone).date()

    def iso(self, instant: datetime) -> str:
        """An instant for programs, with its offset on this clock."""
        return instant.astimezone(self.zone).isoformat()

    def time(self, instant: datetime) -> str:
        """The time of day of an instant, such as 15:00."""
        return instant.astimezone(self.zone).strftime("%H:%M")

    def moment(self, instant: datetime) -> str:
        """Day and time, such as Tue 3 Mar 2026 15:00."""
        return f"{in_words(self.day(instant))} {self.time(instant)}"

    def hours(self, start: datetime, end: datetime, day: date | None = None) -> str:
        """From when until when, such as 15:00–16:00; with `day`, how many days off that the start lies: 23:00–00:00 -1 d."""
        told = self.time(start) if start == end else f"{self.time(start)}–{self.time(end)}"
        off = (self.day(start) - day).days if day else 0
        return f"{told} {off:+d} d" if off else told

    def span(self, start: datetime, end: datetime, *, year: bool = True) -> str:
        """Day, with its year or without, and from when until when."""
        return f"{in_words(self.day(start), year=year)} {self.hours(start, end)}"


def in_words(day: date, *, year: bool = True) -> str:
    """A day, such as Tue 3 Mar 2026, or Tue 3 Mar."""
    return f"{day:%a} {day.day} {day:%b %Y}" if year else f"{day:%a} {day.day} {day:%b}"


def clock_of(zone: str) -> Clock:
    """The clock of an IANA zone, or of this computer.

    Raises:
        Failure: this computer's zone has no name.
    """
    name = _local() if zone == LOCAL else zone
    return Clock(name, ZoneInfo(name))


def lasting(span: timedelta) -> str:
    """A length in hours and minutes, such as 1 h 30 min."""
    hours, minutes = divmod(span // timedelta(minutes=1), 60)
    parts = [f"{hours} h"] if hours else []
    return " ".join([*parts, f"{minutes} min"] if minutes or not hours else parts)


def read_zone(text: str | None) -> str | None:
    """An option's zone.

    Raises:
        typer.BadParameter: there is no such zone.
    """
    if text is None or text == LOCAL:
        return text
    if not _is_zone(text):
        raise typer.BadParameter(_RULE)
    return text


ZoneOption = Annotated[
    str | None,
    typer.Option(
        "--zone",
        "-z",
        metavar="ZONE",
        callback=read_zone,
        help="Show times on the clock of this IANA zone; `local`: this computer's.",
    ),
]


def _local() -> str:
    """What TZ says, else what the system is set to.

    Raises:
        Failure: that has no name.
    """
    if name := os.environ.get("TZ", "").removeprefix(":"):
        named = [name]
    elif not _LOCALTIME.exists():
        named = [_UTC]
    else:
        _, _, linked = str(_LOCALTIME.resolve()).partition("/zoneinfo/")
        named = [linked, _TIMEZONE.read_text().strip() if _TIMEZONE.exists() else ""]
    for each in named:
        if _is_zone(each):
            return each
    raise Failure(
        "this computer's time zone has no IANA name: give one, such as --zone Europe/Berlin"
    )


def _is_zone(name: str) -> bool:
    """Whether events may name this zone."""
    from pydantic import TypeAdapter, ValidationError

    from shared.events.types import Zone

    try:
        TypeAdapter(Zone).validate_python(name)
    except ValidationError:
        return False
    return True
