"""The same search over a grid of minutes, with numpy: an array for each question, a minute of the plan in each place.

Offsets of a zone are looked up once; a person's week is a pattern of 10,080 minutes that local time is looked up in.
Running sums tell in which quarters a whole meeting begins that is free, and how much of it lies outside of fair hours.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from services.scheduling.model import Cycle, Person, Rules
from tests.bench.scheduling.contestants.diary import (
    DAY,
    FAIR,
    MINUTE,
    Diary,
    Due,
    Rhythm,
    days_off,
    dues,
    pair_of,
    windows_of,
)
from tests.bench.scheduling.contestants.plans import Plan, Plans
from tests.bench.scheduling.people import Program, running
from tests.bench.scheduling.settings import ENDS_ON, STARTS_ON

Mask: TypeAlias = NDArray[np.bool_]
Counts: TypeAlias = NDArray[np.int64]
_ORIGIN = datetime.combine(STARTS_ON, datetime.min.time(), UTC)
_FIRST_DAY = (STARTS_ON - DAY).toordinal()
_HOUR, _A_DAY, _A_WEEK = 60, 24 * 60, 7 * 24 * 60
_WHOLE = ((ENDS_ON - STARTS_ON).days + 7) * _A_DAY
_QUARTER = 15


def plans(program: Program) -> Plans:
    """Plan every cycle of a program."""
    diary = Diary(program.rules)
    return Plans({cycle.cycle: _Grid(program, cycle, diary).plan() for cycle in program.cycles})


class _Grid:
    """The plan of one cycle, on the minutes from the first in which a number is due to the last."""

    def __init__(self, program: Program, cycle: Cycle, diary: Diary) -> None:
        self._pair, self._diary = pair_of(program, cycle), diary
        self._length = running(cycle).terms.length
        self._dues = dues(program.rules, cycle)
        self._first, self._last = _minute(self._dues[0].start), _minute(self._dues[-1].end)
        self._free = np.ones(self._last - self._first, bool)
        for person in self._pair:
            self._free &= self._present(person)
        self._outside = [self._sums(self._is_unfair(person)) for person in self._pair]
        self._spent = np.zeros((2, 1), np.int64)

    def plan(self) -> Plan:
        rhythm = Rhythm(self._pair[1].zone)
        found: Plan = []
        for due in self._dues:
            start = self._place(due, _minute(rhythm.target(due)))
            rhythm.keep(due, start)
            found.append(None if start is None else int(start.timestamp()))
        return found

    def _place(self, due: Due, target: int) -> datetime | None:
        starts = self._starts(due)
        if not len(starts):
            return None
        outside = np.stack([sums[starts - self._first] for sums in self._outside])
        spent = self._spent + outside
        away = np.abs(starts - target)
        if (fair := ~outside.any(axis=0)).any():
            best = int(np.lexsort((starts[fair], away[fair]))[0])
            place = int(np.flatnonzero(fair)[best])
        else:
            place = int(np.lexsort((starts, away, spent.sum(axis=0), spent.max(axis=0)))[0])
        self._spent = self._spent + outside[:, place : place + 1]
        return self._take(int(starts[place]))

    def _starts(self, due: Due) -> Counts:
        """Quarters at which a free meeting within these bounds begins."""
        first, last = _minute(due.start), _minute(due.end)
        free = self._free[first - self._first : last - self._first]
        sums = np.concatenate(([0], np.cumsum(free)))
        is_start = sums[self._length :] - sums[: -self._length] == self._length
        starts: Counts = np.flatnonzero(is_start) + first
        quarters: Counts = starts[starts % _QUARTER == 0]
        return quarters[~self._is_in_full_week(quarters)]

    def _is_in_full_week(self, starts: Counts) -> Mask:
        """Whether one of the two meets often enough in the week of a start."""
        local = _local(self._diary.rules.zone)[starts]
        mondays = (local // _A_DAY + _FIRST_DAY - 1) // 7 * 7 + 1
        full = [
            monday
            for monday in np.unique(mondays)
            if any(self._diary.is_full(each, date.fromordinal(int(monday))) for each in self._pair)
        ]
        return np.isin(mondays, full)

    def _take(self, start: int) -> datetime:
        begins = _ORIGIN + start * MINUTE
        ends = begins + self._length * MINUTE
        self._diary.add(self._pair, begins, ends)
        self._block(self._free, begins, ends, self._diary.rules.buffer)
        return begins

    def _present(self, person: Person) -> Mask:
        """When a person has time and no other meeting."""
        local = _local(person.zone)[self._first : self._last]
        has = _pattern(person)[local % _A_WEEK]
        has &= ~_closed((person.region,) if person.region else ())[local // _A_DAY]
        rules: Rules = self._diary.rules
        has &= ~_closed(rules.holidays)[_local(rules.zone)[self._first : self._last] // _A_DAY]
        for kind, is_free in (("extra", True), ("away", False), ("busy", False)):
            for one in person.exceptions:
                if one.kind == kind:
                    self._block(has, one.start, one.end, 0, to=is_free)
        for start, end in self._diary.meetings[person.person]:
            self._block(has, start, end, rules.buffer)
        return has

    def _block(
        self, mask: Mask, start: datetime, end: datetime, buffer: int, *, to: bool = False
    ) -> None:
        first = max(0, _minute(start) - buffer - self._first)
        mask[first : max(0, _minute(end) + buffer - self._first)] = to

    def _is_unfair(self, person: Person) -> Mask:
        opens, closes = (hour.hour * _HOUR for hour in FAIR)
        clock = _local(person.zone)[self._first : self._last] % _A_DAY
        unfair: Mask = (clock < opens) | (clock >= closes)
        return unfair

    def _sums(self, mask: Mask) -> Counts:
        """By minute: in how many of a meeting's minutes from it on the mask is true."""
        sums = np.concatenate(([0], np.cumsum(mask)))
        found: Counts = sums[self._length :] - sums[: -self._length]
        return found


def _minute(instant: datetime) -> int:
    return (instant - _ORIGIN) // MINUTE


@cache
def _local(zone: str) -> Counts:
    """Local time of each minute (UTC), in minutes from the midnight before the program's first day."""
    clock = ZoneInfo(zone)
    instants = [_ORIGIN + timedelta(minutes=each) for each in range(0, _WHOLE, _QUARTER)]
    offsets = [each.astimezone(clock).utcoffset() or timedelta() for each in instants]
    shifts = np.repeat([each // MINUTE for each in offsets], _QUARTER)
    local: Counts = np.arange(_WHOLE) + shifts + _A_DAY
    return local


def _pattern(person: Person) -> Mask:
    """The person's week in minutes, from the weekday of the local day 0."""
    pattern = np.zeros(_A_WEEK, bool)
    for weekday, windows in enumerate(windows_of(person)):
        day = (weekday - _FIRST_DAY + 1) % 7 * _A_DAY
        for opens, closes in windows:
            first, last = (each.hour * _HOUR + each.minute for each in (opens, closes))
            pattern[day + first : day + last] = True
    return pattern


@cache
def _closed(regions: tuple[str, ...]) -> Mask:
    """By local day: whether it is a public holiday."""
    days = np.zeros(_WHOLE // _A_DAY + 3, bool)
    for day in days_off(regions):
        if 0 <= (at := day.toordinal() - _FIRST_DAY) < len(days):
            days[at] = True
    return days
