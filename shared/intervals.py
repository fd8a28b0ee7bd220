"""Time as sorted half-open intervals in UTC: what people state as weekly windows, made comparable.

An interval is a pair of aware instants in UTC, its start included and its end excluded. A list of intervals is
*tidy* when it is sorted, nothing in it is empty, and no two touch. Everything here returns tidy lists and
takes time linear in what it is given (after sorting).

A local time is read as RFC 5545 (section 3.3.5) says: one that does not exist, because the clock leapt over it,
is taken at the offset before the leap; of one that comes twice, the first is meant. A window starts at a local time
and lasts exact minutes, so a nightly window of six hours is six hours long in the night of a change too.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from operator import itemgetter
from typing import Protocol
from zoneinfo import ZoneInfo

from shared.events.people import WeeklyWindow

Interval = tuple[datetime, datetime]

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
NO_TIME = timedelta()
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
# A window lasts a day at most, and no zone has ever leapt by more than one (the date line): a window that reaches
# into a range starts on a local day no further from it than this.
MARGIN = 2 * DAY

_start, _end = itemgetter(0), itemgetter(1)


class Week(Protocol):
    """What a person states about an ordinary week: the part of `available` that does not change."""

    @property
    def zone(self) -> str:
        """The IANA zone of the windows."""

    @property
    def weekly(self) -> Sequence[WeeklyWindow]:
        """Windows on the clock of `zone`."""


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the same time as a tidy list: sorted, without empty intervals, joined where they touch."""
    tidy: list[Interval] = []
    for start, end in sorted(intervals):
        if start >= end:
            continue
        if tidy and start <= tidy[-1][1]:
            if end > tidy[-1][1]:
                tidy[-1] = (tidy[-1][0], end)
        else:
            tidy.append((start, end))
    return tidy


def intersect(left: Sequence[Interval], right: Sequence[Interval]) -> list[Interval]:
    """Return the time that is in both tidy lists."""
    common: list[Interval] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start < end:
            common.append((start, end))
        if left[i][1] <= right[j][1]:
            i += 1
        else:
            j += 1
    return common


def subtract(whole: Sequence[Interval], taken: Sequence[Interval]) -> list[Interval]:
    """Return the time of the first tidy list that is not in the second."""
    if not taken:
        return list(whole)
    # Only what lies between the first and the last taken interval can change.
    first = bisect_right(whole, taken[0][0], key=_end)
    last = bisect_left(whole, taken[-1][1], lo=first, key=_start)
    return [*whole[:first], *_cut(whole[first:last], taken), *whole[last:]]


def _cut(whole: Iterable[Interval], taken: Sequence[Interval]) -> Iterator[Interval]:
    j = 0
    for start, end in whole:
        at = start
        while j < len(taken) and taken[j][1] <= at:
            j += 1
        k = j
        while k < len(taken) and taken[k][0] < end:
            if at < taken[k][0]:
                yield at, taken[k][0]
            at = max(at, taken[k][1])
            k += 1
        if at < end:
            yield at, end


def clip(intervals: Sequence[Interval], start: datetime, end: datetime) -> list[Interval]:
    """Return the part of a tidy list that lies within [start, end)."""
    if start >= end:
        return []
    first = bisect_right(intervals, start, key=_end)
    last = bisect_left(intervals, end, lo=first, key=_start)
    return [(max(a, start), min(b, end)) for a, b in intervals[first:last]]


def covers(intervals: Sequence[Interval], start: datetime, end: datetime) -> bool:
    """Say whether [start, end) lies whole within one interval of a tidy list."""
    place = bisect_right(intervals, start, key=_start) - 1
    return place >= 0 and end <= intervals[place][1]


def minutes(intervals: Iterable[Interval]) -> int:
    """Return how many whole minutes a tidy list lasts."""
    whole = NO_TIME
    for start, end in intervals:
        whole += end - start
    return whole // MINUTE


def local_days(days: Iterable[date], zone: str) -> list[Interval]:
    """Return whole days of `zone`, from midnight to midnight: 23, 24 or 25 hours, or another length."""
    clock = ZoneInfo(zone)
    return merge(
        (_instant(day, time.min, clock), _instant(day + DAY, time.min, clock)) for day in days
    )


def weekly_times(
    windows: Sequence[WeeklyWindow], zone: str, start: datetime, end: datetime
) -> list[Interval]:
    """Return when weekly windows are open within [start, end), in UTC."""
    clock = ZoneInfo(zone)
    by_weekday = _by_weekday(windows)
    first = (start.astimezone(clock) - MARGIN).date()
    last = (end.astimezone(clock) + DAY).date()
    opened = (
        (begins := _instant(day, local, clock), begins + lasts)
        for day in (first + n * DAY for n in range((last - first).days + 1))
        for local, lasts in by_weekday[day.weekday()]
    )
    return clip(merge(opened), start, end)


def weekly_overlap(a: Week, b: Week, at: datetime) -> int:
    """Return how many minutes of an ordinary week two persons have in common.

    The week is the seven days from the midnight (UTC) before `at`: it fixes how far apart the two clocks are,
    which changes in the weeks when one zone is on summer time and the other is not.
    """
    return minutes(intersect(week_times(a, at), week_times(b, at)))


def week_times(person: Week, at: datetime) -> list[Interval]:
    """Return a person's windows in the seven days from the midnight (UTC) before `at`."""
    start = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return weekly_times(person.weekly, person.zone, start, start + WEEK)


def _by_weekday(windows: Sequence[WeeklyWindow]) -> list[list[tuple[time, timedelta]]]:
    table: list[list[tuple[time, timedelta]]] = [[] for _ in WEEKDAYS]
    for window in windows:
        for weekday in window.byday:
            table[WEEKDAYS.index(weekday)].append(
                (time.fromisoformat(window.start), window.duration.span)
            )
    return table


def _instant(day: date, local: time, clock: ZoneInfo) -> datetime:
    """Read a local time as RFC 5545 does: exactly what `fold=0` means to zoneinfo (PEP 495)."""
    return datetime.combine(day, local, clock).astimezone(UTC)
