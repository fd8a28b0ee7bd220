"""A cycle that has ended owes no meeting, and what comes late about it means nothing."""

from __future__ import annotations

from typing import Any

import pytest

from services.scheduling.model import Cycle, Person
from services.scheduling.rounds import PART
from shared.events import outside
from shared.events.envelope import EventData
from shared.events.matching import Unmatched
from shared.events.scheduling import Met, Missed, Scheduled
from shared.events.types import Duration
from shared.frozen import replace
from shared.world import Timer
from tests.scheduling.history import (
    MENTEE,
    MENTOR,
    PROGRAM,
    START,
    History,
    a_pair,
    a_program,
    agreed,
    all_of,
    available,
    concluded,
    confirmed,
    dropped,
    paired,
    utc,
)

WITHDRAWALS = [(MENTEE, "mentee"), (MENTOR, "mentor"), ("carol", "coordinator")]


@pytest.mark.parametrize("by,role", WITHDRAWALS)
def test_a_withdrawn_pair_meets_no_more(by: str, role: Any) -> None:
    history = a_pair()
    said = history.say("c1", outside.Withdrawn(by=by, role=role))
    assert [one.number for one in dropped(said)] == [1, 2, 3, 4]
    assert {one.cause for one in dropped(said)} == {"cycle_ended"}
    assert history.has_ended()


def test_a_withdrawal_by_a_stranger_changes_nothing() -> None:
    history = a_pair()
    assert history.say("c1", outside.Withdrawn(by="mallory", role="mentee")) == []
    assert not history.has_ended()


def test_a_concluded_cycle_cancels_what_lay_ahead() -> None:
    history = a_pair()
    history.wait_until(utc("2026-03-12T00:00"))
    said = history.say("c1", concluded(), source="/mentoring/feedback")
    assert [one.number for one in dropped(said)] == [3, 4]


def test_a_meeting_before_the_end_still_gets_its_verdict_and_no_replacement() -> None:
    history = a_pair()
    history.wait_until(utc("2026-03-03T11:00"))
    history.say("c1", outside.Withdrawn(by=MENTEE, role="mentee"))
    said = history.wait(days=30)
    assert [one.number for one in all_of(said, Missed)] == [1]
    assert confirmed(said) == []


def test_a_meeting_before_the_end_can_still_be_proven() -> None:
    history = a_pair()
    history.wait_until(utc("2026-03-03T11:00"))
    history.say("c1", outside.Withdrawn(by=MENTEE, role="mentee"))
    assert len(all_of(history.attend(history.meeting(1)), Met)) == 1


def test_a_pairing_behind_the_conclusion_is_passed_over() -> None:
    history = a_program()
    withdrawn = concluded(outcome="withdrawn", paired=False, mentor=None, rules=None)
    history.say("c1", withdrawn, source="/mentoring/feedback")
    assert history.say("c1", paired(), source="/mentoring/matching") == []
    assert history.has_ended()


def test_a_pairing_behind_unmatched_is_passed_over() -> None:
    history = a_program()
    history.say("c1", Unmatched(mentee=MENTEE, waited=Duration(60)), source="/mentoring/matching")
    assert history.say("c1", paired(), source="/mentoring/matching") == []


LATE: list[EventData] = [
    outside.Withdrawn(by=MENTOR, role="mentor"),
    agreed(MENTEE),
    agreed(MENTOR),
    paired(),
    concluded(),
    Unmatched(mentee=MENTEE, waited=Duration(60)),
]


@pytest.mark.parametrize("late", LATE, ids=lambda data: data.WORD)
def test_what_comes_behind_the_end_changes_nothing(late: EventData) -> None:
    history = a_pair()
    history.say("c1", concluded(), source="/mentoring/feedback")
    before = list(history.world.rows())
    assert history.say("c1", late) == []
    assert list(history.world.rows()) == before


@pytest.mark.parametrize("early", LATE, ids=lambda data: data.WORD)
def test_what_comes_about_an_unknown_cycle_says_nothing(early: EventData) -> None:
    history = History()
    assert not all_of(history.say("c1", early), Scheduled)


# -- persons leave ------------------------------------------------------------------------------


def test_a_mentor_who_leaves_ends_every_cycle_as_mentor() -> None:
    history = a_pair()
    history.say("bea", available())
    history.say("c2", paired("bea", MENTOR))
    history.say("c3", paired(MENTOR, "bea"))
    history.say(MENTOR, outside.Left(roles=("mentor",), effective_at=START))
    said = history.wait(minutes=1)
    assert len(dropped(said)) == 8
    assert history.has_ended("c1")
    assert history.has_ended("c2")
    assert not history.has_ended("c3")


def test_somebody_who_leaves_later_meets_until_then() -> None:
    history = a_pair()
    effective_at = utc("2026-03-12T00:00")
    history.say(MENTOR, outside.Left(roles=("mentor", "mentee"), effective_at=effective_at))
    assert not dropped(history.wait_until(utc("2026-03-11T23:59")))
    said = history.wait(minutes=2)
    assert [one.number for one in dropped(said)] == [3, 4]


def test_the_conclusion_behind_a_leaving_cancels_nothing_twice() -> None:
    history = a_pair()
    history.say(MENTOR, outside.Left(roles=("mentor",), effective_at=START))
    said = history.say("c1", concluded(outcome="left"), source="/mentoring/feedback")
    assert len(dropped(said)) == 4
    assert dropped(history.wait(minutes=1)) == []


def test_somebody_who_left_and_is_paired_again_meets_again() -> None:
    history = a_pair()
    history.say(MENTOR, outside.Left(roles=("mentor",), effective_at=START))
    history.wait(minutes=1)
    assert len(confirmed(history.say("c2", paired()))) == 4
    history.say(MENTOR, available(duration="PT9H"))
    history.wait(minutes=1)
    assert not history.has_ended("c2")


def test_nothing_of_an_erased_persons_time_is_kept() -> None:
    history = a_pair()
    history.say(MENTEE, outside.Left(roles=("mentee",), effective_at=START))
    history.say(MENTEE, outside.Erased(person=MENTEE, effective_at=START))
    assert history.row(Person, MENTEE) == Person(PROGRAM, MENTEE, feed=1)


def test_who_has_not_left_keeps_the_hours_when_an_erasure_is_said_that_feedback_refuses() -> None:
    history = a_pair()
    before = history.row(Person, MENTEE)
    history.say(MENTEE, outside.Erased(person=MENTEE, effective_at=START))
    assert history.row(Person, MENTEE) == before


def test_no_calendar_address_of_an_erased_person_works_again() -> None:
    history = a_program()
    history.say(MENTEE, outside.Revoked())
    history.say(MENTEE, outside.Left(roles=("mentee",), effective_at=START))
    history.say(MENTEE, outside.Erased(person=MENTEE, effective_at=START))
    assert history.row(Person, MENTEE).feed == 2


def test_a_withdrawn_calendar_address_changes_nothing_else_of_a_person() -> None:
    history = a_program()
    before = history.row(Person, MENTEE)
    history.say(MENTEE, outside.Revoked())
    assert history.row(Person, MENTEE) == replace(before, feed=1)


def test_the_calendar_address_of_a_person_who_has_stated_nothing_may_be_withdrawn() -> None:
    history = a_program()
    history.say("nell", outside.Revoked())
    assert history.row(Person, "nell") == Person(PROGRAM, "nell", feed=1)


def test_more_cycles_than_one_input_may_touch_are_ended_part_by_part() -> None:
    history = a_program()
    for number in range(PART + 5):
        mentee = f"p{number}"
        history.say(f"c{number}", paired(mentee, MENTOR, planned_meetings=1))
    history.say(MENTOR, outside.Left(roles=("mentor",), effective_at=START))
    ended = history.world.where(Cycle, program=PROGRAM, status="ended")
    assert len(ended) == PART
    history.wait(minutes=5)
    assert len(history.world.where(Cycle, program=PROGRAM, status="ended")) == PART + 5
    assert not [timer for timer in history.timers.values() if timer.name == "round"]


def test_a_due_that_nothing_waits_for_means_nothing() -> None:
    history = a_pair()
    for name in ("leave", "round", "replan", "nothing"):
        assert history.ring(Timer(PROGRAM, "c1", name, START)) == []
