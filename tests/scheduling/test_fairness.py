"""Fair hours against a clock that is looked at every minute, in every zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduling.fairness import (
    fair_times,
    outside_minutes,
    outside_of,
    shared,
    total,
)
from shared.intervals import MINUTE, covers

ZONES = sorted(available_timezones() - {"localtime"})
FIRST = datetime(2024, 1, 1, tzinfo=UTC)
MINUTES = 7 * 365 * 1440

starts = st.integers(0, MINUTES).map(lambda minute: FIRST + minute * MINUTE)


def by_the_clock(start: datetime, length: int, zone: str) -> int:
    """Look at the local clock at every minute."""
    clock = ZoneInfo(zone)
    hours = [(start + n * MINUTE).astimezone(clock).hour for n in range(length)]
    return sum(not 8 <= hour < 18 for hour in hours)


@settings(max_examples=400)
@given(start=starts, length=st.integers(1, 300), zone=st.sampled_from(ZONES))
def test_minutes_outside_fair_hours_are_those_that_the_local_clock_shows(
    start: datetime, length: int, zone: str
) -> None:
    end = start + length * MINUTE
    assert outside_minutes(start, end, zone) == by_the_clock(start, length, zone)


def test_minutes_outside_fair_hours_are_right_in_every_zone_at_each_end_of_the_day() -> None:
    for zone in ZONES:
        for hour in (7, 17):
            local = datetime(2027, 3, 28, hour, 40, tzinfo=ZoneInfo(zone))
            start = local.astimezone(UTC)
            assert outside_minutes(start, start + 50 * MINUTE, zone) == 20 + 10 * (hour > 12), zone


BY_HAND = [
    ("2026-03-27T07:00", 60, "UTC", 60),
    ("2026-03-27T07:30", 60, "UTC", 30),
    ("2026-03-27T08:00", 600, "UTC", 0),
    ("2026-03-27T17:59", 60, "UTC", 59),
    ("2026-03-27T18:00", 60, "UTC", 60),
    ("2026-03-27T00:00", 1440, "UTC", 840),
    ("2026-03-27T06:30", 60, "Europe/Berlin", 30),
    ("2026-03-30T06:30", 60, "Europe/Berlin", 0),
    ("2026-03-27T02:30", 60, "Asia/Kolkata", 0),
    ("2026-03-27T02:15", 60, "Asia/Kathmandu", 0),
    ("2026-03-27T18:00", 60, "Pacific/Kiritimati", 0),
    ("2026-03-27T19:00", 60, "Pacific/Pago_Pago", 0),
]


@pytest.mark.parametrize("start,length,zone,expected", BY_HAND)
def test_minutes_outside_fair_hours_by_hand(
    start: str, length: int, zone: str, expected: int
) -> None:
    begins = datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert outside_minutes(begins, begins + length * MINUTE, zone) == expected


@given(start=starts, days=st.integers(1, 40), zone=st.sampled_from(ZONES), at=st.data())
def test_fair_times_cover_exactly_the_meetings_with_no_minute_outside(
    start: datetime, days: int, zone: str, at: st.DataObject
) -> None:
    fair = fair_times(zone, start, start + timedelta(days=days))
    first = start + at.draw(st.integers(0, days * 1440 - 90)) * MINUTE
    end = first + at.draw(st.integers(1, 90)) * MINUTE
    assert covers(fair, first, end) == (outside_minutes(first, end, zone) == 0)
    assert outside_of(fair, first, end) == outside_minutes(first, end, zone)


def test_the_one_who_has_borne_less_bears_the_next_meeting() -> None:
    before = total([(60, 0), (30, 15)])
    assert before == (90, 15)
    assert shared(before, (0, 60)) < shared(before, (30, 0))


def test_of_two_meetings_that_leave_the_same_larger_total_the_one_with_the_smaller_sum_is_fairer() -> (
    None
):
    assert shared((60, 0), (0, 30)) < shared((60, 0), (0, 45))
