"""Meetings are moved and cancelled on request, and planned again when terms or somebody's time change."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.scheduling.model import Meeting
from shared.events import outside
from shared.events.scheduling import Scheduled
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


def test_a_move_tells_who_asked_for_it_and_why() -> None:
    history = a_pair()
    second = history.meeting(2)
    asked = outside.Moved(meeting=second.meeting, sequence=0, by=MENTOR, reason="conflict")
    said = only(history.say("c1", asked), Scheduled)
    assert (said.by, said.reason) == (MENTOR, "conflict")
    last = history.meeting(2).history[-1]
    assert (last.cause, last.by, last.reason, last.at) == ("moved", MENTOR, "conflict", START)


def test_every_move_raises_the_sequence_by_one() -> None:
    history = a_pair()
    history.move(history.meeting(2))
    said = only(history.move(history.meeting(2), by=MENTOR), Scheduled)
    assert said.sequence == 2


MOVES = [
    ("whole_minutes", "/data/starts_at", utc("2026-03-11T14:00:01")),
    ("whole_minutes", "/data/starts_at", utc("2026-03-11T14:00:00.000001")),
    ("in_the_past", "/data/starts_at", utc("2026-03-02T08:00")),
    ("in_the_past", "/data/starts_at", utc("2026-03-02T09:00")),
    ("notice", "/data/starts_at", utc("2026-03-03T08:59")),
    ("no_common_time", "/data/starts_at", utc("2026-03-11T20:00")),
    ("no_common_time", "/data/starts_at", utc("2026-03-11T16:30")),
    ("other_meetings", "/data/starts_at", utc("2026-03-17T09:30")),
    ("buffer", "/data/starts_at", utc("2026-03-17T10:10")),
    ("program_days", "/data/starts_at", utc("2026-09-01T09:00")),
    ("program_days", "/data/starts_at", utc("2026-08-31T22:00")),
]


@pytest.mark.parametrize("rule,field,to", MOVES)
def test_a_move_is_refused_with_the_rule_that_it_breaks(rule: str, field: str, to: Any) -> None:
    history = a_pair()
    assert refused(history.move(history.meeting(2), to)) == (rule, field)
    assert starts(history) == [utc(each) for each in TUESDAYS]


def test_a_move_to_the_end_of_the_notice_is_just_late_enough() -> None:
    history = a_pair()
    history.wait_until(utc("2026-03-04T09:00"))
    said = only(history.move(history.meeting(2), utc("2026-03-05T09:00")), Scheduled)
    assert said.starts_at == utc("2026-03-05T09:00")


def test_a_move_to_before_the_programs_first_day_is_refused() -> None:
    history = a_pair(starts_on=date(2026, 3, 9))
    said = history.move(history.meeting(1), utc("2026-03-05T09:00"))
    assert refused(said) == ("program_days", "/data/starts_at")


def test_a_move_into_an_absence_is_refused() -> None:
    history = a_program()
    history.say(MENTOR, available(exceptions=[away("2026-03-12T00:00", "2026-03-13T00:00")]))
    history.say("c1", paired())
    said = history.move(history.meeting(2), utc("2026-03-12T10:00"))
    assert refused(said) == ("absence", "/data/starts_at")


def test_a_move_into_a_week_that_is_full_is_refused() -> None:
    history = a_pair(weekly_max=1)
    said = history.move(history.meeting(2), utc("2026-03-18T10:00"))
    assert refused(said) == ("weekly_max", "/data/starts_at")
    said = history.move(history.meeting(2), utc("2026-03-12T10:00"))
    assert only(said, Scheduled).sequence == 1


def test_a_meeting_is_moved_a_hundred_times_at_most_and_can_be_cancelled_even_then() -> None:
    history = a_pair(planned=1)
    for _ in range(50):
        history.move(history.meeting(1), utc("2026-03-05T09:00"))
        history.move(history.meeting(1), utc("2026-03-06T09:00"))
    assert history.meeting(1).sequence == 100
    assert refused(history.move(history.meeting(1))) == ("too_many_changes", "/data/meeting")
    assert only(history.cancel(history.meeting(1)), Scheduled).sequence == 101


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


def test_a_cancellation_tells_who_asked_for_it_and_why() -> None:
    history = a_pair()
    second = history.meeting(2)
    asked = outside.Cancelled(meeting=second.meeting, sequence=0, by=MENTEE, reason="illness")
    said = only(history.say("c1", asked), Scheduled)
    assert (said.by, said.reason) == (MENTEE, "illness")
    last = history.row(Meeting, "c1", second.meeting).history[-1]
    assert (last.cause, last.by, last.reason) == ("cancelled", MENTEE, "illness")


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


def test_the_next_free_slot_of_a_pair_that_meets_daily_may_lie_a_week_on() -> None:
    history = a_program()
    for person in (MENTEE, MENTOR):
        history.say(person, available(byday=["FR"], duration="PT1H"))
    history.say("c1", paired(planned_meetings=4, cadence="FREQ=DAILY"))
    friday = history.meeting(4)
    assert friday.starts_at == utc("2026-03-06T09:00")
    assert only(history.move(friday), Scheduled).starts_at == utc("2026-03-13T09:00")
