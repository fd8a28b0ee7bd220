"""Both are reminded of a meeting ahead of it, at most once for each lead, and never of one that does not stand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from shared.events import outside
from shared.events.scheduling import Reminded
from shared.events.types import Duration
from tests.scheduling.history import (
    MENTEE,
    MENTOR,
    START,
    History,
    a_pair,
    a_program,
    all_of,
    available,
    away,
    only,
    paired,
    utc,
)

# -- reminders ----------------------------------------------------------------------------------


def reminders(history: History, number: int, until: str) -> list[Any]:
    meeting = history.meeting(number).meeting
    said = all_of(history.wait_until(utc(until)), Reminded)
    return [(one.sequence, str(one.lead)) for one in said if one.meeting == meeting]


def test_both_are_reminded_a_day_and_an_hour_ahead_once_each() -> None:
    history = a_pair()
    assert reminders(history, 2, "2026-03-09T08:59") == []
    assert reminders(history, 2, "2026-03-09T09:00") == [(0, "P1D")]
    assert reminders(history, 2, "2026-03-10T09:00") == [(0, "PT1H")]


def test_a_reminder_names_both_persons_and_the_meeting() -> None:
    history = a_pair()
    said = only(history.wait_until(utc("2026-03-03T08:00")), Reminded)
    assert said.to == (MENTEE, MENTOR)
    assert said.starts_at == utc("2026-03-03T09:00")


def test_a_reminder_moves_with_its_meeting() -> None:
    history = a_pair(reminders=(Duration(clock=60),))
    history.wait_until(utc("2026-03-04T09:00"))
    history.move(history.meeting(2), utc("2026-03-12T09:00"))
    assert reminders(history, 2, "2026-03-12T07:59") == []
    assert reminders(history, 2, "2026-03-12T09:00") == [(1, "PT1H")]


def test_nobody_is_reminded_of_a_cancelled_meeting() -> None:
    history = a_pair()
    history.cancel(history.meeting(1))
    assert reminders(history, 1, "2026-03-04T00:00") == []


def test_a_reminder_whose_timer_comes_after_the_meeting_began_is_silent() -> None:
    history = a_pair()
    timer = history.timers["c1", history.meeting(1).meeting]
    history.say("dan", available())
    late = next(t for t in history.timers.values() if t.name == history.meeting(2).meeting)
    history.ring(late)
    assert all_of(history.ring(timer), Reminded) == []


def test_a_second_due_of_the_same_timer_says_nothing() -> None:
    history = a_pair()
    timer = history.timers["c1", history.meeting(1).meeting]
    assert len(all_of(history.ring(timer), Reminded)) == 1
    assert history.ring(timer) == []


def test_a_plan_sets_one_timer_for_each_meeting() -> None:
    history = a_pair(planned=12, reminders=tuple(Duration(days) for days in range(1, 8)))
    assert len(history.timers) == 12
    assert all(timer.at > START - timedelta(days=1) for timer in history.timers.values())


def test_a_meeting_that_was_moved_is_reminded_of_anew_whatever_was_said_before() -> None:
    history = a_pair(notice=Duration(clock=60))
    assert history.meeting(2).starts_at == utc("2026-03-09T10:00")
    assert reminders(history, 2, "2026-03-08T10:00") == [(0, "P1D")]
    history.move(history.meeting(2), utc("2026-03-12T09:00"))
    assert reminders(history, 2, "2026-03-12T09:00") == [(1, "P1D"), (1, "PT1H")]


def test_a_lead_that_has_passed_when_the_meeting_is_moved_is_not_made_up_for() -> None:
    history = a_pair(reminders=(Duration(3), Duration(clock=60)))
    history.wait_until(utc("2026-03-04T09:00"))
    history.move(history.meeting(2), utc("2026-03-06T09:00"))
    assert reminders(history, 2, "2026-03-06T09:00") == [(1, "PT1H")]


def test_a_reminder_moves_with_a_meeting_that_is_planned_again() -> None:
    history = a_pair()
    history.say(MENTEE, available(exceptions=[away("2026-03-10T00:00", "2026-03-11T00:00")]))
    assert reminders(history, 2, "2026-03-10T09:00") == [(1, "P1D")]
    assert reminders(history, 2, "2026-03-11T09:00") == [(1, "PT1H")]


def test_nobody_is_reminded_of_the_meetings_of_a_pair_that_has_ended() -> None:
    history = a_pair()
    history.say("c1", outside.Withdrawn(by=MENTEE, role="mentee"))
    assert all_of(history.wait(days=60), Reminded) == []


def test_a_day_ahead_is_the_same_time_of_day_though_the_clocks_change_that_night() -> None:
    history = a_program()
    for person in (MENTEE, MENTOR):
        history.say(person, available(byday=["SU"]))
    history.say("c1", paired())
    history.wait_until(utc("2026-03-28T00:00"))
    sunday = next(row for row in history.standing() if row.starts_at == utc("2026-03-29T09:00"))
    assert reminders(history, sunday.number, "2026-03-28T09:59") == []
    assert reminders(history, sunday.number, "2026-03-28T10:00") == [(0, "P1D")]


def test_two_leads_that_fall_together_are_said_once_each() -> None:
    history = a_pair(reminders=(Duration(1), Duration(clock=24 * 60)))
    assert reminders(history, 2, "2026-03-10T09:00") == [(0, "P1D"), (0, "PT24H")]


def test_evidence_that_comes_before_the_start_takes_no_reminder_away() -> None:
    history = a_pair(reminders=(Duration(clock=30), Duration(clock=5)))
    history.wait_until(utc("2026-03-03T08:40"))
    history.attend(history.meeting(1), MENTEE, late=-25, minutes=5)
    assert reminders(history, 1, "2026-03-03T09:00") == [(0, "PT5M")]
