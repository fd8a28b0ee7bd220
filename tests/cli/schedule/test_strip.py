"""Strips: a character for each half hour of a day, whatever the clock does."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import available_timezones

from services.cli.schedule.clock import clock_of
from services.cli.schedule.period import day_of
from services.cli.schedule.strip import EMPTY, Ink, axis, cells_of, cells_of_day, drawn
from shared.intervals import merge
from tests.scheduling.history import utc

BERLIN, NEW_YORK = clock_of("Europe/Berlin"), clock_of("America/New_York")
FULL, HALF = Ink("#"), Ink("-")


def lengths(day: date, zone: str, count: int = 48) -> list[int]:
    """How many minutes each character stands for."""
    cells = cells_of_day(day, clock_of(zone), count)
    return [sum(((b - a) // timedelta(minutes=1) for a, b in cell), 0) for cell in cells]


def test_an_ordinary_day_has_a_character_for_each_half_hour() -> None:
    cells = cells_of_day(date(2026, 3, 2), BERLIN, 48)

    assert len(cells) == 48
    assert cells[0] == [(utc("2026-03-01T23:00"), utc("2026-03-01T23:30"))]
    assert cells[47] == [(utc("2026-03-02T22:30"), utc("2026-03-02T23:00"))]


def test_an_hour_that_the_clock_leaps_over_has_no_time() -> None:
    assert lengths(date(2026, 3, 29), "Europe/Berlin")[3:7] == [30, 0, 0, 30]


def test_an_hour_that_comes_twice_is_one_with_twice_the_time() -> None:
    assert lengths(date(2026, 10, 25), "Europe/Berlin")[3:7] == [30, 60, 60, 30]


def test_a_leap_of_half_an_hour_is_one_character() -> None:
    assert lengths(date(2026, 10, 4), "Australia/Lord_Howe")[3:6] == [30, 0, 30]


def test_the_characters_of_a_day_are_the_whole_day_in_every_zone_when_clocks_change() -> None:
    for zone in sorted(available_timezones()):
        clock = clock_of(zone)
        for day in date(2026, 3, 29), date(2026, 4, 5):
            cells = cells_of_day(day, clock, 24)
            assert merge(each for cell in cells for each in cell) == [day_of(day, clock)], zone


def test_a_character_is_what_takes_most_of_its_time() -> None:
    start, end = utc("2026-03-02T09:00"), utc("2026-03-02T11:00")
    layers = {
        FULL: [(utc("2026-03-02T09:00"), utc("2026-03-02T09:20"))],
        HALF: [(utc("2026-03-02T09:20"), utc("2026-03-02T09:40"))],
    }

    assert drawn(cells_of(start, end, 4), layers, (start, end)).plain == "#·" + "··"
    assert drawn(cells_of(start, end, 6), layers, (start, end)).plain == "#-····"


def test_what_is_not_known_is_left_empty() -> None:
    start, end = utc("2026-03-02T09:00"), utc("2026-03-02T11:00")
    known = utc("2026-03-02T09:30"), utc("2026-03-02T10:30")

    text = drawn(cells_of(start, end, 4), {FULL: [(start, end)]}, known)

    assert text.plain == " ## "


def test_a_strip_without_layers_that_take_time_is_dotted() -> None:
    start, end = utc("2026-03-02T09:00"), utc("2026-03-02T10:00")

    assert drawn(cells_of(start, end, 3), {FULL: []}, (start, end)).plain == EMPTY.character * 3


def test_the_axis_of_another_clock_stands_above_the_same_instants() -> None:
    day = date(2026, 3, 10)  # New York is on summer time, Berlin not yet: five hours apart

    assert axis(day, BERLIN, BERLIN, 48).split() == ["0", "3", "6", "9", "12", "15", "18", "21"]
    assert axis(day, BERLIN, NEW_YORK, 48).split()[:4] == ["19", "22", "1", "4"]
    assert axis(day, BERLIN, clock_of("Asia/Kathmandu"), 24).split() == [
        "4:45",
        "10:45",
        "16:45",
        "22:45",
    ]
