"""Intervals against hand-written tables and against a grid that looks at every minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.events.duration import Duration
from shared.events.people import WeeklyWindow
from shared.intervals import (
    WEEKDAYS,
    Interval,
    clip,
    covers,
    intersect,
    local_days,
    merge,
    minutes,
    subtract,
    unite,
    weekly_times,
)

MINUTE = timedelta(minutes=1)


def window(days: str, start: str, duration: str) -> WeeklyWindow:
    return WeeklyWindow.model_validate(
        {"byday": days.split(), "start": start, "duration": duration}
    )


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def span(text: str) -> Interval:
    start, end = text.split("/")
    return utc(start), utc(end)


DAILY = " ".join(WEEKDAYS)

TRANSITIONS = [
    # an ordinary day, then the same window across each kind of change
    ("Europe/Berlin", "2026-01-14", "09:00", "PT1H", "2026-01-14T08:00/2026-01-14T09:00"),
    ("Europe/Berlin", "2026-07-14", "09:00", "PT1H", "2026-07-14T07:00/2026-07-14T08:00"),
    ("Europe/Berlin", "2026-03-29", "02:30", "PT1H", "2026-03-29T01:30/2026-03-29T02:30"),
    ("Europe/Berlin", "2026-03-29", "00:00", "PT6H", "2026-03-28T23:00/2026-03-29T05:00"),
    ("Europe/Berlin", "2026-10-25", "02:30", "PT1H", "2026-10-25T00:30/2026-10-25T01:30"),
    ("Europe/Berlin", "2026-10-25", "00:00", "PT24H", "2026-10-24T22:00/2026-10-25T22:00"),
    ("America/New_York", "2026-03-08", "02:00", "PT1H", "2026-03-08T07:00/2026-03-08T08:00"),
    ("America/New_York", "2026-11-01", "01:30", "PT1H", "2026-11-01T05:30/2026-11-01T06:30"),
    # a change of half an hour, and midnight leapt over
    ("Australia/Lord_Howe", "2026-10-04", "02:15", "PT1H", "2026-10-03T15:45/2026-10-03T16:45"),
    ("Africa/Cairo", "2026-04-24", "00:00", "PT1H", "2026-04-23T22:00/2026-04-23T23:00"),
    # offsets of quarters of an hour, and both sides of the date line
    ("Asia/Kathmandu", "2026-06-01", "06:00", "PT1H", "2026-06-01T00:15/2026-06-01T01:15"),
    ("Pacific/Kiritimati", "2026-06-01", "08:00", "PT1H", "2026-05-31T18:00/2026-05-31T19:00"),
    ("Pacific/Pago_Pago", "2026-06-01", "08:00", "PT1H", "2026-06-01T19:00/2026-06-01T20:00"),
    # the turn of the year
    ("Asia/Tokyo", "2026-12-31", "23:30", "PT1H", "2026-12-31T14:30/2026-12-31T15:30"),
]


@pytest.mark.parametrize("zone,day,start,duration,expected", TRANSITIONS)
def test_a_window_keeps_its_local_time_across_clock_changes(
    zone: str, day: str, start: str, duration: str, expected: str
) -> None:
    weekday = WEEKDAYS[date.fromisoformat(day).weekday()]
    opened, closed = span(expected)
    found = weekly_times(
        [window(weekday, start, duration)],
        zone,
        opened - timedelta(days=1),
        closed + timedelta(days=1),
    )
    assert found == [(opened, closed)]


LENGTHS = [
    ("Europe/Berlin", "2026-03-29", 23),
    ("Europe/Berlin", "2026-10-25", 25),
    ("Europe/Berlin", "2026-05-05", 24),
    ("Australia/Lord_Howe", "2026-10-04", 23.5),
    ("Africa/Cairo", "2026-04-24", 23),
    ("Pacific/Apia", "2011-12-30", 0),
]


@pytest.mark.parametrize("zone,day,hours", LENGTHS)
def test_a_local_day_is_as_long_as_its_clock_makes_it(zone: str, day: str, hours: float) -> None:
    assert minutes(local_days([date.fromisoformat(day)], zone)) == hours * 60


def test_windows_that_touch_or_overlap_are_joined() -> None:
    windows = [
        window("MO", "09:00", "PT1H"),
        window("MO", "10:00", "PT2H"),
        window("MO", "11:00", "PT30M"),
    ]
    found = weekly_times(windows, "UTC", utc("2026-06-01"), utc("2026-06-02"))
    assert found == [span("2026-06-01T09:00/2026-06-01T12:00")]


def test_a_window_past_midnight_reaches_into_the_range_that_begins_after_it() -> None:
    found = weekly_times(
        [window("SU", "23:00", "PT4H")], "UTC", utc("2026-06-01"), utc("2026-06-02")
    )
    assert found == [span("2026-06-01T00:00/2026-06-01T03:00")]


def test_an_empty_range_holds_nothing() -> None:
    at = utc("2026-06-01")
    assert weekly_times([window(DAILY, "00:00", "PT24H")], "UTC", at, at) == []


# -- against a grid of minutes --

ORIGIN = utc("2026-01-01")
ticks = st.integers(0, 60)
grids = st.lists(st.tuples(ticks, ticks), max_size=8)


def at(tick: int) -> datetime:
    return ORIGIN + tick * MINUTE


def intervals(pairs: list[tuple[int, int]]) -> list[Interval]:
    return merge((at(a), at(b)) for a, b in pairs)


def grid(pairs: list[tuple[int, int]]) -> set[int]:
    return {tick for a, b in pairs for tick in range(a, b)}


def ticks_of(found: list[Interval]) -> set[int]:
    return {
        tick
        for start, end in found
        for tick in range((start - ORIGIN) // MINUTE, (end - ORIGIN) // MINUTE)
    }


def is_tidy(found: list[Interval]) -> bool:
    return all(s < e for s, e in found) and all(a[1] < b[0] for a, b in pairwise(found))


@given(left=grids, right=grids)
def test_the_algebra_is_that_of_sets_of_minutes(
    left: list[tuple[int, int]], right: list[tuple[int, int]]
) -> None:
    a, b = intervals(left), intervals(right)
    assert ticks_of(a) == grid(left)
    assert ticks_of(unite(a, b)) == grid(left) | grid(right)
    assert ticks_of(intersect(a, b)) == grid(left) & grid(right)
    assert ticks_of(subtract(a, b)) == grid(left) - grid(right)
    assert minutes(a) == len(grid(left))
    assert all(map(is_tidy, (a, unite(a, b), intersect(a, b), subtract(a, b))))


@given(pairs=grids, start=ticks, length=st.integers(1, 20))
def test_covers_means_that_every_minute_is_there(
    pairs: list[tuple[int, int]], start: int, length: int
) -> None:
    wanted = set(range(start, start + length))
    assert covers(intervals(pairs), at(start), at(start + length)) == (wanted <= grid(pairs))


@given(pairs=grids, start=ticks, end=ticks)
def test_clip_keeps_what_lies_within(pairs: list[tuple[int, int]], start: int, end: int) -> None:
    assert ticks_of(clip(intervals(pairs), at(start), at(end))) == grid(pairs) & set(
        range(start, end)
    )


def first_minute_of(local: datetime, walls: dict[datetime, datetime]) -> datetime:
    """RFC 5545, looked up: the first minute whose wall clock shows `local`, else counted on from before the leap."""
    if local in walls:
        return walls[local]
    before = local
    while before not in walls:
        before -= MINUTE
    return walls[before] + (local - before)


def brute_force(
    windows: list[WeeklyWindow], zone: str, start: datetime, end: datetime
) -> set[datetime]:
    clock, walls = ZoneInfo(zone), dict[datetime, datetime]()
    minute = start - timedelta(days=4)
    while minute < end + timedelta(days=4):
        walls.setdefault(minute.astimezone(clock).replace(tzinfo=None, fold=0), minute)
        minute += MINUTE
    opened: set[datetime] = set()
    for n in range(-2, (end - start).days + 4):
        day = start.astimezone(clock).date() + timedelta(days=n)
        for one in windows:
            if WEEKDAYS[day.weekday()] in one.byday:
                begins = first_minute_of(datetime.fromisoformat(f"{day}T{one.start}"), walls)
                opened |= {begins + n * MINUTE for n in range(one.duration.minutes)}
    return {minute for minute in opened if start <= minute < end}


CHANGES = [
    ("Europe/Berlin", "2026-03-28"),
    ("Europe/Berlin", "2026-10-24"),
    ("America/New_York", "2026-03-07"),
    ("America/St_Johns", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-04-04"),
    ("Africa/Cairo", "2026-04-23"),
    ("Africa/Casablanca", "2026-02-14"),
    ("Asia/Kathmandu", "2026-12-31"),
    ("Pacific/Chatham", "2026-09-26"),
    ("Pacific/Apia", "2011-12-29"),
]

weekly_windows = st.lists(
    st.builds(
        WeeklyWindow,
        byday=st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=7, unique=True).map(tuple),
        start=st.times().map(lambda t: t.strftime("%H:%M")),
        duration=st.integers(1, 24 * 60).map(lambda m: Duration(clock=m)),
    ),
    max_size=4,
)


@settings(max_examples=40, deadline=None)
@given(place=st.sampled_from(CHANGES), windows=weekly_windows, hours=st.integers(1, 60))
def test_weekly_times_are_those_of_a_grid_around_clock_changes(
    place: tuple[str, str], windows: list[WeeklyWindow], hours: int
) -> None:
    zone, day = place
    start = utc(day)
    end = start + timedelta(hours=hours)
    found = weekly_times(windows, zone, start, end)
    grid_minutes = {s + n * MINUTE for s, e in found for n in range((e - s) // MINUTE)}
    assert is_tidy(found)
    assert grid_minutes == brute_force(windows, zone, start, end)
