"""Whose clock times are shown on, and times in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import typer

from services.cli.schedule.clock import clock_of, in_words, lasting, read_zone
from services.cli.schedule.period import after, begins, day_of, ends, read_when, today
from tests.scheduling.history import utc

BERLIN, KIRITIMATI = clock_of("Europe/Berlin"), clock_of("Pacific/Kiritimati")


def test_a_time_is_told_on_the_clock_that_is_asked_for() -> None:
    start, end = utc("2026-03-29T00:30"), utc("2026-03-29T01:30")

    assert BERLIN.span(start, end) == "Sun 29 Mar 2026 01:30–03:30"
    assert BERLIN.span(start, end, year=False) == "Sun 29 Mar 01:30–03:30"
    assert KIRITIMATI.moment(start) == "Sun 29 Mar 2026 14:30"


def test_a_start_on_another_day_says_how_far_off_that_is() -> None:
    start, end = utc("2026-03-31T22:30"), utc("2026-03-31T23:00")

    assert BERLIN.hours(start, end, date(2026, 3, 31)) == "00:30–01:00 +1 d"
    assert BERLIN.hours(start, end, date(2026, 4, 1)) == "00:30–01:00"
    assert clock_of("Pacific/Niue").hours(start, end, date(2026, 4, 1)) == "11:30–12:00 -1 d"


def test_what_has_no_length_is_one_time() -> None:
    start = utc("2026-03-31T22:30")

    assert BERLIN.hours(start, start) == "00:30"


@pytest.mark.parametrize(
    "minutes,words", [(0, "0 min"), (45, "45 min"), (60, "1 h"), (90, "1 h 30 min"), (1500, "25 h")]
)
def test_a_length_is_told_in_hours_and_minutes(minutes: int, words: str) -> None:
    assert lasting(timedelta(minutes=minutes)) == words


def test_local_is_the_zone_of_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", ":Asia/Kathmandu")

    assert clock_of("local").name == "Asia/Kathmandu"


def test_without_a_word_from_the_environment_local_is_what_the_system_is_set_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("TZ", raising=False)
    local = clock_of("local")

    now = datetime.now(UTC)
    assert now.astimezone(local.zone).utcoffset() == now.astimezone().utcoffset()


@pytest.mark.parametrize("zone", ["Mars/Base", "CET+1", "posix/Europe/Berlin", "europe/berlin", ""])
def test_what_is_no_iana_zone_is_refused(zone: str) -> None:
    with pytest.raises(typer.BadParameter, match="must be an IANA time zone"):
        read_zone(zone)


def test_a_day_begins_and_ends_on_the_clock_that_is_shown() -> None:
    assert begins("2026-03-29", BERLIN) == utc("2026-03-28T23:00")
    assert ends("2026-03-29", BERLIN) == utc("2026-03-29T22:00")
    assert day_of(date(2026, 3, 29), KIRITIMATI) == (
        utc("2026-03-28T10:00"),
        utc("2026-03-29T10:00"),
    )


def test_an_instant_begins_and_ends_where_it_is_on_every_clock() -> None:
    assert begins("2026-03-29T12:00:00+02:00", KIRITIMATI) == utc("2026-03-29T10:00")
    assert ends("2026-03-29T12:00:00+02:00", KIRITIMATI) == utc("2026-03-29T10:00")


def test_days_ahead_are_counted_on_the_clock_and_not_in_hours() -> None:
    start = utc("2026-03-28T12:00")

    assert today(start, BERLIN) == utc("2026-03-27T23:00")
    assert after(start, 2, BERLIN) == utc("2026-03-29T22:00")


@pytest.mark.parametrize(
    "when,rule",
    [
        ("2026-02-30", "there is no day 2026-02-30"),
        ("0999-01-01", "between 1970-01-02"),
        ("2026-03-01T09:00", "with its offset"),
        ("tomorrow", "with its offset"),
        ("٢٠٢٦-03-01", "with its offset"),
    ],
)
def test_what_is_neither_a_day_nor_an_instant_is_refused(when: str, rule: str) -> None:
    with pytest.raises(typer.BadParameter, match=rule):
        read_when(when)


def test_a_day_is_told_with_its_weekday() -> None:
    assert in_words(date(2028, 2, 29)) == "Tue 29 Feb 2028"
