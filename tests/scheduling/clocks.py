"""Time minute by minute: what a wall clock shows at every minute of a range, and what follows from that alone.

Written without the intervals that it is to judge: it walks the minutes of UTC, asks the zone for the local time of
each, and looks up when the clock first shows a time. Nothing here asks a zone about a local time.

Instants and wall clocks are whole minutes since 1970, as numpy arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from shared.events.people import WeeklyWindow
from shared.intervals import Interval

Minutes = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]
Kind = TypeVar("Kind", np.int64, np.bool_)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
A_DAY = 24 * 60
QUARTER = 15
NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
THURSDAY = 3
"""The first of January 1970."""
AROUND = 3 * A_DAY
"""Looked at on both sides of a range: a window that reaches into it may begin that much earlier."""


def minute_of(instant: datetime) -> int:
    return (instant - EPOCH) // MINUTE


def offset_of(minute: int, clock: ZoneInfo) -> int:
    """How far the clock is ahead of UTC, in minutes."""
    offset = datetime.fromtimestamp(minute * 60, clock).utcoffset()
    assert offset is not None
    return offset // MINUTE


def week_of(minute: int, zone: str) -> int:
    """The calendar week (from Monday on) that a minute falls in, numbered from that of the first of January 1970."""
    return ((minute + offset_of(minute, ZoneInfo(zone))) // A_DAY + THURSDAY) // 7


@dataclass(frozen=True)
class Grid:
    """The minutes of [start, end) and some days around them on the clock of `zone`."""

    zone: str
    start: datetime
    end: datetime

    @cached_property
    def minutes(self) -> Minutes:
        first = (minute_of(self.start) - AROUND) // QUARTER * QUARTER
        return np.arange(first, minute_of(self.end) + AROUND, dtype=np.int64)

    @cached_property
    def walls(self) -> Minutes:
        """What the clock shows at each minute.

        Asked at every quarter of an hour, and at every minute of a quarter in which it changes: no clock changes twice
        within a quarter of an hour.
        """
        clock, minutes = ZoneInfo(self.zone), self.minutes
        quarters = [offset_of(int(minute), clock) for minute in minutes[::QUARTER]]
        offsets = np.repeat(np.array(quarters, dtype=np.int64), QUARTER)[: len(minutes)]
        for at in np.flatnonzero(np.diff(np.array(quarters))).tolist():
            for i in range(at * QUARTER, min((at + 1) * QUARTER, len(minutes))):
                offsets[i] = offset_of(int(minutes[i]), clock)
        return minutes + offsets

    @cached_property
    def _first_shown(self) -> Minutes:
        """When the clock first shows each time, from the earliest time of the grid on.

        A time that it never shows is counted on from the last that it does show before (RFC 5545, section 3.3.5).
        """
        places = self.walls - self.walls.min()
        shown = np.full(places.max() + 1, -1, dtype=np.int64)
        shown[places[::-1]] = self.minutes[::-1]  # the earliest is written last
        every = np.arange(len(shown))
        last = np.maximum.accumulate(np.where(shown >= 0, every, 0))
        return shown[last] + (every - last)

    @property
    def weeks(self) -> Minutes:
        """The calendar week that each minute of [start, end) falls in, numbered as `week_of` does."""
        return self.within((self.walls // A_DAY + THURSDAY) // 7)

    def within(self, values: npt.NDArray[Kind]) -> npt.NDArray[Kind]:
        """Cut what is known of every minute of the grid down to [start, end)."""
        first = minute_of(self.start) - int(self.minutes[0])
        return values[first : first + minute_of(self.end) - minute_of(self.start)]

    def opened(self, windows: Iterable[WeeklyWindow]) -> Marks:
        """Which minutes of [start, end) lie in weekly windows."""
        steps = np.zeros(len(self.minutes) + 2 * A_DAY, dtype=np.int64)
        days = np.arange(self.walls.min() // A_DAY + 1, self.walls.max() // A_DAY)
        for window in windows:
            wanted = [NAMES.index(day) for day in window.byday]
            hours, minutes = map(int, window.start.split(":"))
            starts = days[np.isin((days + THURSDAY) % 7, wanted)] * A_DAY + hours * 60 + minutes
            begins = self._first_shown[starts - self.walls.min()] - self.minutes[0]
            np.add.at(steps, begins, 1)
            np.add.at(steps, begins + window.duration.minutes, -1)
        return self.within(np.cumsum(steps)[: len(self.minutes)] > 0)

    def on(self, days: Sequence[date]) -> Marks:
        """Which minutes of [start, end) the clock shows one of these days at."""
        wanted = [(day - EPOCH.date()).days for day in days]
        return self.within(np.isin(self.walls // A_DAY, wanted))

    def marked(self, intervals: Iterable[Interval]) -> Marks:
        """Which minutes of [start, end) lie in some intervals, clipped to it."""
        first, last = minute_of(self.start), minute_of(self.end)
        marks = np.zeros(last - first, dtype=np.bool_)
        for start, end in intervals:
            marks[max(minute_of(start) - first, 0) : max(minute_of(end) - first, 0)] = True
        return marks
