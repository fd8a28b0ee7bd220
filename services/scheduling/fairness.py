"""Fair hours: how much of a meeting lies outside 08:00 to 18:00 on a person's own clock, and how two share it.

A day's fair hours go from the instant of 08:00 to that of 18:00 in the person's zone (RFC 5545 readings, as everywhere).
No zone of the tz database changes its clock between the two in 2024 to 2030, so they are ten hours long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from shared.intervals import DAY, MINUTE, Interval, clip

FAIR = (time(8), time(18))
"""From when to when of a day a meeting asks nothing special of anybody."""

Burden = tuple[int, int]
"""Minutes outside fair hours: the mentee's and the mentor's."""


def outside_minutes(start: datetime, end: datetime, zone: str) -> int:
    """Return how many whole minutes of [start, end) lie outside fair hours in `zone`."""
    return outside_of(fair_times(zone, start, end), start, end)


def outside_of(fair: Sequence[Interval], start: datetime, end: datetime) -> int:
    """Return how many whole minutes of [start, end) lie outside a tidy list of fair hours."""
    left = end - start
    for opens, closes in clip(fair, start, end):
        left -= closes - opens
    return left // MINUTE


def outsides(
    fair: Sequence[Interval], starts: Iterable[datetime], length: timedelta
) -> Iterator[int]:
    """Yield the same for meetings of one length, in the order of their starts, in one pass through the hours."""
    at, end_of_all = 0, len(fair)
    for start in starts:
        end, left = start + length, length
        while at < end_of_all and fair[at][1] <= start:
            at += 1
        one = at
        while one < end_of_all and fair[one][0] < end:
            left -= min(end, fair[one][1]) - max(start, fair[one][0])
            one += 1
        yield left // MINUTE


def fair_times(zone: str, start: datetime, end: datetime) -> list[Interval]:
    """Return the fair hours of `zone` within [start, end), in UTC; tidy."""
    years = range((start - DAY).year, (end + DAY).year + 1)
    return clip([day for year in years for day in _fair_days(year, zone)], start, end)


@lru_cache(maxsize=512)
def _fair_days(year: int, zone: str) -> tuple[Interval, ...]:
    clock, first = ZoneInfo(zone), date(year, 1, 1)
    days = (first + n * DAY for n in range((date(year + 1, 1, 1) - first).days))
    return tuple((_instant(day, FAIR[0], clock), _instant(day, FAIR[1], clock)) for day in days)


def _instant(day: date, local: time, clock: ZoneInfo) -> datetime:
    return datetime.combine(day, local, clock).astimezone(UTC)


def shared(before: Burden, now: Burden) -> tuple[int, int]:
    """Return how unfair a meeting leaves a pair, less being better: the larger total of the two, then their sum."""
    mentee, mentor = before[0] + now[0], before[1] + now[1]
    return max(mentee, mentor), mentee + mentor


def total(burdens: Sequence[Burden]) -> Burden:
    """Add up what some meetings ask of each side."""
    return sum(one[0] for one in burdens), sum(one[1] for one in burdens)
