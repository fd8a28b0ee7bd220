"""The calendar's craft: periods of a cadence, calendar weeks, public holidays, quarter hours."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays
from dateutil.rrule import rrulestr

from shared.intervals import DAY, MINUTE, Interval, clip, local_days, merge

QUARTER = timedelta(minutes=15)
SHORTEST_MONTH = 28
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def midnight(day: date, zone: str) -> datetime:
    """Return when a day begins on the clock of `zone`, in UTC."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)


def local_day(instant: datetime, zone: str) -> date:
    """Return the day that an instant falls on in `zone`."""
    return instant.astimezone(ZoneInfo(zone)).date()


def calendar_week(instant: datetime, zone: str) -> date:
    """Return the Monday (ISO 8601) of the week that an instant falls in."""
    day = local_day(instant, zone)
    return day - timedelta(days=day.weekday())


def week_interval(monday: date, zone: str) -> Interval:
    """Return a calendar week of `zone` as an interval."""
    return days_interval(monday, monday + timedelta(days=6), zone)


def days_interval(first: date, last: date, zone: str) -> Interval:
    """Return the time from the beginning of one day of `zone` to the end of another."""
    return midnight(first, zone), midnight(last + DAY, zone)


def shifted(instant: datetime, days: int, zone: str) -> datetime:
    """Return the same time of day so many days later on the clock of `zone`."""
    return (instant.astimezone(ZoneInfo(zone)) + timedelta(days=days)).astimezone(UTC)


def up_to_minute(instant: datetime) -> datetime:
    """Return the next full minute."""
    return down_to_minute(instant + MINUTE - timedelta(microseconds=1))


def down_to_minute(instant: datetime) -> datetime:
    """Return the last full minute; every clock of today shows the same one."""
    return instant.replace(second=0, microsecond=0)


def up_to_quarter(instant: datetime) -> datetime:
    """Return the next full quarter of an hour; today's zones all lie whole quarters from UTC."""
    return down_to_quarter(instant + QUARTER - timedelta(microseconds=1))


def down_to_quarter(instant: datetime) -> datetime:
    """Return the last full quarter of an hour."""
    return instant - (instant - EPOCH) % QUARTER


def periods(cadence: str, anchor: datetime, count: int, zone: str, end: datetime) -> list[Interval]:
    """Return the first `count` periods of a cadence: from each of its days to the next.

    The cadence (RFC 5545) is counted from the day of `anchor` in `zone`. Only periods that begin before `end`
    are returned, so there may be fewer.
    """
    days = _cadence_days(cadence, local_day(anchor, zone), count + 1, local_day(end, zone))
    starts = [midnight(day, zone) for day in days]
    return [(a, b) for a, b in pairwise(starts) if a < end]


@lru_cache(maxsize=4096)
def _cadence_days(cadence: str, first: date, count: int, last: date) -> tuple[date, ...]:
    if "DAY" not in cadence.partition(";")[2] and cadence.startswith(
        ("FREQ=MONTHLY", "FREQ=YEARLY")
    ):
        # Counted from a 31st, a monthly rule would skip every shorter month.
        first = first.replace(day=min(first.day, SHORTEST_MONTH))
    days: list[date] = []
    for instant in rrulestr(cadence, dtstart=datetime.combine(first, time.min)):
        days.append(instant.date())
        if len(days) == count or days[-1] > last:
            break
    return tuple(days)


def public_holidays(
    regions: Iterable[str], zone: str, start: datetime, end: datetime
) -> list[Interval]:
    """Return the public holidays of some regions (ISO 3166-1 or 3166-2) within [start, end): whole days of `zone`.

    A region that `holidays` does not know has none.
    """
    years = range((start - DAY).year, (end + DAY).year + 1)
    days = (day for region in regions for year in years for day in _closed(region, year, zone))
    return clip(merge(days), start, end)


@lru_cache(maxsize=4096)
def _closed(region: str, year: int, zone: str) -> tuple[Interval, ...]:
    return tuple(local_days(_holidays(region, year), zone))


@lru_cache(maxsize=4096)
def _holidays(region: str, year: int) -> frozenset[date]:
    country, _, subdivision = region.partition("-")
    try:
        return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=year))
    except NotImplementedError:
        return _holidays(country, year) if subdivision else frozenset()
