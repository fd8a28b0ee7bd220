"""Common weekly time of two persons, whatever their zones.

A week is a set of minutes, kept as the bits of an integer: Monday 00:00 UTC is bit 0. Local windows move
in UTC when clocks change, so a person has two weeks, one with January's offset and one with July's; two
persons have time in common only as far as they have it in both.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from shared.events.outside import Available
from shared.events.people import WeeklyWindow

DAY = 24 * 60
WEEK = 7 * DAY
FULL = (1 << WEEK) - 1
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class Weeks(NamedTuple):
    """Minutes of the week in January and in July."""

    january: int
    july: int


NONE = Weeks(0, 0)


@lru_cache(maxsize=65_536)
def weeks(zone: str, weekly: tuple[WeeklyWindow, ...], year: int) -> Weeks:
    """The weekly windows of a zone in this year, as minutes of UTC weeks."""
    january, july = (_offset(zone, datetime(year, month, 15, 12)) for month in (1, 7))  # noqa: DTZ001 - local
    return Weeks(_minutes(weekly, january), _minutes(weekly, july))


def weeks_of(time: Available | None, year: int) -> Weeks:
    """The weeks of a person; without a statement there is no time."""
    return weeks(time.zone, time.weekly, year) if time else NONE


def common(one: Weeks, two: Weeks) -> Weeks:
    """What two persons have in common."""
    return Weeks(one.january & two.january, one.july & two.july)


def minutes(shared: Weeks) -> int:
    """Minutes a week that are there all the year."""
    return min(shared.january.bit_count(), shared.july.bit_count())


def holds(shared: Weeks, length: int) -> bool:
    """Whether a meeting of so many minutes fits, without a break, all the year."""
    return all(_longest_at_least(week, length) for week in shared)


def _offset(zone: str, local: datetime) -> int:
    offset = local.replace(tzinfo=ZoneInfo(zone)).utcoffset() or timedelta()
    return round(offset.total_seconds() / 60)


def _minutes(weekly: tuple[WeeklyWindow, ...], offset: int) -> int:
    week = 0
    for window in weekly:
        hours, minute = map(int, window.start.split(":"))
        for day in window.byday:
            start = DAYS.index(day) * DAY + hours * 60 + minute - offset
            week |= _rotated((1 << window.duration.minutes) - 1, start % WEEK)
    return week


def _rotated(bits: int, by: int) -> int:
    moved = bits << by
    return (moved & FULL) | (moved >> WEEK)


def _longest_at_least(week: int, length: int) -> bool:
    """Whether so many bits stand in a row, around the end of the week too; by doubling steps."""
    row = week | (week << WEEK)
    known = 1
    while row and known < length:
        step = min(known, length - known)
        row &= row >> step
        known += step
    return row != 0
