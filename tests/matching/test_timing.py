"""Rounds of a calendar and deadlines, right through clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.matching.timing import LAST, ends_at, next_round, request_ends, waited
from shared.events.rules import OnCalendar, OnThreshold
from shared.events.types import Duration
from tests.matching.history import START, opened

MONDAYS = "FREQ=WEEKLY;BYDAY=MO"


def on(rrule: str = MONDAYS, **given: Any) -> OnCalendar:
    return OnCalendar(rrule=rrule, **given)


def test_a_round_is_on_the_programs_clock_before_and_after_the_clocks_change() -> None:
    rules = opened(rounds=on(start="09:00"))
    assert next_round(rules, START) == datetime(2026, 3, 9, 8, tzinfo=UTC)
    assert next_round(rules, START.replace(day=28)) == datetime(2026, 3, 30, 7, tzinfo=UTC)


def test_a_round_at_this_very_instant_is_not_the_next_one() -> None:
    rules = opened(rounds=on(start="10:00"))
    assert next_round(rules, START) == START + timedelta(days=7)
    assert next_round(rules, START - timedelta(seconds=1)) == START


def test_a_round_may_have_a_zone_of_its_own() -> None:
    rules = opened(rounds=on(start="09:00", zone="Asia/Tokyo"))
    assert next_round(rules, START) == datetime(2026, 3, 9, 0, tzinfo=UTC)


def test_a_local_time_that_does_not_exist_is_moved_by_the_gap() -> None:
    rules = opened(rounds=on("FREQ=DAILY", start="02:30"))
    assert next_round(rules, datetime(2026, 3, 28, 12, tzinfo=UTC)) == datetime(
        2026, 3, 29, 1, 30, tzinfo=UTC
    )


def test_a_recurrence_is_counted_from_the_programs_first_day() -> None:
    rules = opened(rounds=on("FREQ=WEEKLY;INTERVAL=2"), starts_on=date(2026, 3, 3))
    assert next_round(rules, START) == datetime(2026, 3, 3, 8, tzinfo=UTC)
    assert next_round(rules, START.replace(day=4)) == datetime(2026, 3, 17, 8, tzinfo=UTC)


def test_there_is_no_round_after_the_programs_end() -> None:
    rules = opened(rounds=on(), ends_on=date(2026, 3, 8))
    assert next_round(rules, START) is None


def test_rounds_without_a_calendar_have_no_next_one() -> None:
    assert next_round(opened(), START) is None
    assert next_round(opened(rounds=OnThreshold(waiting=5)), START) is None


def test_a_program_ends_with_its_last_day() -> None:
    assert ends_at(opened()) == datetime(2026, 8, 31, 22, tzinfo=UTC)


def test_a_program_that_ends_with_the_calendar_has_an_end_that_can_be_written() -> None:
    assert ends_at(opened(ends_on=date(2999, 12, 31))) <= LAST


def test_a_request_ends_in_time_or_with_the_program() -> None:
    assert request_ends(opened(request_expires=Duration(7)), START) == START + timedelta(days=7)
    assert request_ends(opened(request_expires=Duration(365)), START) == ends_at(opened())


def test_waiting_never_runs_backwards_and_has_a_longest() -> None:
    assert waited(START, START - timedelta(days=1)) == Duration()
    assert waited(START, START + timedelta(days=2)) == Duration(clock=2 * 24 * 60)
    assert waited(START, LAST) == Duration(clock=3660 * 24 * 60)
