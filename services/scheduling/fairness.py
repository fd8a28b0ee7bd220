"""Fair hours: how much of a meeting lies outside 08:00 to 18:00 on a person's own clock, and how two share it.

A day's fair hours go from the instant of 08:00 to that of 18:00 in the person's zone (RFC 5545 readings, as everywhere).
No zone of the tz database changes its clock between the two in 2024 to 2030, so they are ten hours long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.scheduling.calendar import local_day
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
    first, last = local_day(start, zone), local_day(end, zone)
    days = [_fair_day(first + n * DAY, zone) for n in range((last - first).days + 1)]
    return clip(days, start, end)


@lru_cache(maxsize=32_768)
def _fair_day(day: date, zone: str) -> Interval:
    clock = ZoneInfo(zone)
    opens, closes = (datetime.combine(day, each, clock).astimezone(UTC) for each in FAIR)
    return opens, closes


def shared(before: Burden, now: Burden) -> tuple[int, int]:
    """Return how unfair a meeting leaves a pair, less being better: the larger total of the two, then their sum."""
    mentee, mentor = before[0] + now[0], before[1] + now[1]
    return max(mentee, mentor), mentee + mentor


def total(burdens: Sequence[Burden]) -> Burden:
    """Add up what some meetings ask of each side."""
    return sum(one[0] for one in burdens), sum(one[1] for one in burdens)
