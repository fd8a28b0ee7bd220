"""Time as sorted half-open intervals in UTC: what people state as weekly windows, made comparable.

An interval is a pair of aware instants in UTC, its start included and its end excluded. A list of intervals is
*tidy* when it is sorted, nothing in it is empty, and no two touch. Everything here returns tidy lists and
takes time linear in what it is given, or a logarithm more: to sort what is sorted already costs next to nothing.

A local time is read as RFC 5545 (section 3.3.5) says: one that does not exist, because the clock leapt over it,
is taken at the offset before the leap; of one that comes twice, the first is meant. A window starts at a local time
and lasts exact minutes, so a nightly window of six hours is six hours long in the night of a change too.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from operator import itemgetter
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
MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
"""Of a week that is like every other."""
DAYS = tuple(MONDAY + n * DAY for n in range(8))
"""From that Monday to the next."""

_start, _end = itemgetter(0), itemgetter(1)


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


def unite(left: Sequence[Interval], right: Sequence[Interval]) -> list[Interval]:
    """Return the time that is in either of two tidy lists."""
    if not (left and right):
        return list(left or right)
    # Only what lies between the first and the last of the right can change.
    first = bisect_left(left, right[0][0], key=_end)
    last = bisect_right(left, right[-1][1], lo=first, key=_start)
    return [*left[:first], *merge([*left[first:last], *right]), *left[last:]]


def intersect(left: Sequence[Interval], right: Sequence[Interval]) -> list[Interval]:
    """Return the time that is in both tidy lists."""
    if not (left and right):
        return []
    # What lies before the other list's beginning is passed over at once.
    i, j = bisect_right(left, right[0][0], key=_end), bisect_right(right, left[0][0], key=_end)
    common, end_left, end_right = list[Interval](), len(left), len(right)
    while i < end_left and j < end_right:
        (start, end), (begins, ends) = left[i], right[j]
        if end <= begins:
            i += 1
        elif ends <= start:
            j += 1
        else:
            common.append((max(start, begins), min(end, ends)))
            i, j = (i + 1, j) if end <= ends else (i, j + 1)
    return common


def subtract(whole: Sequence[Interval], taken: Sequence[Interval]) -> list[Interval]:
    """Return the time of the first tidy list that is not in the second.

    What is taken is usually little: each piece is looked up, and what lies between two is kept as it is.
    """
    rest, kept, at = list(whole), list[Interval](), 0
    for begins, ends in taken:
        first = bisect_right(rest, begins, lo=at, key=_end)
        last = bisect_left(rest, ends, lo=first, key=_start)
        kept += rest[at:first]
        at = last
        if first < last:
            start, end = rest[first][0], rest[last - 1][1]
            if start < begins:
                kept.append((start, begins))
            if ends < end:
                at = last - 1
                rest[at] = (ends, end)
    return kept + rest[at:]


def clip(intervals: Sequence[Interval], start: datetime, end: datetime) -> list[Interval]:
    """Return the part of a tidy list that lies within [start, end)."""
    if start >= end:
        return []
    first = bisect_right(intervals, start, key=_end)
    last = bisect_left(intervals, end, lo=first, key=_start)
    within = list(intervals[first:last])
    if within:
        # Only the outermost two can reach beyond.
        within[0] = (max(within[0][0], start), within[0][1])
        within[-1] = (within[-1][0], min(within[-1][1], end))
    return within


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
        (_instant(_midnight(day), clock), _instant(_midnight(day + DAY), clock)) for day in days
    )


def weekly_times(
    windows: Sequence[WeeklyWindow], zone: str, start: datetime, end: datetime
) -> list[Interval]:
    """Return when weekly windows are open within [start, end), in UTC.

    Most weeks are the same week at another time; only where the clock changes is every window looked at.
    """
    clock, week = ZoneInfo(zone), list(_week(windows))
    joined = merge(week)
    first, last = _wall(start, clock) - MARGIN, _wall(end, clock) + DAY
    monday = _midnight(first.date()) - first.weekday() * DAY
    opened, tidy = list[Interval](), True
    while monday <= last:
        offset = _steady_offset(monday, clock)
        if offset is None:
            times = merge(_one_by_one(week, monday, clock))
        else:
            shift = monday - MONDAY - offset
            times = [(begins + shift, ends + shift) for begins, ends in joined]
        tidy = tidy and not (opened and times and times[0][0] <= opened[-1][1])
        opened += times
        monday += WEEK
    return clip(opened if tidy else merge(opened), start, end)


def _week(windows: Iterable[WeeklyWindow]) -> Iterator[Interval]:
    """Yield when windows are open in the week of `MONDAY`, on a clock that never changes."""
    for window in windows:
        hours, minutes = window.start.split(":")
        start, lasts = timedelta(hours=int(hours), minutes=int(minutes)), window.duration.span
        for weekday in window.byday:
            begins = DAYS[WEEKDAYS.index(weekday)] + start
            yield begins, begins + lasts


@lru_cache(maxsize=2**15)
def _steady_offset(monday: datetime, clock: ZoneInfo) -> timedelta | None:
    """Return how far the clock is ahead of UTC in the week from a local Monday on; None when that changes.

    It is asked for at each midnight: no clock has ever been changed and changed back within a day.
    """
    offsets = {clock.utcoffset(monday + (day - MONDAY)) for day in DAYS}
    return offsets.pop() if len(offsets) == 1 else None


def _one_by_one(week: Iterable[Interval], monday: datetime, clock: ZoneInfo) -> Iterator[Interval]:
    """Yield the windows of a week in which the clock changes: each starts by the clock and keeps its length."""
    for begins, ends in week:
        start = _instant(begins + (monday - MONDAY), clock)
        yield start, start + (ends - begins)


def _midnight(day: date) -> datetime:
    """Return what a wall clock shows when a day begins; see `_instant` for its zone."""
    return datetime.combine(day, time.min, UTC)


def _wall(instant: datetime, clock: ZoneInfo) -> datetime:
    """Return what the clock shows at an instant; see `_instant` for its zone."""
    return instant.astimezone(clock).replace(tzinfo=UTC, fold=0)


def _instant(wall: datetime, clock: ZoneInfo) -> datetime:
    """Return when the clock shows the fields of `wall`, whose own zone (UTC) says nothing.

    What is read from a gap and from a fold is what RFC 5545 asks for: `fold=0` of zoneinfo (PEP 495). To ask for the
    offset alone takes a fifth of the time of attaching the clock and converting.
    """
    return wall - (clock.utcoffset(wall) or NO_TIME)
