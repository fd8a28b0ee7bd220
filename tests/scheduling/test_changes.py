"""Meetings are moved and cancelled on request, and planned again when terms or somebody's time change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.events import outside
from shared.events.scheduling import Reminded, Scheduled, Unplaced
from shared.events.types import Duration
from tests.scheduling.history import (
    HOUR,
    MENTEE,
    MENTOR,
    START,
    History,
    a_pair,
    agreed,
    all_of,
    available,
    away,
    confirmed,
    dropped,
    only,
    paired,
    refused,
    utc,
)

TUESDAYS = ["2026-03-03T09:00", "2026-03-10T09:00", "2026-03-17T09:00", "2026-03-24T09:00"]


def starts(history: History) -> list[Any]:
    return [row.starts_at for row in history.standing()]


# -- moved --------------------------------------------------------------------------------------


def test_a_meeting_moves_to_the_wished_time_under_the_same_uid() -> None:
    history = a_pair()
    second = history.meeting(2)
    said = only(history.move(second, utc("2026-03-11T14:00")), Scheduled)
    assert (said.uid, said.sequence, said.cause) == (second.uid, 1, "moved")
    assert said.starts_at == utc("2026-03-11T14:00")
    assert said.ends_at == utc("2026-03-11T15:00")


def test_a_meeting_moved_without_a_wish_takes_the_next_free_slot() -> None:
    history = a_pair()
    said = only(history.move(history.meeting(2)), Scheduled)
    assert said.starts_at == utc("2026-03-10T10:00")


def test_every_move_raises_the_sequence_by_one() -> None:
    history = a_pair()
    history.move(history.meeting(2))
    said = only(history.move(history.meeting(2), by=MENTOR), Scheduled)
    assert said.sequence == 2


MOVES = [
    ("in_the_past", "/data/starts_at", utc("2026-03-02T08:00")),
    ("no_common_time", "/data/starts_at", utc("2026-03-11T20:00")),
    ("no_common_time", "/data/starts_at", utc("2026-03-11T16:30")),
    ("other_meetings", "/data/starts_at", utc("2026-03-17T09:30")),
    ("other_meetings", "/data/starts_at", utc("2026-03-17T10:10")),
    ("program_days", "/data/starts_at", utc("2026-09-01T09:00")),
]


@pytest.mark.parametrize("rule,field,to", MOVES)
def test_a_move_is_refused_with_the_rule_that_it_breaks(rule: str, field: str, to: Any) -> None:
    history = a_pair()
    assert refused(history.move(history.meeting(2), to)) == (rule, field)
    assert starts(history) == [utc(each) for each in TUESDAYS]


def test_a_move_onto_another_pairs_meeting_is_refused() -> None:
    history = a_pair()
    history.say("bea", available())
    history.say("c2", paired("bea", MENTOR))
    to = history.meeting(2, "c2").starts_at
    assert refused(history.move(history.meeting(3), to)) == ("other_meetings", "/data/starts_at")


def test_a_move_within_the_notice_is_refused() -> None:
    history = a_pair()
    history.wait_until(utc("2026-03-09T10:00"))
    said = history.move(history.meeting(2), utc("2026-03-12T09:00"))
    assert refused(said) == ("notice", "/data/meeting")


def test_a_move_by_a_stranger_is_refused() -> None:
    history = a_pair()
    said = history.move(history.meeting(2), by="mallory")
    assert refused(said) == ("not_in_pair", "/data/by")


def test_a_move_of_what_was_already_changed_is_refused() -> None:
    history = a_pair()
    history.move(history.meeting(2))
    said = history.move(history.meeting(2), behind=1)
    assert refused(said) == ("stale_sequence", "/data/sequence")


def test_a_move_of_an_unknown_meeting_is_refused() -> None:
    history = a_pair()
    said = history.say("c1", outside.Moved(meeting="m9", sequence=0, by=MENTEE))
    assert refused(said) == ("unknown_meeting", "/data/meeting")


def test_a_move_in_an_unknown_cycle_is_refused() -> None:
    history = a_pair()
    said = history.say("c9", outside.Moved(meeting="m9", sequence=0, by=MENTEE))
    assert refused(said) == ("unknown_cycle", "/subject")


def test_a_move_without_any_free_slot_is_refused() -> None:
    history = a_pair()
    history.say(MENTEE, available(exceptions=[away("2026-03-24T10:00", "2026-04-10T00:00")]))
    history.wait(minutes=1)
    assert refused(history.move(history.meeting(4))) == ("absence", "/data/meeting")


def test_a_meeting_may_be_moved_onto_a_public_holiday_on_request_and_stays_there() -> None:
    history = a_pair(planned=8, holidays=("DE",))
    easter_monday = utc("2026-04-06T09:00")
    said = history.move(history.meeting(6), easter_monday)
    assert only(said, Scheduled).starts_at == easter_monday
    history.say(MENTEE, available(duration="PT9H"))
    assert all_of(history.wait(minutes=1), Scheduled) == []


def test_the_next_free_slot_is_no_public_holiday_while_there_is_another() -> None:
    history = a_pair(planned=8, holidays=("DE",))
    history.move(history.meeting(5), utc("2026-04-02T16:00"))
    said = only(history.move(history.meeting(5)), Scheduled)
    assert said.starts_at == utc("2026-04-07T10:15")


# -- cancelled ----------------------------------------------------------------------------------


def test_a_cancelled_meeting_is_not_made_up_for() -> None:
    history = a_pair()
    second = history.meeting(2)
    said = only(history.cancel(second), Scheduled)
    assert (said.status, said.sequence, said.cause) == ("CANCELLED", 1, "cancelled")
    assert said.starts_at == second.starts_at
    history.say(MENTEE, available(duration="PT9H"))
    assert all_of(history.wait(minutes=1), Scheduled) == []


def test_a_meeting_can_be_cancelled_until_it_begins() -> None:
    history = a_pair()
    history.wait_until(utc("2026-03-03T08:59"))
    assert len(dropped(history.cancel(history.meeting(1)))) == 1
    history = a_pair()
    history.wait_until(utc("2026-03-03T09:00"))
    assert refused(history.cancel(history.meeting(1))) == ("already_begun", "/data/meeting")


def test_a_meeting_is_cancelled_once() -> None:
    history = a_pair()
    history.cancel(history.meeting(2))
    assert refused(history.cancel(history.meeting(2))) == ("not_standing", "/data/meeting")


# -- availability -------------------------------------------------------------------------------


def test_new_hours_move_what_they_no_longer_cover_and_leave_the_rest() -> None:
    history = a_pair()
    history.say(MENTEE, available(exceptions=[away("2026-03-10T00:00", "2026-03-11T00:00")]))
    said = only(history.wait(minutes=1), Scheduled)
    assert (said.number, said.cause, said.sequence) == (2, "replanned", 1)
    assert said.starts_at == utc("2026-03-11T09:00")


def test_new_hours_leave_a_meeting_within_the_notice_alone() -> None:
    history = a_pair()
    history.wait_until(utc("2026-03-02T12:00"))
    history.say(MENTEE, available(exceptions=[away("2026-03-03T00:00", "2026-03-04T00:00")]))
    assert all_of(history.wait(minutes=1), Scheduled) == []


def test_a_meeting_that_fits_nowhere_any_more_is_cancelled_and_unplaced() -> None:
    history = a_pair()
    away_all = away("2026-03-09T00:00", "2026-03-17T00:00")
    history.say(MENTEE, available(exceptions=[away_all]))
    said = history.wait(minutes=1)
    assert [one.number for one in dropped(said)] == [2]
    gap = only(said, Unplaced)
    assert (gap.number, gap.constraint, gap.until) == (2, "absence", utc("2026-03-16T23:00"))


def test_an_unplaced_number_is_placed_when_there_is_time() -> None:
    history = a_pair()
    history.say(MENTEE, available(exceptions=[away("2026-03-09T00:00", "2026-03-17T00:00")]))
    history.wait(minutes=1)
    history.say(MENTEE, available())
    said = only(history.wait(minutes=1), Scheduled)
    assert (said.number, said.sequence, said.cause) == (2, 0, "replaced")
    assert said.starts_at == utc("2026-03-10T09:00")


def test_a_gap_is_not_said_again_while_the_same_constraint_holds() -> None:
    history = a_pair()
    history.say(MENTEE, available(exceptions=[away("2026-03-09T00:00", "2026-03-17T00:00")]))
    history.wait(minutes=1)
    history.say(MENTEE, available(exceptions=[away("2026-03-09T00:00", "2026-03-18T00:00")]))
    assert not [one for one in all_of(history.wait(minutes=1), Unplaced) if one.number == 2]


def test_a_plan_without_hours_is_made_when_the_hours_are_stated() -> None:
    history = a_pair()
    history.say("c2", paired("bea", MENTOR))
    history.say("bea", available())
    said = history.wait(minutes=1)
    assert [one.number for one in confirmed(said)] == [1, 2, 3, 4]
    assert history.running("c2").gaps == ()


def test_the_same_hours_stated_again_change_nothing() -> None:
    history = a_pair()
    history.say(MENTEE, available())
    assert history.timers.keys() == {("c1", row.meeting) for row in history.standing()}


def test_a_meeting_that_was_moved_on_request_stays_there() -> None:
    history = a_pair()
    history.move(history.meeting(2), utc("2026-03-19T14:00"))
    history.say(MENTEE, available(duration="PT9H"))
    assert all_of(history.wait(minutes=1), Scheduled) == []


# -- terms --------------------------------------------------------------------------------------


def test_terms_that_only_one_side_has_stated_change_nothing() -> None:
    history = a_pair()
    assert history.say("c1", agreed(MENTEE, planned_meetings=6)) == []
    assert history.say("c1", agreed(MENTEE, planned_meetings=6)) == []


def test_terms_that_differ_change_nothing() -> None:
    history = a_pair()
    history.say("c1", agreed(MENTEE, planned_meetings=6))
    assert history.say("c1", agreed(MENTOR, planned_meetings=7)) == []


def test_terms_of_a_stranger_change_nothing() -> None:
    history = a_pair()
    history.say("c1", agreed("mallory", planned_meetings=6))
    assert history.say("c1", agreed(MENTOR, planned_meetings=6)) == []


def agree(history: History, **terms: Any) -> list[Any]:
    history.say("c1", agreed(MENTEE, **terms))
    return history.say("c1", agreed(MENTOR, **terms))


def test_more_meetings_are_added_and_the_closing_becomes_the_last() -> None:
    history = a_pair()
    said = confirmed(agree(history, planned_meetings=6))
    assert [(one.number, one.type, one.cause) for one in said] == [
        (4, "regular", "replanned"),
        (5, "regular", "planned"),
        (6, "closing", "planned"),
    ]


def test_fewer_meetings_cancel_the_last() -> None:
    history = a_pair()
    said = agree(history, planned_meetings=2)
    assert [one.number for one in dropped(said)] == [3, 4]
    assert [(one.number, one.type) for one in confirmed(said)] == [(2, "closing")]


def test_another_length_places_the_meetings_anew_outside_the_notice() -> None:
    history = a_pair()
    history.wait_until(utc("2026-03-02T12:00"))
    said = confirmed(agree(history, length=Duration(clock=90)))
    assert [one.number for one in said] == [2, 3, 4]
    assert {one.ends_at - one.starts_at for one in said} == {HOUR * 1.5}
    assert [one.starts_at for one in said] == [utc(each) for each in TUESDAYS[1:]]


def test_another_cadence_counts_on_from_the_last_meeting_that_stays() -> None:
    history = a_pair()
    history.wait_until(utc("2026-03-03T11:00"))
    said = confirmed(agree(history, cadence="FREQ=WEEKLY;INTERVAL=2"))
    assert [one.starts_at for one in said] == [
        utc("2026-03-17T09:00"),
        utc("2026-03-31T08:00") + HOUR,
        utc("2026-04-14T09:00"),
    ]


def test_another_format_is_announced_without_moving_anything() -> None:
    history = a_pair()
    said = confirmed(agree(history, format="in_person"))
    assert [one.starts_at for one in said] == [utc(each) for each in TUESDAYS]
    assert {one.format for one in said} == {"in_person"}


def test_the_same_terms_stated_by_both_again_change_nothing() -> None:
    history = a_pair()
    agree(history, planned_meetings=6)
    assert agree(history, planned_meetings=6) == []


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


def test_a_meeting_that_must_move_stays_near_its_old_time() -> None:
    history = a_pair()
    history.move(history.meeting(2), utc("2026-03-12T14:00"))
    history.say(MENTEE, available(exceptions=[away("2026-03-12T13:00", "2026-03-12T15:00")]))
    said = only(history.wait(minutes=1), Scheduled)
    assert said.starts_at == utc("2026-03-12T15:00")
