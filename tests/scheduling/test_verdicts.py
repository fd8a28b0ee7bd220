"""Evidence, not the clock, says whether a meeting was held."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.scheduling.model import NotHeld
from shared.events.envelope import EventData
from shared.events.scheduling import Met, Missed, Scheduled, Unplaced
from shared.events.types import Duration
from tests.scheduling.history import (
    HOUR,
    MENTEE,
    MENTOR,
    START,
    History,
    a_pair,
    all_of,
    attended,
    available,
    confirmed,
    dropped,
    only,
    refused,
    utc,
)

LENIENT: dict[str, Any] = {"evidence": "one"}


def after_first(**rules: Any) -> History:
    """The first meeting, Tuesday 3 March 9:00 to 10:00, is just over."""
    history = a_pair(**rules)
    history.wait_until(utc("2026-03-03T10:00"))
    return history


def settle(history: History) -> list[EventData]:
    """Wait until the dispute time after the first meeting is over."""
    return history.wait_until(utc("2026-03-05T10:00"))


def test_a_meeting_is_held_as_soon_as_both_are_proven_to_have_been_there_long_enough() -> None:
    history = after_first()
    first = history.meeting(1)
    assert history.attend(first, MENTEE, minutes=40) == []
    said = only(history.attend(first, MENTOR, late=10, minutes=45), Met)
    assert (said.meeting, said.number, said.planned) == (first.meeting, 1, True)
    assert said.overlap.minutes == 30
    assert said.starts_at == first.starts_at
    assert said.sources == {"mentee": ("conference",), "mentor": ("conference",)}
    assert said.corrects is None


def test_a_meeting_that_still_goes_on_is_held_only_when_it_is_over() -> None:
    history = a_pair()
    first = history.meeting(1)
    history.wait_until(utc("2026-03-03T09:30"))
    assert history.attend(first, minutes=20) == []
    history.wait_until(utc("2026-03-03T09:59"))
    assert history.attend(first, late=25, minutes=34) == []
    said = history.wait(minutes=1)
    assert only(said, Met).overlap.minutes == 54


def test_a_meeting_is_held_once_however_much_evidence_follows() -> None:
    history = after_first()
    first = history.meeting(1)
    history.attend(first)
    history.wait(minutes=30)
    assert history.attend(first, minutes=80, source="self") == []
    assert all_of(history.wait(days=5), Met) == []


def test_the_clock_alone_never_says_that_a_meeting_was_held() -> None:
    history = after_first()
    said = only(settle(history), Missed)
    assert (said.reason, said.absent) == ("no_evidence", ())


def test_a_person_without_evidence_is_absent_when_the_other_was_there() -> None:
    history = after_first()
    history.attend(history.meeting(1), MENTOR)
    said = only(settle(history), Missed)
    assert (said.reason, said.absent) == ("absent", (MENTEE,))
    assert said.final_at == utc("2026-03-07T10:00")


def test_too_short_a_time_together_is_no_meeting_and_nobody_is_absent() -> None:
    history = after_first()
    history.attend(history.meeting(1), MENTOR)
    history.attend(history.meeting(1), MENTEE, late=50, minutes=10)
    said = only(settle(history), Missed)
    assert (said.reason, said.absent) == ("too_short", ())


def test_times_of_one_person_from_several_sources_are_merged() -> None:
    history = after_first()
    first = history.meeting(1)
    history.attend(first, MENTEE, minutes=10)
    history.attend(first, MENTEE, late=5, minutes=15, source="self")
    said = history.attend(first, MENTOR)
    assert only(said, Met).overlap.minutes == 20
    assert only(said, Met).sources["mentee"] == ("conference", "self")


def test_a_call_that_nobody_hung_up_proves_nothing_about_the_hours_after_the_meeting() -> None:
    history = after_first()
    history.wait(hours=3)
    first = history.meeting(1)
    history.attend(first, MENTEE, minutes=None)
    said = history.attend(first, MENTOR, minutes=None)
    assert only(said, Met).overlap.minutes == 60


def test_an_end_that_becomes_known_later_replaces_the_open_one() -> None:
    history = after_first()
    first = history.meeting(1)
    history.attend(first, MENTEE, minutes=None)
    history.attend(first, MENTEE, minutes=20)
    assert only(history.attend(first, MENTOR), Met).overlap.minutes == 20


WHOSE_WORD = [
    ("system", "conference", "conference", True),
    ("system", "self", "self", False),
    ("system", "coordinator", "coordinator", False),
    ("both", "self", "self", True),
    ("both", "self", "other_side", False),
    ("both", "conference", "self", True),
    ("one", "self", "other_side", True),
    ("one", "coordinator", "coordinator", True),
]


@pytest.mark.parametrize("rule,mentees,mentors,held", WHOSE_WORD)
def test_the_program_says_whose_word_proves_presence(
    rule: str, mentees: str, mentors: str, held: bool
) -> None:
    history = after_first(evidence=rule)
    first = history.meeting(1)
    said = history.attend(first, MENTEE, source=mentees)
    said += history.attend(first, MENTOR, source=mentors)
    assert bool(all_of(said, Met)) == held


def test_words_that_do_not_count_are_no_evidence_but_are_shown() -> None:
    history = after_first(evidence="system")
    first = history.meeting(1)
    history.attend(first, source="self")
    assert only(settle(history), Missed).reason == "no_evidence"
    assert only(history.attend(first), Met).sources["mentor"] == ("conference", "self")


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


def test_late_evidence_that_does_not_suffice_changes_nothing() -> None:
    history = after_first()
    settle(history)
    assert history.attend(history.meetings()[0], MENTOR) == []


def test_evidence_after_the_verdict_is_final_is_refused() -> None:
    history = after_first()
    history.wait_until(utc("2026-03-07T10:00"))
    said = history.attend(history.meetings()[0], MENTEE)
    assert refused(said) == ("verdict_final", "/data/meeting")


def test_an_unplanned_meeting_is_held_when_both_were_there() -> None:
    history = after_first()
    joined = utc("2026-03-03T09:20")
    assert history.say("c1", attended("coffee", MENTEE, joined, joined + HOUR / 2)) == []
    said = history.say("c1", attended("coffee", MENTOR, joined + HOUR / 6, joined + HOUR / 2))
    met = only(said, Met)
    assert (met.number, met.planned, met.type) == (0, False, "regular")
    assert met.starts_at == joined + HOUR / 6
    assert met.overlap.minutes == 20


def test_nobody_misses_an_unplanned_meeting() -> None:
    history = after_first()
    history.say("c1", attended("coffee", MENTEE, utc("2026-03-03T09:20"), None))
    said = history.wait(days=30)
    assert "coffee" not in {one.meeting for one in all_of(said, Missed)}


REFUSED = [
    ("in_the_future", "/data/joined_at", {"late": 120}),
    ("in_the_future", "/data/left_at", {"minutes": 90}),
    ("not_at_meeting", "/data/joined_at", {"late": -300, "minutes": 30}),
]


@pytest.mark.parametrize("rule,field,where", REFUSED)
def test_evidence_about_another_time_is_refused(
    rule: str, field: str, where: dict[str, Any]
) -> None:
    history = after_first()
    said = history.attend(history.meeting(1), MENTEE, **where)
    assert refused(said) == (rule, field)


def test_evidence_about_a_stranger_is_refused() -> None:
    history = after_first()
    said = history.attend(history.meeting(1), "mallory")
    assert refused(said) == ("not_in_pair", "/data/person")


def test_evidence_about_an_unknown_cycle_is_refused() -> None:
    history = after_first()
    said = history.say("c9", attended("m", MENTEE, START, None))
    assert refused(said) == ("unknown_cycle", "/subject")


def test_evidence_about_a_cancelled_meeting_is_refused() -> None:
    history = a_pair()
    first = history.meeting(1)
    history.cancel(first)
    history.wait_until(utc("2026-03-03T10:00"))
    assert refused(history.attend(first, MENTEE)) == ("meeting_cancelled", "/data/meeting")


def test_a_flood_of_evidence_is_refused() -> None:
    history = after_first()
    first = history.meeting(1)
    for seconds in range(100):
        joined = first.starts_at + timedelta(seconds=seconds)
        assert history.say("c1", attended(first.meeting, MENTEE, joined, None)) == []
    said = history.say("c1", attended(first.meeting, MENTEE, first.starts_at + HOUR / 2, None))
    assert refused(said) == ("too_much_evidence", "/data/meeting")


def test_a_pair_that_agreed_on_short_meetings_proves_them_by_their_length() -> None:
    history = a_pair(pair={"length": Duration(clock=10)})
    history.wait_until(utc("2026-03-03T09:10"))
    assert all_of(history.attend(history.meeting(1), minutes=10), Met)


def test_verdicts_are_said_once_per_meeting_and_leave_no_timer_behind() -> None:
    history = a_pair()
    said = history.wait(days=120)
    missed = [one.meeting for one in all_of(said, Missed)]
    assert len(missed) == len(set(missed)) == len(history.meetings())
    assert history.timers == {}
    assert not [one for one in all_of(said, Scheduled) if one.status == "CANCELLED"]
