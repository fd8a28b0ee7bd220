"""The calendar's craft against hand-written tables."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduling.calendar import (
    calendar_week,
    down_to_quarter,
    periods,
    public_holidays,
    shifted,
    up_to_quarter,
    week_interval,
)

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


CADENCES = [
    ("FREQ=WEEKLY", ["03-02", "03-09", "03-16"]),
    ("FREQ=WEEKLY;INTERVAL=2", ["03-02", "03-16", "03-30"]),
    ("FREQ=WEEKLY;BYDAY=WE", ["03-04", "03-11", "03-18"]),
    ("FREQ=DAILY;INTERVAL=10", ["03-02", "03-12", "03-22"]),
    ("FREQ=MONTHLY", ["03-02", "04-02", "05-02"]),
    ("FREQ=MONTHLY;BYDAY=1MO", ["03-02", "04-06", "05-04"]),
    ("FREQ=MONTHLY;BYMONTHDAY=-1", ["03-31", "04-30", "05-31"]),
]


@pytest.mark.parametrize("cadence,days", CADENCES)
def test_a_cadence_divides_the_time_into_periods(cadence: str, days: list[str]) -> None:
    found = periods(cadence, MONDAY, 3, "UTC", MONDAY + timedelta(days=365))
    assert [f"{start:%m-%d}" for start, _ in found] == days
    assert all(a[1] == b[0] for a, b in pairwise(found))


def test_a_monthly_cadence_from_a_31st_leaves_no_month_out() -> None:
    found = periods("FREQ=MONTHLY", utc("2026-01-31"), 3, "UTC", utc("2026-12-31"))
    assert [f"{start:%m-%d}" for start, _ in found] == ["01-28", "02-28", "03-28"]


def test_periods_begin_at_local_midnight_on_both_sides_of_summer_time() -> None:
    found = periods("FREQ=WEEKLY", utc("2026-03-24"), 2, "Europe/Berlin", utc("2026-04-12"))
    assert [f"{start:%m-%dT%H:%M}" for start, _ in found] == ["03-23T23:00", "03-30T22:00"]


def test_periods_are_counted_from_the_local_day_on_both_sides_of_the_date_line() -> None:
    anchor, end = utc("2026-03-02T10:30"), utc("2026-12-31")
    first = {
        zone: periods("FREQ=WEEKLY", anchor, 1, zone, end)[0][0]
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago")
    }
    assert first["Pacific/Kiritimati"] == utc("2026-03-02T10:00")  # the 3rd of March has begun
    assert first["Pacific/Pago_Pago"] == utc("2026-03-01T11:00")  # it is still the 1st


def test_no_period_begins_after_the_end() -> None:
    assert len(periods("FREQ=WEEKLY", MONDAY, 9, "UTC", utc("2026-03-17"))) == 3


@given(minute=st.integers(0, 10_000), micro=st.integers(0, 59_999_999))
def test_quarters_bracket_every_instant(minute: int, micro: int) -> None:
    instant = MONDAY + timedelta(minutes=minute, microseconds=micro)
    down, up = down_to_quarter(instant), up_to_quarter(instant)
    assert down <= instant <= up
    assert up - down in {timedelta(0), timedelta(minutes=15)}
    assert down.minute % 15 == up.minute % 15 == 0


def test_a_calendar_week_begins_on_the_local_monday() -> None:
    late_sunday = utc("2026-03-08T23:30")
    assert calendar_week(late_sunday, "UTC") == date(2026, 3, 2)
    assert calendar_week(late_sunday, "Europe/Berlin") == date(2026, 3, 9)


@pytest.mark.parametrize("monday,hours", [("2026-03-23", 167), ("2026-10-19", 169)])
def test_the_week_of_a_clock_change_is_an_hour_shorter_or_longer(monday: str, hours: int) -> None:
    start, end = week_interval(date.fromisoformat(monday), "Europe/Berlin")
    assert (end - start) == timedelta(hours=hours)


SHIFTS = [
    # the same time of day, over a change of the clock
    ("2026-03-28T08:00", 1, "Europe/Berlin", "2026-03-29T07:00"),
    # into the gap: read at the offset before it
    ("2026-03-28T01:30", 1, "Europe/Berlin", "2026-03-29T01:30"),
    # into the fold: the first of the two
    ("2026-10-24T00:30", 1, "Europe/Berlin", "2026-10-25T00:30"),
    # from the second of two out of the fold
    ("2026-10-25T01:30", 7, "Europe/Berlin", "2026-11-01T01:30"),
]


@pytest.mark.parametrize("instant,days,zone,expected", SHIFTS)
def test_days_are_counted_on_the_local_clock(
    instant: str, days: int, zone: str, expected: str
) -> None:
    assert shifted(utc(instant), days, zone) == utc(expected)


HOLIDAYS = [
    ("DE", "2026-10-03", True),
    ("DE", "2026-06-04", False),
    ("DE-BY", "2026-06-04", True),
    ("JP", "2026-01-01", True),
    ("ZZ", "2026-01-01", False),
    ("DE-ZZ", "2026-10-03", True),
]


@pytest.mark.parametrize("region,day,closed", HOLIDAYS)
def test_public_holidays_are_those_of_country_and_subdivision(
    region: str, day: str, closed: bool
) -> None:
    found = public_holidays([region], "UTC", utc("2025-12-01"), utc("2027-01-31"))
    assert any(start <= utc(day) < end for start, end in found) == closed


def test_a_public_holiday_lasts_from_midnight_to_midnight_of_its_zone() -> None:
    found = public_holidays(["JP"], "Asia/Tokyo", utc("2026-02-01"), utc("2026-02-20"))
    assert found == [(utc("2026-02-10T15:00"), utc("2026-02-11T15:00"))]


def test_the_new_year_of_a_zone_far_ahead_begins_in_the_old_year_of_utc() -> None:
    found = public_holidays(["NZ"], "Pacific/Auckland", utc("2025-12-31"), utc("2025-12-31T23:00"))
    assert found == [(utc("2025-12-31T11:00"), utc("2025-12-31T23:00"))]


def test_the_old_year_of_a_zone_far_behind_ends_in_the_new_year_of_utc() -> None:
    """New Year's Eve is a public holiday of the Philippines, where some keep another clock."""
    found = public_holidays(
        ["PH"], "America/Los_Angeles", utc("2026-01-01"), utc("2026-01-01T09:00")
    )
    assert found == [(utc("2026-01-01T00:00"), utc("2026-01-01T09:00"))]
