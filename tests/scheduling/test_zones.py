"""Every zone of the tz database from 2024 to 2030: weekly windows and days, against a grid of minutes.

What runs with the suite looks at every change of every clock and at some weeks of every zone; `make fuzz` looks at every
minute of the seven years in every zone.
"""

from __future__ import annotations

import random
import zoneinfo
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import chain, pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from dateutil import rrule, tz
from dateutil.zoneinfo import get_zonefile_instance
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.events.duration import Duration
from shared.events.people import WeeklyWindow
from shared.events.types import Weekday
from shared.intervals import DAY, MINUTE, WEEK, WEEKDAYS, Interval, local_days, merge, weekly_times
from tests.scheduling.clocks import Grid, minute_of
from tests.scheduling.hours import utc, window

FROM, UNTIL = utc("2024-01-01"), utc("2031-01-01")
DAYS: tuple[Weekday, ...] = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
ZONES = sorted(zoneinfo.available_timezones() - {"localtime"})


class Change(NamedTuple):
    """A clock is set forward or back: `at` it goes from one offset to the other."""

    at: datetime
    before: timedelta
    after: timedelta

    @property
    def walls(self) -> tuple[datetime, datetime]:
        """The local times from which and to which the clock leaps; in between each comes never, or twice."""
        first, last = sorted([self.at + self.before, self.at + self.after])
        return first, last

    def read(self, wall: datetime) -> datetime:
        """RFC 5545, section 3.3.5: up to the end of the gap or the fold the offset before the change counts."""
        return wall - (self.before if wall < self.walls[1] else self.after)


def offset(at: datetime, clock: ZoneInfo) -> timedelta:
    return at.astimezone(clock).utcoffset() or timedelta()


@cache
def changes(zone: str) -> tuple[Change, ...]:
    """Every change of a clock in the seven years; none comes within a week of another."""
    clock = ZoneInfo(zone)
    weeks = [FROM + n * WEEK for n in range((UNTIL - FROM) // WEEK + 1)]
    offsets = [offset(week, clock) for week in weeks]
    pairs = zip(pairwise(weeks), pairwise(offsets), strict=True)
    return tuple(
        Change(_moment(low, high, clock), before, after)
        for (low, high), (before, after) in pairs
        if before != after
    )


def _moment(low: datetime, high: datetime, clock: ZoneInfo) -> datetime:
    before = offset(low, clock)
    while high - low > MINUTE:
        middle = low + (high - low) // MINUTE // 2 * MINUTE
        low, high = (middle, high) if offset(middle, clock) == before else (low, middle)
    return high


def around(change: Change) -> list[list[WeeklyWindow]]:
    """Windows that start before, in and after the gap or the fold, end in it, or span it; together those of a length."""
    first, last = change.walls
    middle = first + (last - first) / 2
    starts = (first - MINUTE, first, middle, last - MINUTE, last, last + MINUTE)
    groups = [[starting(start, lasts) for start in starts] for lasts in (1, 30, 90, 24 * 60)]
    into = [90, 90 + (middle - first) // MINUTE]
    return [*groups, [starting(first - 90 * MINUTE, lasts) for lasts in into]]


def starting(wall: datetime, lasts: int) -> WeeklyWindow:
    return window(WEEKDAYS[wall.weekday()], f"{wall:%H:%M}", f"PT{lasts}M")


def opened(one: WeeklyWindow, change: Change) -> Interval:
    """When a window near a change is open, by hand."""
    midnight = (change.walls[0] - DAY).replace(hour=0, minute=0)
    day = next(day for n in range(4) if falls_on(day := midnight + n * DAY, one))
    hours, minutes = map(int, one.start.split(":"))
    begins = change.read(day.replace(hour=hours, minute=minutes))
    return begins, begins + one.duration.span


def falls_on(day: datetime, one: WeeklyWindow) -> bool:
    return WEEKDAYS[day.weekday()] in one.byday


# -- every change of every clock ----------------------------------------------------------------


def test_the_changes_of_some_clocks_are_those_in_the_books() -> None:
    hour = timedelta(hours=1)
    berlin = changes("Europe/Berlin")
    assert [f"{one.at:%Y-%m-%dT%H}" for one in berlin[:2]] == ["2024-03-31T01", "2024-10-27T01"]
    assert len(berlin) == len(changes("America/New_York")) == 14
    assert {abs(one.after - one.before) for one in changes("Australia/Lord_Howe")} == {hour / 2}
    assert changes("Asia/Tokyo") == ()
    # Morocco leaves its time for Ramadan, twice in 2030
    assert len(changes("Africa/Casablanca")) >= 14
    # Kazakhstan took one zone in 2024
    assert [f"{one.at:%Y-%m-%d}" for one in changes("Asia/Almaty")] == ["2024-02-29"]


def test_a_window_near_any_change_of_any_clock_starts_where_rfc_5545_says_and_keeps_its_length() -> (
    None
):
    seen = 0
    for zone in ZONES:
        for change in changes(zone):
            for windows in around(change):
                wanted = [opened(one, change) for one in windows]
                found = weekly_times(windows, zone, change.at - 4 * DAY, change.at + 3 * DAY)
                assert found == merge(wanted), (zone, change, windows)
                seen += len(windows)
    assert seen > 50_000


def test_windows_near_every_kind_of_change_are_those_of_the_grid() -> None:
    """Zones that change alike at the same instant are looked at once."""
    kinds = {change: zone for zone in ZONES for change in changes(zone)}
    for change, zone in kinds.items():
        start, end = change.at - DAY, change.at + DAY
        grid = Grid(zone, start, end)
        for one in chain(*around(change)):
            found = grid.marked(weekly_times([one], zone, start, end))
            assert np.array_equal(found, grid.opened([one])), (zone, change, one)


def test_the_days_of_every_change_are_as_long_as_the_clock_shows_them() -> None:
    kinds = {change: zone for zone in ZONES for change in changes(zone)}
    for change, zone in kinds.items():
        grid = Grid(zone, change.at - 2 * DAY, change.at + 2 * DAY)
        for wall in change.walls:
            day = wall.date()
            found = grid.marked(local_days([day], zone))
            assert np.array_equal(found, grid.on([day])), (zone, change, day)


# -- every zone ---------------------------------------------------------------------------------


def some_windows(chance: random.Random) -> list[WeeklyWindow]:
    return [
        WeeklyWindow(
            byday=tuple(chance.sample(DAYS, chance.randint(1, 7))),
            start=f"{chance.randrange(24):02}:{chance.randrange(60):02}",
            duration=Duration(clock=chance.randint(1, 24 * 60)),
        )
        for _ in range(chance.randint(1, 4))
    ]


def agree(zone: str, windows: list[WeeklyWindow], start: datetime, end: datetime) -> bool:
    grid = Grid(zone, start, end)
    found = weekly_times(windows, zone, start, end)
    tidy = all(a[1] < b[0] for a, b in pairwise(found)) and all(a < b for a, b in found)
    return tidy and np.array_equal(grid.marked(found), grid.opened(windows))


def test_in_every_zone_weekly_times_are_those_of_the_grid() -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for zone in ZONES:
        start = FROM + chance.randrange(minute_of(UNTIL) - minute_of(FROM)) * MINUTE
        windows = some_windows(chance)
        end = start + chance.randint(1, 14 * 24 * 60) * MINUTE
        assert agree(zone, windows, start, end), (seed, zone, windows, start, end)


@pytest.mark.parametrize("year", range(2024, 2031))
def test_at_the_turn_of_the_year_weekly_times_are_those_of_the_grid(year: int) -> None:
    windows = [window("SU MO TU WE TH FR SA", "20:30", "PT7H")]
    turn = datetime(year, 1, 1, tzinfo=UTC)
    for zone in ZONES[year % 7 :: 7]:
        assert agree(zone, windows, turn - DAY, turn + DAY), zone


@pytest.mark.fuzz
@pytest.mark.timeout(3600)
def test_every_minute_of_seven_years_in_every_zone_is_that_of_the_grid() -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for zone in ZONES:
        windows = some_windows(chance)
        assert agree(zone, windows, FROM, UNTIL), (seed, zone, windows)


# -- another implementation ---------------------------------------------------------------------

# Zones whose rules have stood for years: the package brings a tz database of its own, which may be older.
STEADY = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney", "UTC")


def expanded(one: WeeklyWindow, zone: str, start: datetime, end: datetime) -> list[Interval]:
    """The starts of a window by the recurrence rules and the zones of dateutil."""
    clock = get_zonefile_instance().get(zone) if zone != "UTC" else tz.UTC
    first = datetime.combine(start.date() - 3 * DAY, datetime.min.time())
    hours, minutes = map(int, one.start.split(":"))
    rule = rrule.rrule(
        rrule.WEEKLY,
        dtstart=first.replace(hour=hours, minute=minutes),
        byweekday=[WEEKDAYS.index(day) for day in one.byday],
        until=end.replace(tzinfo=None) + 3 * DAY,
    )
    starts = (tz.resolve_imaginary(wall.replace(tzinfo=clock)).astimezone(UTC) for wall in rule)
    return [(begins, begins + one.duration.span) for begins in starts]


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(STEADY),
    day=st.dates(date(2024, 1, 10), date(2030, 12, 1)),
    byday=st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=7, unique=True),
    start=st.times().map(lambda time: f"{time:%H:%M}"),
    lasts=st.integers(1, 24 * 60 - 61),
)
def test_weekly_times_are_those_of_the_recurrence_rules_of_another_implementation(
    zone: str, day: date, byday: list[str], start: str, lasts: int
) -> None:
    one = window(" ".join(byday), start, f"PT{lasts}M")
    begin = datetime.combine(day, datetime.min.time(), UTC)
    end = begin + 30 * DAY
    within = [each for each in expanded(one, zone, begin, end) if begin < each[0] < end - DAY]
    found = weekly_times([one], zone, begin, end)
    assert [each for each in found if begin < each[0] < end - DAY] == within
