"""Durations: nominal days on a zone's clock, exact minutes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events.duration import LONGEST_DAYS, MINUTES_A_DAY, Duration

DURATIONS = st.builds(Duration, st.integers(0, LONGEST_DAYS - 1), st.integers(0, MINUTES_A_DAY))
BERLIN = "Europe/Berlin"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text, days, minutes, canonical",
    [
        ("P2W", 14, 0, "P2W"),
        ("P14D", 14, 0, "P2W"),
        ("P3D", 3, 0, "P3D"),
        ("P1DT2H", 1, 120, "P1DT2H"),
        ("PT60M", 0, 60, "PT1H"),
        ("PT1H30M", 0, 90, "PT1H30M"),
        ("PT24H", 0, 1440, "PT24H"),
        ("PT15M", 0, 15, "PT15M"),
        ("PT0M", 0, 0, "PT0M"),
        ("P0D", 0, 0, "PT0M"),
        ("P0W", 0, 0, "PT0M"),
    ],
)
def test_text_is_read_as_days_and_minutes(
    text: str, days: int, minutes: int, canonical: str
) -> None:
    assert Duration.parse(text) == Duration(days, minutes)
    assert str(Duration(days, minutes)) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "PT",
        "P1DT",
        "P1M",
        "P1Y",
        "PT1S",
        "-P1D",
        "+P1D",
        "P-1D",
        "P1W2D",
        "1D",
        "P1D ",
        "P1D\n",
        "P٣D",
        "P3661D",
    ],
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be an ISO 8601 duration"):
        Duration.parse(text)


@pytest.mark.parametrize("days, minutes", [(-1, 0), (0, -1), (LONGEST_DAYS, 1)])
def test_a_negative_or_endless_duration_cannot_be_made(days: int, minutes: int) -> None:
    with pytest.raises(ValueError, match="must be an ISO 8601 duration"):
        Duration(days, minutes)


@given(DURATIONS)
def test_its_text_reads_back_as_itself(duration: Duration) -> None:
    assert Duration.parse(str(duration)) == duration


def test_a_day_is_not_24_hours() -> None:
    assert Duration.parse("P1D") != Duration.parse("PT24H")


@pytest.mark.parametrize(
    "start, text, zone, end",
    [
        # an ordinary day
        ("2026-01-10T08:00", "P1D", BERLIN, "2026-01-11T08:00"),
        # the clock springs forward on 29 March: the day has 23 hours, 24 hours are 24 hours
        ("2026-03-28T08:00", "P1D", BERLIN, "2026-03-29T07:00"),
        ("2026-03-28T08:00", "PT24H", BERLIN, "2026-03-29T08:00"),
        ("2026-03-28T08:00", "P1DT1H", BERLIN, "2026-03-29T08:00"),
        # 02:30 does not exist on 29 March: it is moved forward, to 03:30
        ("2026-03-28T01:30", "P1D", BERLIN, "2026-03-29T01:30"),
        # the clock falls back on 25 October: the day has 25 hours
        ("2026-10-24T08:00", "P1D", BERLIN, "2026-10-25T09:00"),
        # 02:30 comes twice on 25 October: the first is meant
        ("2026-10-24T00:30", "P1D", BERLIN, "2026-10-25T00:30"),
        # a whole day is missing in Apia: 30 December 2011
        ("2011-12-29T22:00", "P1D", "Pacific/Apia", "2011-12-30T22:00"),
        ("2026-03-28T08:00", "P1D", "UTC", "2026-03-29T08:00"),
    ],
)
def test_days_count_on_the_clock_of_the_zone(start: str, text: str, zone: str, end: str) -> None:
    assert Duration.parse(text).after(utc(start), zone) == utc(end)


@pytest.mark.parametrize(
    "start, text, end",
    [
        ("2026-03-29T07:00", "P1D", "2026-03-28T08:00"),
        ("2026-03-29T08:00", "PT24H", "2026-03-28T08:00"),
        ("2026-10-25T09:00", "P1D", "2026-10-24T08:00"),
        ("2026-03-10T15:00", "P1DT1H", "2026-03-09T14:00"),
    ],
)
def test_before_goes_the_other_way(start: str, text: str, end: str) -> None:
    assert Duration.parse(text).before(utc(start), BERLIN) == utc(end)


def test_no_days_leave_the_second_of_two_equal_clock_times_alone() -> None:
    second = utc("2026-10-25T01:30")  # 02:30 in Berlin, for the second time
    assert Duration(0, 10).after(second, BERLIN) == second + timedelta(minutes=10)


def test_exact_minutes_are_only_for_durations_without_days() -> None:
    assert (Duration.parse("PT1H30M").minutes, Duration.parse("PT90M").span) == (
        90,
        timedelta(minutes=90),
    )
    with pytest.raises(ValueError, match="no exact length"):
        _ = Duration.parse("P1D").minutes


def test_an_exact_span_is_rounded_down_to_minutes() -> None:
    assert Duration.exactly(timedelta(days=1, seconds=119)) == Duration(0, 1441)


def test_only_an_empty_duration_is_false() -> None:
    assert [bool(Duration()), bool(Duration(1)), bool(Duration(0, 1))] == [False, True, True]
