"""Common weekly time across zones, seasons and the end of the week."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from hypothesis import given, note
from hypothesis import strategies as st

from services.matching.overlap import (
    DAYS,
    JANUARY,
    JULY,
    WEEK,
    Cut,
    beginnings,
    hours_of,
    merged,
    offset,
    week_of,
)
from services.matching.rules import common_time
from services.matching.scoring import minutes
from shared.events.outside import Available
from shared.events.people import WeeklyWindow
from shared.events.types import Duration
from tests.matching.history import always, hours
from tests.matching.people import ann, mia, of

ALL = slice(None)


class Common(NamedTuple):
    minutes: int
    fits: bool


def common(one: Available | None, two: Available | None, length: int = 60) -> Common:
    """What a mentee and a mentor have in common, and whether a meeting fits into it."""
    pool = of(ann(time=one), mia(time=two), length=Duration(clock=length))
    return Common(int(minutes(pool, ALL)[0, 0]), bool(common_time(pool, ALL)[0, 0]))


def week(*window: Any, zone: str = "UTC") -> Available:
    return hours(*window, zone=zone)


def test_the_same_hours_are_all_in_common() -> None:
    nine = week("09:00", 90, "MO", "TU")
    assert common(nine, nine) == (180, True)


def test_without_a_statement_there_is_no_time() -> None:
    assert common(None, always(), 1) == common(always(), None, 1) == (0, False)
    assert common(None, None, 1) == (0, False)


def test_a_zone_moves_the_hours() -> None:
    tokyo = week("18:00", 60, "MO", zone="Asia/Tokyo")
    assert common(tokyo, week("09:00", 60, "MO")) == (60, True)


def test_a_zone_of_quarter_hours_is_exact() -> None:
    kathmandu = week("05:45", 60, "TU", zone="Asia/Kathmandu")
    assert common(kathmandu, week("00:00", 60, "TU")) == (60, True)


def test_time_that_only_one_season_has_in_common_does_not_count() -> None:
    berlin, lagos = week("09:00", 60, zone="Europe/Berlin"), week("09:00", 60, zone="Africa/Lagos")
    assert common(berlin, lagos, 1) == (0, False)


def test_clocks_that_change_alike_need_one_season_only() -> None:
    berlin, lisbon = (
        week("09:00", 60, zone="Europe/Berlin"),
        week("08:00", 60, zone="Europe/Lisbon"),
    )
    assert common(berlin, lisbon) == (420, True)
    assert of(ann(time=berlin), mia(time=lisbon)).seasons == (JANUARY,)
    assert of(ann(time=berlin), mia(time=always())).seasons == (JANUARY, JULY)


def test_a_window_runs_over_the_end_of_the_week() -> None:
    sunday = week("23:30", 60, "SU")
    assert common(sunday, sunday) == (60, True)
    assert common(sunday, week("00:00", 30, "MO"), 30) == (30, True)


def test_windows_that_touch_hold_a_longer_meeting() -> None:
    assert common(week("09:00", 24 * 60, "MO", "TU"), always(), 24 * 60).fits
    assert not common(week("09:00", 60, "MO"), always(), 61).fits
    evening, morning = week("22:00", 120, "SU"), week("00:00", 120, "MO")
    both = Available(zone="UTC", weekly=(*evening.weekly, *morning.weekly))
    assert common(both, both, 240) == (240, True)


@given(
    start=st.integers(0, WEEK - 1), length=st.integers(1, 24 * 60), asked=st.integers(1, 24 * 60)
)
def test_a_run_of_minutes_holds_what_is_not_longer(start: int, length: int, asked: int) -> None:
    over = max(0, start + length - WEEK)
    starts, ends = [start, 0][: 1 + bool(over)], [min(start + length, WEEK), over][: 1 + bool(over)]
    runs = merged(np.zeros(len(starts), np.intp), np.array(starts), np.array(ends))
    fits = beginnings(runs, asked)
    assert (len(fits.starts) > 0) == (asked <= length)


windows = st.builds(
    WeeklyWindow,
    byday=st.lists(st.sampled_from(DAYS), min_size=1, max_size=7, unique=True).map(tuple),
    start=st.one_of(
        st.sampled_from(["00:00", "09:00", "09:30", "23:30"]),
        st.times().map(lambda at: at.strftime("%H:%M")),
    ),
    duration=st.one_of(st.sampled_from([30, 60, 90, 1440]), st.integers(1, 1440)).map(
        lambda length: Duration(clock=length)
    ),
)
zones = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Chatham",
    ]
)
times = st.none() | st.builds(
    Available, zone=zones, weekly=st.lists(windows, max_size=4).map(tuple)
)


def minute_by_minute(time: Available | None, season: int) -> set[int]:
    """The minutes of the UTC week at which a person is there, counted one by one."""
    if time is None:
        return set()
    ahead = offset(time.zone, 2026)[season]
    there = set()
    for window in time.weekly:
        hour, minute = map(int, window.start.split(":"))
        for day in window.byday:
            first = DAYS.index(day) * 1440 + hour * 60 + minute - ahead
            there |= {(first + at) % WEEK for at in range(window.duration.minutes)}
    return there


def holds(there: set[int], length: int) -> bool:
    run = 0
    for at in range(2 * WEEK):
        run = run + 1 if at % WEEK in there else 0
        if run >= length:
            return True
    return False


@given(
    st.lists(times, min_size=1, max_size=3),
    st.lists(times, min_size=1, max_size=3),
    st.sampled_from([1, 30, 45, 60, 90, 1440]),
)
def test_common_time_is_what_counting_minute_by_minute_finds(
    asking: list[Available | None], able: list[Available | None], length: int
) -> None:
    mentees = [ann(mentee=f"a{at}", place=at, time=time) for at, time in enumerate(asking)]
    mentors = [mia(mentor=f"m{at}", time=time) for at, time in enumerate(able)]
    pool = of(*mentees, *mentors, length=Duration(clock=length))
    found, fits = minutes(pool, ALL), common_time(pool, ALL)
    for row, one in enumerate(asking):
        for column, two in enumerate(able):
            weeks = [
                minute_by_minute(one, at) & minute_by_minute(two, at) for at in (JANUARY, JULY)
            ]
            note(f"{row}, {column}")
            assert found[row, column] == min(map(len, weeks))
            assert fits[row, column] == all(holds(there, length) for there in weeks)


def test_a_product_in_pieces_is_the_product(monkeypatch: Any) -> None:
    times = [hours(f"{at:02d}:{at:02d}", 60 + at) for at in range(20)]
    weeks = hours_of([week_of(time, 2026) for time in times])
    runs = weeks.runs(JANUARY)
    whole = Cut(runs, 20).minutes(runs, 20)
    monkeypatch.setattr("services.matching.overlap.CELLS", 100)
    assert (Cut(runs, 20).minutes(runs, 20) == whole).all()
    some = np.array([3, 1])
    assert (Cut(runs, 20).minutes(runs, 20, some) == whole[:, some]).all()
