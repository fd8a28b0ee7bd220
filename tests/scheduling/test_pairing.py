"""A pair's whole cycle is planned when it is paired."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from services.scheduling.model import Cycle
from shared.events.envelope import Event
from shared.events.scheduling import Met, Scheduled, Unplaced
from shared.events.system import Rejected
from shared.events.types import Duration
from tests.scheduling.history import (
    HOUR,
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
    away,
    confirmed,
    only,
    opened,
    paired,
    utc,
)

EVERY_DAY = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def test_every_meeting_is_planned_at_the_cadence_and_keeps_its_time_of_day() -> None:
    history = a_program()
    said = history.say("c1", paired())
    assert [data.starts_at for data in confirmed(said)] == [
        utc("2026-03-03T09:00"),
        utc("2026-03-10T09:00"),
        utc("2026-03-17T09:00"),
        utc("2026-03-24T09:00"),
    ]


def test_a_planned_meeting_is_announced_with_all_that_a_calendar_needs() -> None:
    history = a_program()
    said = confirmed(history.say("c1", paired()))
    assert {data.cause for data in said} == {"planned"}
    assert {data.ends_at - data.starts_at for data in said} == {HOUR}
    assert {data.sequence for data in said} == {0}
    assert {data.rules for data in said} == {"r1"}
    assert len({data.meeting for data in said}) == len({data.uid for data in said}) == 4
    assert [data.number for data in said] == [1, 2, 3, 4]
    assert all(data.planned for data in said)


def test_a_plan_opens_with_the_introduction_and_ends_with_the_closing() -> None:
    history = a_program()
    said = confirmed(history.say("c1", paired(planned_meetings=5)))
    types = ["introduction", "goal_setting", "regular", "regular", "closing"]
    assert [data.type for data in said] == types


def test_a_transition_is_prepared_after_the_goals_are_set() -> None:
    history = a_program()
    said = confirmed(history.say("c1", paired(planned_meetings=5, focus=("transition",))))
    assert said[2].type == "transition_preparation"


def test_two_meetings_are_an_introduction_and_a_closing() -> None:
    history = a_program()
    said = confirmed(history.say("c1", paired(planned_meetings=2)))
    assert [data.type for data in said] == ["introduction", "closing"]


def test_no_meeting_lies_within_the_notice() -> None:
    history = a_program(notice=Duration(5))
    said = confirmed(history.say("c1", paired()))
    assert said[0].starts_at == utc("2026-03-09T09:00")


def test_no_meeting_lies_before_the_program_begins() -> None:
    history = a_program(starts_on=date(2026, 4, 1))
    said = confirmed(history.say("c1", paired()))
    assert said[0].starts_at == utc("2026-04-01T09:00")


def test_what_the_program_has_no_days_left_for_stays_unplaced() -> None:
    history = a_program(ends_on=date(2026, 3, 17))
    said = history.say("c1", paired())
    assert len(confirmed(said)) == 3
    gap = all_of(said, Unplaced)
    assert [(one.number, one.constraint) for one in gap] == [(4, "program_days")]


def test_a_meeting_keeps_its_time_on_the_mentors_clock_across_summer_time() -> None:
    history = History()
    history.say(PROGRAM, opened())
    history.say(MENTEE, available("00:00", "PT24H", zone="UTC"))
    history.say(MENTOR, available("14:00", "PT2H", zone="Europe/Berlin"))
    said = confirmed(history.say("c1", paired(planned_meetings=6)))
    local = [data.starts_at.astimezone(ZoneInfo("Europe/Berlin")) for data in said]
    assert {each.strftime("%a %H:%M") for each in local} == {"Tue 14:00"}
    assert {data.zone for data in said} == {"Europe/Berlin"}


def test_a_month_that_is_shorter_than_the_anchors_day_is_not_left_out() -> None:
    history = a_program(ends_on=date(2026, 12, 31))
    history.now = utc("2026-05-29T12:00")
    said = confirmed(history.say("c1", paired(cadence="FREQ=MONTHLY")))
    assert [data.starts_at.date() for data in said] == [
        date(2026, 6, 1),
        date(2026, 7, 2),
        date(2026, 7, 31),
        date(2026, 9, 1),
    ]


def test_a_cadence_of_two_days_a_week_gives_two_meetings_a_week() -> None:
    history = a_program()
    said = confirmed(history.say("c1", paired(cadence="FREQ=WEEKLY;BYDAY=MO,TH")))
    weekdays = [data.starts_at.strftime("%a") for data in said]
    assert weekdays == ["Thu", "Mon", "Thu", "Mon"]


def test_public_holidays_of_the_program_are_left_out() -> None:
    """Easter Monday 2026 is 6 April: its week meets on another day."""
    history = a_program(holidays=("DE",))
    monday = available(byday=["MO", "TU"])
    history.say(MENTEE, monday)
    history.now = utc("2026-03-28T09:00")
    said = confirmed(history.say("c1", paired(planned_meetings=3)))
    assert [data.starts_at.date() for data in said] == [
        date(2026, 3, 30),
        date(2026, 4, 7),
        date(2026, 4, 13),
    ]


def test_public_holidays_of_a_persons_own_region_are_left_out() -> None:
    """1 and 8 May are in France; they are Fridays in 2026."""
    history = a_program()
    history.say(MENTEE, available(byday=["FR"], zone="Europe/Paris", region="FR"))
    history.now = utc("2026-04-29T09:00")
    said = history.say("c1", paired(planned_meetings=3))
    assert [data.starts_at.date() for data in confirmed(said)] == [date(2026, 5, 15)]
    assert [one.constraint for one in all_of(said, Unplaced)] == ["holidays", "holidays"]


def test_times_away_and_busy_are_left_out_and_extra_time_is_used() -> None:
    history = a_program()
    exceptions = [
        away("2026-03-03T00:00", "2026-03-06T00:00"),
        away("2026-03-06T09:00", "2026-03-06T17:00", "busy"),
        away("2026-03-07T10:00", "2026-03-07T11:00", "extra"),
    ]
    history.say(MENTEE, available(exceptions=exceptions))
    history.say(
        MENTOR, available(exceptions=[away("2026-03-07T08:00", "2026-03-07T12:00", "extra")])
    )
    said = confirmed(history.say("c1", paired(planned_meetings=1)))
    assert said[0].starts_at == utc("2026-03-07T10:00")


def test_a_pair_without_common_hours_is_told_so_for_each_number() -> None:
    history = a_program()
    history.say(MENTEE, available("18:00", "PT2H"))
    said = history.say("c1", paired())
    assert not all_of(said, Scheduled)
    assert [(one.number, one.constraint) for one in all_of(said, Unplaced)] == [
        (number, "no_common_time") for number in (1, 2, 3, 4)
    ]


def test_a_person_who_has_stated_no_time_leaves_every_number_open() -> None:
    history = History()
    history.say(PROGRAM, opened())
    history.say(MENTOR, available())
    said = history.say("c1", paired())
    assert {one.constraint for one in all_of(said, Unplaced)} == {"no_availability"}


def test_an_absence_through_a_whole_period_is_named() -> None:
    history = a_program()
    history.say(MENTEE, available(exceptions=[away("2026-03-02T00:00", "2026-03-11T00:00")]))
    said = all_of(history.say("c1", paired()), Unplaced)
    assert [(one.number, one.constraint) for one in said] == [(1, "absence")]


def test_a_mentor_is_never_booked_twice_and_has_a_break_between_meetings() -> None:
    history = a_pair()
    history.say("bea", available())
    said = confirmed(history.say("c2", paired("bea", MENTOR)))
    assert said[0].starts_at == utc("2026-03-03T10:15")
    assert [data.starts_at - HOUR - timedelta(minutes=15) for data in said] == [
        row.starts_at for row in history.standing("c1")
    ]


def test_a_mentor_who_is_a_mentee_elsewhere_is_not_booked_twice_either() -> None:
    history = a_pair()
    history.say("bea", available())
    said = confirmed(history.say("c2", paired(MENTOR, "bea")))
    assert said[0].starts_at == utc("2026-03-03T10:15")


def test_no_person_meets_more_often_in_a_week_than_the_program_allows() -> None:
    history = a_pair(weekly_max=1)
    history.say("bea", available())
    said = history.say("c2", paired("bea", MENTOR))
    assert {(one.constraint) for one in all_of(said, Unplaced)} == {"weekly_max"}


def test_hours_full_of_other_meetings_are_named() -> None:
    history = a_program()
    history.say(MENTOR, available(duration="PT1H", byday=["TU"]))
    history.say("c1", paired())
    history.say("bea", available())
    said = history.say("c2", paired("bea", MENTOR, planned_meetings=1))
    assert [one.constraint for one in all_of(said, Unplaced)] == ["other_meetings"]


def test_a_second_pairing_of_the_same_cycle_changes_nothing() -> None:
    history = a_pair()
    assert history.say("c1", paired(mentor="bea")) == []
    assert history.row(Cycle, "c1").mentor == MENTOR


def test_a_pair_under_rules_that_nobody_stated_is_left_unplaced() -> None:
    history = a_program()
    said = history.say("c1", paired(rules="r9"))
    assert {one.constraint for one in all_of(said, Unplaced)} == {"no_rules"}


def test_rules_that_matching_rejects_never_held() -> None:
    history = History()
    event_id = "00000000-0000-4000-8000-000000000001"
    wrong = opened(planned_meetings=1, weekly_max=1, notice=Duration(30))
    history.fold_event(Event(event_id, "/tests", PROGRAM, PROGRAM, START, wrong))
    history.say(PROGRAM, opened())
    history.say(PROGRAM, Rejected(event=event_id, rule="unfit"), source="/mentoring/matching")
    history.say(MENTEE, available())
    history.say(MENTOR, available())
    said = confirmed(history.say("c1", paired()))
    assert said[0].starts_at == utc("2026-03-03T09:00")


# -- fair hours, skills, purposes -----------------------------------------------------------------


def far_apart() -> History:
    """Berlin and Auckland are twelve hours apart in March and ten from April on; both have all day."""
    history = History()
    history.say(PROGRAM, opened())
    history.say(MENTEE, available("00:00", "PT24H", EVERY_DAY, zone="Europe/Berlin"))
    history.say(MENTOR, available("00:00", "PT24H", EVERY_DAY, zone="Pacific/Auckland"))
    return history


def asked(said: Iterable[Scheduled]) -> list[tuple[int, int]]:
    return [(one.outside["mentee"].minutes, one.outside["mentor"].minutes) for one in said]


def test_a_plan_says_how_much_of_each_meeting_lies_outside_fair_hours() -> None:
    """The last lies behind the change of Berlin's clock, at half past six there."""
    history = a_program()
    history.say(MENTEE, available("17:30", "PT2H", zone="Europe/Berlin"))
    history.say(MENTOR, available("16:30", "PT2H", zone="UTC"))
    said = confirmed(history.say("c1", paired(planned_meetings=5)))
    assert asked(said) == [(30, 0), (30, 0), (30, 0), (30, 0), (60, 0)]
    first = history.meeting(1)
    assert (first.outside_mentee, first.outside_mentor) == (30, 0)


def test_a_pair_meets_in_the_fair_hours_of_both_where_there_are_any() -> None:
    history = a_program()
    history.say(MENTEE, available("05:00", "PT17H"))
    history.say(MENTOR, available("05:00", "PT17H", zone="America/New_York"))
    said = confirmed(history.say("c1", paired()))
    assert asked(said) == [(0, 0)] * 4
    assert {one.starts_at.hour for one in said} <= {12, 13}


def test_two_who_live_far_apart_share_the_inconvenience_of_their_cycle() -> None:
    history = far_apart()
    said = confirmed(history.say("c1", paired(planned_meetings=4)))
    mentee, mentor = (sum(one[side] for one in asked(said)) for side in (0, 1))
    assert mentee == mentor == 120


def test_what_one_side_has_borne_counts_when_a_meeting_is_planned_anew() -> None:
    history = far_apart()
    history.say("c1", paired(planned_meetings=2))
    before = [(row.outside_mentee, row.outside_mentor) for row in history.standing()]
    assert sorted(before) == [(0, 60), (60, 0)]
    for by in (MENTEE, MENTOR):
        history.say("c1", agreed(by, planned_meetings=3))
    third = history.meeting(3)
    assert {third.outside_mentee, third.outside_mentor} == {0, 60}


def test_the_skills_of_a_gap_are_named_by_the_regular_meetings() -> None:
    history = a_program()
    pair = paired(planned_meetings=6, focus=("skill_gap",), skills=("sql", "go"))
    said = confirmed(history.say("c1", pair))
    assert [one.skills for one in said] == [(), (), ("sql",), ("go",), ("sql",), ()]
    assert history.meeting(4).skills == ("go",)


def test_a_plan_that_grows_says_what_meetings_are_for_by_then() -> None:
    """The closing of a short plan becomes a regular meeting, and the skills have more room; the times stay."""
    history = a_program()
    pair = paired(planned_meetings=4, focus=("skill_gap",), skills=("sql", "go"))
    history.say("c1", pair)
    before = [row.starts_at for row in history.standing()]
    said = [
        one for by in (MENTEE, MENTOR) for one in history.say("c1", agreed(by, planned_meetings=5))
    ]
    changed = {one.number: (one.type, one.skills, one.sequence) for one in confirmed(said)}
    regular = {3: ("regular", ("sql",), 1), 4: ("regular", ("go",), 1)}
    assert changed == {**regular, 5: ("closing", (), 0)}
    assert [row.starts_at for row in history.standing()][:4] == before


def test_nobody_has_asked_for_what_is_planned() -> None:
    history = a_program()
    said = confirmed(history.say("c1", paired()))
    assert {(one.by, one.reason) for one in said} == {(None, None)}


# -- the weekly limit -----------------------------------------------------------------------------


def test_a_held_meeting_counts_in_its_week() -> None:
    history = a_pair(planned=1, weekly_max=1)
    first = history.meeting(1)
    history.wait_until(first.ends_at)
    only(history.attend(first), Met)
    history.say("bea", available(byday=["FR"]))
    said = history.say(
        "c2", paired("bea", MENTOR, planned_meetings=1, cadence="FREQ=DAILY;INTERVAL=4")
    )
    assert [one.constraint for one in all_of(said, Unplaced)] == ["weekly_max"]


def test_a_missed_meeting_does_not_count_in_its_week() -> None:
    """What makes up for it may lie in the same week, though that has room for one."""
    history = a_pair(planned=1, weekly_max=1, dispute=Duration(1))
    said = confirmed(history.wait_until(utc("2026-03-04T12:00")))
    assert [(one.cause, one.starts_at) for one in said] == [("replaced", utc("2026-03-05T10:00"))]
