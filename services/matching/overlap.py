"""Common weekly time of two persons, whatever their zones.

Time is minutes of the week: Monday 00:00 UTC is 0. Local windows move in UTC when clocks change, so a person has
two weeks, one with January's offset and one with July's; two persons have time in common only as far as they
have it in both.

For a whole pool the week is cut where mentors' windows begin and end. Within a cut nothing changes for any
mentor, so that common minutes are a product of matrices: the minutes that a mentee has of each cut, times 0 or 1
for each mentor. All figures are whole numbers below 2 ** 24, which float32 holds exactly, so that the order in
which a machine sums them changes nothing.

A meeting fits into the common week when it may begin at some minute for both: the minutes at which it may begin
for one person are his week with each run of minutes shortened by the meeting's length, around the end of the week
too, and what two persons have of them in common is again a product.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from math import gcd
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from shared.cached import cached_property
from shared.events.outside import Available
from shared.events.types import Weekday

DAY = 24 * 60
WEEK = 7 * DAY
DAYS: tuple[Weekday, ...] = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
JANUARY, JULY = 0, 1
CELLS = 2**23
"""So many cells of a matrix are float32 at a time (32 MB)."""

threadpool_limits(limits=1, user_api="blas")
"""A product is worked out in the thread that asks for it. BLAS's own threads spin while they wait for each other,
which takes ten times as long on cores that others use too."""

Minutes = NDArray[np.int64]
Indices = NDArray[np.intp]


class Runs(NamedTuple):
    """Stretches of minutes [start, end) of a week, with whose they are; sorted by owner, then start, and apart."""

    owners: Indices
    starts: Minutes
    ends: Minutes

    def of(self, rows: Indices) -> Runs:
        """The runs of these persons, who are numbered anew."""
        begin, end = np.searchsorted(self.owners, rows), np.searchsorted(self.owners, rows, "right")
        counts = end - begin
        owners = np.repeat(np.arange(len(rows)), counts)
        at = np.arange(len(owners)) + np.repeat(begin - (np.cumsum(counts) - counts), counts)
        return Runs(owners, self.starts[at], self.ends[at])


@lru_cache(maxsize=4096)
def offset(zone: str, year: int) -> tuple[int, int]:
    """Minutes that a zone is ahead of UTC in the middle of January and of July."""
    return _offset(zone, year, 1), _offset(zone, year, 7)


def _offset(zone: str, year: int, month: int) -> int:
    local = datetime(year, month, 15, 12, tzinfo=ZoneInfo(zone))
    return round((local.utcoffset() or timedelta()).total_seconds() / 60)


@lru_cache(maxsize=16_384)
def _local_starts(start: str, byday: tuple[Weekday, ...]) -> tuple[int, ...]:
    hours, minute = map(int, start.split(":"))
    return tuple(DAYS.index(day) * DAY + hours * 60 + minute for day in byday)


class Week(NamedTuple):
    """One person's windows: local minutes of the week at which each begins, how long it lasts, and the offsets."""

    starts: tuple[int, ...]
    lengths: tuple[int, ...]
    offsets: tuple[int, int]


NO_TIME = Week((), (), (0, 0))


def week_of(time: Available | None, year: int) -> Week:
    """The week of a person in a year; without a statement there is no time."""
    if time is None:
        return NO_TIME
    starts: list[int] = []
    lengths: list[int] = []
    for window in time.weekly:
        found = _local_starts(window.start, window.byday)
        starts += found
        lengths += [window.duration.minutes] * len(found)
    return Week(tuple(starts), tuple(lengths), offset(time.zone, year))


class Hours:
    """The weeks of several persons; their runs are worked out for a season when first asked for.

    Attributes:
        shifts: the ways in which their clocks change, in minutes from January to July.
    """

    def __init__(self, weeks: Sequence[Week]) -> None:
        counts = [len(week.starts) for week in weeks]
        self._owners = np.arange(len(weeks)).repeat(counts)
        self._starts = np.array([start for week in weeks for start in week.starts], np.int64)
        self._lengths = np.array([one for week in weeks for one in week.lengths], np.int64)
        self._offsets = [week.offsets for week in weeks if week.starts]
        self._of = np.arange(len(self._offsets)).repeat([count for count in counts if count])
        self._known: dict[int, Runs] = {}
        self.shifts = frozenset(july - january for january, july in self._offsets)

    def runs(self, season: int) -> Runs:
        """Runs of minutes in UTC."""
        if season not in self._known:
            ahead = np.array([offsets[season] for offsets in self._offsets], np.int64)[self._of]
            starts = (self._starts - ahead) % WEEK
            self._known[season] = merged(*_within_the_week(self._owners, starts, self._lengths))
        return self._known[season]

    @cached_property
    def grid(self) -> int:
        """The greatest number of minutes, a day at most, of which all beginnings and ends are multiples."""
        ahead = {minutes for offsets in self._offsets for minutes in offsets}
        known = np.gcd.reduce(self._starts, initial=DAY), np.gcd.reduce(self._lengths, initial=DAY)
        return gcd(*ahead, *map(int, known))


def hours_of(weeks: Sequence[Week]) -> Hours:
    """The weeks of these persons; one person's are kept."""
    return _alone(weeks[0]) if len(weeks) == 1 else Hours(weeks)


@lru_cache(maxsize=4096)
def _alone(week: Week) -> Hours:
    return Hours([week])


def _within_the_week(owners: Indices, starts: Minutes, lengths: Minutes) -> Runs:
    """What runs over the end of the week goes on at its beginning."""
    ends = starts + lengths
    over = ends > WEEK
    if not over.any():
        return Runs(owners, starts, ends)
    return Runs(
        np.concatenate([owners, owners[over]]),
        np.concatenate([starts, np.zeros(np.count_nonzero(over), np.int64)]),
        np.concatenate([np.minimum(ends, WEEK), ends[over] - WEEK]),
    )


def merged(owners: Indices, starts: Minutes, ends: Minutes) -> Runs:
    """Runs of which those of one owner that touch or overlap are one."""
    if not len(owners):
        return Runs(owners, starts, ends)
    apart = owners * (4 * WEEK)  # so that no two owners' minutes meet
    order = (starts + apart).argsort(kind="stable")
    owners, starts, ends, apart = owners[order], starts[order], ends[order], apart[order]
    latest = np.maximum.accumulate(ends + apart)
    first = np.ones(len(owners), bool)
    first[1:] = starts[1:] + apart[1:] > latest[:-1]
    begin = first.nonzero()[0]
    last = np.append(begin[1:], len(owners)) - 1
    return Runs(owners[begin], starts[begin], latest[last] - apart[last])


def beginnings(runs: Runs, length: int, step: int = 1) -> Runs:
    """The minutes of the week at which a meeting of this length may begin: runs on a week that goes round.

    Only every `step` minutes, when runs and length are multiples of it: the last beginning then lasts a step.
    """
    twice = merged(
        np.concatenate([runs.owners, runs.owners]),
        np.concatenate([runs.starts, runs.starts + WEEK]),
        np.concatenate([runs.ends, runs.ends + WEEK]),
    )
    ends = np.minimum(twice.ends - length + step, WEEK)
    some = twice.starts < ends
    return Runs(twice.owners[some], twice.starts[some], ends[some])


class Cut:
    """Mentors' runs as 0 and 1 over the cuts of the week, to be held against mentees' runs.

    Attributes:
        at: where cuts begin, and the end of the week; cut k is [at[k], at[k + 1]).
        there: shape (cuts, mentors), whether a mentor is there in a cut.
    """

    def __init__(self, runs: Runs, mentors: int) -> None:
        self.at = np.unique(np.concatenate([[0, WEEK], runs.starts, runs.ends]))
        cuts = len(self.at) - 1
        change = np.zeros((cuts + 1, mentors), np.int8)
        change[np.searchsorted(self.at, runs.starts), runs.owners] = 1
        change[np.searchsorted(self.at, runs.ends), runs.owners] = -1
        self.there = np.cumsum(change[:-1], axis=0, dtype=np.int8).astype(bool)

    def minutes(
        self, runs: Runs, owners: int, columns: Indices | None = None
    ) -> NDArray[np.float32]:
        """Minutes that each of the owners of these runs has in common with each mentor, shape (owners, mentors)."""
        first = np.searchsorted(self.at, runs.starts, side="right") - 1
        last = np.searchsorted(self.at, runs.ends) - 1
        whole = self._spread(runs.owners, first, last, owners) * np.diff(self.at)
        cells = len(self.at) - 1
        early, late = runs.starts - self.at[first], self.at[last + 1] - runs.ends
        ends = np.concatenate([runs.owners * cells + first, runs.owners * cells + last])
        beyond = np.bincount(ends, np.concatenate([early, late]), minlength=owners * cells)
        return self._product(whole - beyond.reshape(owners, cells), columns)

    def meet(self, runs: Runs, owners: int, columns: Indices | None = None) -> NDArray[np.bool_]:
        """Whether each of the owners of these runs has a minute in common with each mentor."""
        first = np.searchsorted(self.at, runs.starts, side="right") - 1
        last = np.searchsorted(self.at, runs.ends) - 1
        return self._product(self._spread(runs.owners, first, last, owners) > 0, columns) > 0

    def _spread(self, owner: Indices, first: Indices, last: Indices, owners: int) -> Minutes:
        """How many of an owner's runs reach into each cut, shape (owners, cuts)."""
        wide = len(self.at)
        begin = np.bincount(owner * wide + first, minlength=owners * wide)
        begin -= np.bincount(owner * wide + last + 1, minlength=owners * wide)
        return np.cumsum(begin.reshape(owners, wide), axis=1)[:, :-1]

    @cached_property
    def _factor(self) -> NDArray[np.float32] | None:
        """`there` as a factor of a product; None when it is too large to be kept so."""
        return self.there.astype(np.float32) if self.there.size <= CELLS else None

    def _product(self, left: NDArray[np.generic], columns: Indices | None) -> NDArray[np.float32]:
        """What is left of each cut times who is there, shape (owners, mentors)."""
        used = np.flatnonzero(left.any(axis=0))
        whole = len(used) == len(self.there)
        factor = (left if whole else left[:, used]).astype(np.float32)
        if columns is None and (known := self._factor) is not None:
            product = np.empty((len(left), self.there.shape[1]), np.float32)
            return np.matmul(factor, known if whole else known[used], out=product)
        return self._in_pieces(factor, self.there if whole else self.there[used], columns)

    @staticmethod
    def _in_pieces(
        factor: NDArray[np.float32], there: NDArray[np.bool_], columns: Indices | None
    ) -> NDArray[np.float32]:
        """The product for so many columns at a time as may be float32 together."""
        wide = there.shape[1] if columns is None else len(columns)
        product = np.empty((len(factor), wide), np.float32)
        step = max(1, CELLS // max(1, len(there)))
        for begin in range(0, wide, step):
            end = min(begin + step, wide)
            some = there[:, slice(begin, end) if columns is None else columns[begin:end]]
            np.matmul(factor, some.astype(np.float32), out=product[:, begin:end])
        return product
