"""A missed meeting is made up for; late evidence corrects it once, and drops what was to make up for it."""

from __future__ import annotations

from datetime import timedelta

from services.scheduling.model import Cycle, Meeting, NotHeld
from services.scheduling.said import meeting_id
from shared.events.scheduling import Met, Missed, Unplaced
from tests.scheduling.history import (
    HOUR,
    MENTEE,
    MENTOR,
    START,
    a_pair,
    all_of,
    attended,
    available,
    confirmed,
    dropped,
    only,
    utc,
)
from tests.scheduling.rows import after_first, settle


def test_a_missed_meeting_is_made_up_for() -> None:
    history = after_first()
    history.attend(history.meeting(1), MENTOR)
    said = confirmed(settle(history))
    assert [(one.number, one.type, one.cause) for one in said] == [(1, "introduction", "replaced")]
    assert said[0].replaces == history.meetings()[0].meeting
    assert said[0].starts_at == utc("2026-03-06T10:00")


def test_a_number_is_made_up_for_twice_at_most() -> None:
    history = a_pair(planned=1)
    said = history.wait(days=60)
    assert len(all_of(said, Missed)) == 3
    assert len(history.meetings()) == 3


def test_a_meeting_that_nobody_planned_keeps_the_id_that_was_next_to_be_given() -> None:
    history = after_first()
    first = history.meeting(1)
    wanted = meeting_id(history.row(Cycle, "c1"), number=1, nth=2)
    history.say("c1", attended(wanted, MENTEE, START, START + HOUR))
    assert only(history.say("c1", attended(wanted, MENTOR, START, START + HOUR)), Met).number == 0
    (made_up,) = confirmed(settle(history))
    assert (made_up.number, made_up.replaces) == (1, first.meeting)
    assert made_up.meeting != wanted
    assert history.row(Meeting, "c1", wanted).status == "met"


def test_a_missed_meeting_without_a_slot_is_unplaced_and_placed_when_there_is_time() -> None:
    history = after_first()
    history.say(MENTEE, available(byday=["SU"]))
    history.attend(history.meetings()[0], MENTOR)
    said = settle(history)
    assert 1 in [one.number for one in all_of(said, Unplaced)]
    history.say(MENTEE, available())
    made_up = [one for one in confirmed(history.wait(minutes=1)) if one.number == 1]
    assert [one.replaces for one in made_up] == [history.meetings()[0].meeting]


def test_late_evidence_corrects_a_missed_meeting_and_cancels_its_replacement() -> None:
    history = after_first()
    first = history.meeting(1)
    history.attend(first, MENTOR)
    settle(history)
    missed = history.row(type(first), "c1", first.meeting).state
    assert isinstance(missed, NotHeld)
    said = history.attend(first, MENTEE, source="self")
    assert only(said, Met).corrects == missed.said
    assert [one.replaces for one in dropped(said)] == [first.meeting]
    assert dropped(said)[0].cause == "corrected"


def test_a_correction_cancels_what_makes_up_for_a_replacement_that_planning_took_back() -> None:
    history = a_pair(planned=1, dispute="P10D")
    history.wait(days=12)
    missed = history.meetings()[0]
    until = history.now + timedelta(days=9)
    gone = {"start": history.now, "end": until, "kind": "away"}
    history.say(MENTEE, available(exceptions=[gone]))
    assert [one.replaces for one in dropped(history.wait(minutes=1))] == [missed.meeting]
    history.say(MENTEE, available())
    (again,) = confirmed(history.wait(minutes=1))
    assert again.replaces not in {None, missed.meeting}
    said = history.attend(missed)
    assert [one.meeting for one in dropped(said)] == [again.meeting]


def test_late_evidence_that_does_not_suffice_changes_nothing() -> None:
    history = after_first()
    settle(history)
    assert history.attend(history.meetings()[0], MENTOR) == []


def test_evidence_corrects_a_meeting_once() -> None:
    history = after_first()
    first = history.meeting(1)
    settle(history)
    assert only(history.attend(first), Met).corrects is not None
    assert history.attend(first, source="self") == []
    assert all_of(history.wait(days=10), Met) == []


def test_a_correction_cancels_the_replacement_wherever_it_has_been_moved() -> None:
    history = after_first()
    first = history.meeting(1)
    settle(history)
    history.move(history.meeting(1), utc("2026-03-06T15:00"))
    said = dropped(history.attend(first))
    assert [(one.replaces, one.sequence) for one in said] == [(first.meeting, 2)]


def test_a_correction_leaves_a_replacement_alone_that_somebody_has_cancelled() -> None:
    history = after_first()
    first = history.meeting(1)
    settle(history)
    history.cancel(history.meeting(1))
    assert [type(one) for one in history.attend(first)] == [Met]


def test_a_correction_fills_the_gap_that_the_missed_meeting_left() -> None:
    history = after_first()
    history.say(MENTEE, available(byday=["SU"]))
    history.wait(minutes=1)
    first = history.meetings()[0]
    assert 1 in [one.number for one in all_of(settle(history), Unplaced)]
    history.attend(first)
    history.say(MENTEE, available())
    assert 1 not in [one.number for one in confirmed(history.wait(minutes=1))]


def test_what_was_corrected_while_its_replacement_went_on_is_not_made_up_for_again() -> None:
    history = after_first()
    first = history.meeting(1)
    settle(history)
    replacement = history.meeting(1)
    history.wait_until(replacement.starts_at + HOUR / 2)
    assert dropped(history.attend(first)) == []
    said = history.wait(days=3)
    assert [one.meeting for one in all_of(said, Missed)] == [replacement.meeting]
    assert [one for one in confirmed(said) if one.number == 1] == []
