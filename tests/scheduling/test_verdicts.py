"""Evidence, not the clock, says whether a meeting was held."""

from __future__ import annotations

import pytest

from shared.events.scheduling import Met, Missed, Scheduled
from shared.events.types import Duration
from tests.scheduling.history import (
    HOUR,
    MENTEE,
    MENTOR,
    a_pair,
    all_of,
    attended,
    only,
    utc,
)
from tests.scheduling.rows import after_first, settle


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


def test_a_room_that_nobody_left_all_day_shows_the_two_for_the_meeting_and_an_hour_around_it() -> (
    None
):
    history = after_first()
    history.wait_until(utc("2026-03-03T18:00"))
    first = history.meeting(1)
    history.attend(first, MENTEE, late=-240, minutes=720)
    assert only(history.attend(first, MENTOR, late=-240, minutes=720), Met).overlap.minutes == 180


def test_a_conference_of_another_time_of_day_proves_nothing() -> None:
    history = after_first()
    history.wait_until(utc("2026-03-03T18:00"))
    first = history.meeting(1)
    history.attend(first, MENTOR)
    said = history.attend(first, MENTEE, late=-240, minutes=185)
    assert all_of(said, Met) == []


def test_an_end_that_becomes_known_later_replaces_the_open_one() -> None:
    history = after_first()
    first = history.meeting(1)
    history.attend(first, MENTEE, minutes=None)
    history.attend(first, MENTEE, minutes=20)
    assert only(history.attend(first, MENTOR), Met).overlap.minutes == 20


def test_a_joining_that_arrives_behind_its_leaving_proves_no_more_than_that() -> None:
    history = after_first(overlap_min="PT30M")
    first = history.meeting(1)
    history.attend(first, MENTOR)
    history.attend(first, MENTEE, minutes=5)
    assert history.attend(first, MENTEE, minutes=None) == []


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


def test_verdicts_name_those_about_whom_sources_disagree() -> None:
    history = after_first(evidence="both")
    first = history.meeting(1)
    history.attend(first, MENTEE, source="self")
    history.attend(first, MENTEE, minutes=5)
    said = only(history.attend(first, MENTOR), Met)
    assert said.contradicted == (MENTEE,)
    history = after_first(evidence="system")
    history.attend(history.meeting(1), MENTEE, source="self")
    history.attend(history.meeting(1), MENTOR)
    missed = only(settle(history), Missed)
    assert (missed.absent, missed.contradicted) == ((MENTEE,), (MENTEE,))


def test_one_whom_a_watching_conference_has_not_seen_is_named_though_his_word_counts() -> None:
    history = after_first(evidence="both")
    first = history.meeting(1)
    history.attend(first, MENTEE)
    assert only(history.attend(first, MENTOR, source="self"), Met).contradicted == (MENTOR,)


def test_verdicts_name_nobody_while_all_sources_agree() -> None:
    history = after_first(evidence="both")
    first = history.meeting(1)
    history.attend(first, MENTEE, source="self")
    history.attend(first, MENTEE, late=10, minutes=45)
    assert only(history.attend(first, MENTOR), Met).contradicted == ()
