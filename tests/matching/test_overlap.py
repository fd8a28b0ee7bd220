"""Common weekly time across zones, seasons and the end of the week."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.matching.overlap import NONE, WEEK, Weeks, common, holds, minutes, weeks_of
from tests.matching.history import hours


def week(*window: Any, zone: str = "UTC") -> Weeks:
    return weeks_of(hours(*window, zone=zone), 2026)


def test_the_same_hours_are_all_in_common() -> None:
    nine = week("09:00", 90, "MO", "TU")
    assert minutes(common(nine, nine)) == 180


def test_without_a_statement_there_is_no_time() -> None:
    assert weeks_of(None, 2026) == NONE
    assert minutes(NONE) == 0
    assert not holds(NONE, 1)


def test_a_zone_moves_the_hours() -> None:
    tokyo = week("18:00", 60, "MO", zone="Asia/Tokyo")
    assert minutes(common(tokyo, week("09:00", 60, "MO"))) == 60


def test_a_zone_of_quarter_hours_is_exact() -> None:
    kathmandu = week("05:45", 60, "TU", zone="Asia/Kathmandu")
    assert minutes(common(kathmandu, week("00:00", 60, "TU"))) == 60


def test_time_that_only_one_season_has_in_common_does_not_count() -> None:
    berlin, lagos = week("09:00", 60, zone="Europe/Berlin"), week("09:00", 60, zone="Africa/Lagos")
    assert common(berlin, lagos).january.bit_count() == 7 * 60
    assert minutes(common(berlin, lagos)) == 0
    assert not holds(common(berlin, lagos), 60)


def test_a_window_runs_over_the_end_of_the_week() -> None:
    sunday = week("23:30", 60, "SU")
    assert holds(sunday, 60)
    assert minutes(common(sunday, week("00:00", 30, "MO"))) == 30


def test_windows_that_touch_hold_a_longer_meeting() -> None:
    touching = common(week("09:00", 24 * 60, "MO"), week("00:00", 24 * 60))
    assert holds(touching, 24 * 60)
    assert not holds(week("09:00", 60, "MO"), 61)


@given(
    start=st.integers(0, WEEK - 1), length=st.integers(1, 24 * 60), asked=st.integers(1, 24 * 60)
)
def test_a_run_of_minutes_holds_what_is_not_longer(start: int, length: int, asked: int) -> None:
    run = sum(1 << ((start + minute) % WEEK) for minute in range(length))
    assert holds(Weeks(run, run), asked) == (asked <= length)
