"""Plans are made anew when somebody's time or the terms change, with as few changes as can be."""

from __future__ import annotations

from typing import Any

from shared.events import outside
from shared.events.scheduling import Scheduled, Unplaced
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
    utc,
)

TUESDAYS = ["2026-03-03T09:00", "2026-03-10T09:00", "2026-03-17T09:00", "2026-03-24T09:00"]


# -- availability -------------------------------------------------------------------------------


def test_new_hours_move_what_they_no_longer_cover_and_leave_the_rest() -> None:
    history = a_pair()
    history.say(MENTEE, available(exceptions=[away("2026-03-10T00:00", "2026-03-11T00:00")]))
    said = only(history.wait(minutes=1), Scheduled)
    assert (said.number, said.cause, said.sequence) == (2, "replanned", 1)
    assert said.starts_at == utc("2026-03-11T09:00")


def test_a_plan_looked_at_again_while_the_clock_stands_says_nothing_under_an_id_of_before() -> None:
    """Statements may be stamped earlier than the clock, which a `due` has moved: each is then as late as the clock."""
    history = a_pair()
    for hour in (12, 14, 16):
        history.now = START
        history.say(MENTEE, available(f"{hour}:00", "PT2H"))
        assert confirmed(history.wait(minutes=1))
    ids = [answer.id for _, answers in history.log for answer in answers]
    assert len(ids) == len(set(ids))


def test_an_end_while_the_clock_stands_has_a_due_of_its_own() -> None:
    history = a_pair()
    history.say(MENTEE, available("12:00", "PT2H"))
    history.wait(minutes=1)
    looked = history.running().looked_at
    history.now = START
    history.say(MENTEE, outside.Left(roles=("mentee",), effective_at=START))
    assert looked not in {timer.at for timer in history.timers.values() if timer.about == "c1"}
    assert dropped(history.wait(minutes=1))


def test_nobody_has_asked_for_what_new_hours_move() -> None:
    history = a_pair()
    history.move(history.meeting(2), utc("2026-03-12T14:00"))
    history.say(MENTEE, available(exceptions=[away("2026-03-12T13:00", "2026-03-12T15:00")]))
    said = only(history.wait(minutes=1), Scheduled)
    assert (said.by, said.reason, said.cause) == (None, None, "replanned")
    assert [one.cause for one in history.meeting(2).history] == ["planned", "moved", "replanned"]


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


def test_a_meeting_that_must_move_stays_near_its_old_time() -> None:
    history = a_pair()
    history.move(history.meeting(2), utc("2026-03-12T14:00"))
    history.say(MENTEE, available(exceptions=[away("2026-03-12T13:00", "2026-03-12T15:00")]))
    said = only(history.wait(minutes=1), Scheduled)
    assert said.starts_at == utc("2026-03-12T15:00")


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


def test_numbers_that_a_shorter_plan_dropped_are_placed_when_it_grows_again() -> None:
    history = a_pair()
    agree(history, planned_meetings=2)
    said = confirmed(agree(history, planned_meetings=5))
    assert [(one.number, one.type) for one in said] == [
        (2, "goal_setting"),
        (3, "regular"),
        (4, "regular"),
        (5, "closing"),
    ]
    assert [row.starts_at for row in history.standing()][:4] == [utc(each) for each in TUESDAYS]


def test_a_number_that_one_of_the_pair_cancelled_is_not_placed_again() -> None:
    history = a_pair()
    agree(history, planned_meetings=3)
    history.cancel(history.meeting(3))
    assert [one.number for one in confirmed(agree(history, planned_meetings=4))] == [4]


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


def test_another_cadence_does_not_count_on_from_a_later_number_that_was_moved_forward() -> None:
    for is_cancelled in (False, True):
        history = a_pair(planned=5, weekly_max=3)
        assert confirmed(history.move(history.meeting(5), utc("2026-03-05T14:00")))
        history.wait_until(utc("2026-03-04T16:00"))
        if is_cancelled:
            history.cancel(history.meeting(5))
        said = confirmed(agree(history, planned_meetings=5, cadence="FREQ=WEEKLY;INTERVAL=2"))
        assert [(one.number, one.starts_at) for one in said] == [
            (2, utc("2026-03-17T09:00")),
            (3, utc("2026-03-31T09:00")),
            (4, utc("2026-04-14T09:00")),
        ]


def test_another_cadence_leaves_alone_what_was_moved_on_request_and_what_it_is_for_since_then() -> (
    None
):
    history = a_pair()
    history.move(history.meeting(4), utc("2026-03-26T14:00"))
    assert (4, "regular") in [
        (one.number, one.type) for one in confirmed(agree(history, planned_meetings=5))
    ]
    said = confirmed(agree(history, planned_meetings=5, cadence="FREQ=WEEKLY;INTERVAL=2"))
    assert [one.number for one in said] == [2, 3, 5]
    assert history.meeting(4).starts_at == utc("2026-03-26T14:00")


def test_a_meeting_moved_onto_a_holiday_stays_there_when_its_purpose_changes() -> None:
    history = a_pair(planned=5, holidays=["DE"])
    assert confirmed(history.move(history.meeting(5), utc("2026-04-03T09:00")))
    agree(history, planned_meetings=6)
    history.say(MENTEE, available(duration="PT9H"))
    assert confirmed(history.wait(minutes=1)) == []
    assert history.meeting(5).starts_at == utc("2026-04-03T09:00")


def test_another_format_is_announced_without_moving_anything() -> None:
    history = a_pair()
    said = confirmed(agree(history, format="in_person"))
    assert [one.starts_at for one in said] == [utc(each) for each in TUESDAYS]
    assert {one.format for one in said} == {"in_person"}


def test_the_same_terms_stated_by_both_again_change_nothing() -> None:
    history = a_pair()
    agree(history, planned_meetings=6)
    assert agree(history, planned_meetings=6) == []
