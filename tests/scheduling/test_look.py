"""Looking at persons' time: which rules and which cycle count, and what is free."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest

from services.scheduling.look import (
    Mutual,
    bookings_of,
    mutual,
    own_time,
    pair_of,
    person_of,
    rules_in_force,
    rules_of_cycle,
)
from services.scheduling.model import Cycle, Meeting, Rules
from shared.intervals import Interval, covers
from tests.scheduling.history import (
    HOUR,
    MENTEE,
    MENTOR,
    PROGRAM,
    History,
    a_pair,
    a_program,
    available,
    concluded,
    opened,
    paired,
    utc,
)

WEEK = (utc("2026-03-09T00:00"), utc("2026-03-16T00:00"))


def in_force(history: History, at: str) -> str | None:
    found = rules_in_force(history.world, PROGRAM, utc(at))
    return found.version if found else None


def look(
    history: History,
    time: Interval = WEEK,
    length: timedelta | None = None,
    moving: Meeting | None = None,
) -> Mutual:
    cycle = pair_of(history.world, PROGRAM, MENTEE, MENTOR)
    rules = rules_in_force(history.world, PROGRAM, history.now)
    assert rules is not None
    return mutual(history.world, cycle, rules, (MENTEE, MENTOR), time, length, moving)


# -- rules --


def test_the_rules_in_force_are_those_that_came_into_effect_last() -> None:
    history = a_program()
    later, last = utc("2026-04-01T00:00"), utc("2026-05-01T00:00")
    history.say(PROGRAM, opened(rules="a-last", effective_at=last))
    history.say(PROGRAM, opened(rules="z-later", effective_at=later))
    at = ["2026-03-02T09:00", "2026-03-31T23:59", "2026-04-01T00:00", "2026-06-01T00:00"]
    assert [in_force(history, each) for each in at] == ["r1", "r1", "z-later", "a-last"]


def test_before_any_rules_are_in_force_it_is_the_first_to_come() -> None:
    assert in_force(a_program(), "2020-01-01T00:00") == "r1"


def test_of_one_version_the_first_statement_counts() -> None:
    history = a_program(buffer="PT5M")
    history.say(PROGRAM, opened(buffer="PT50M"))
    found = rules_in_force(history.world, PROGRAM, history.now)
    assert found is not None
    assert (found.place, found.buffer) == (0, 5)


def test_a_program_that_nobody_opened_has_no_rules() -> None:
    assert rules_in_force(History().world, PROGRAM, utc("2026-03-02T09:00")) is None


def test_a_cycle_keeps_the_rules_that_bound_it() -> None:
    history = a_pair()
    history.say(PROGRAM, opened(rules="r2", effective_at=history.now))
    found = rules_of_cycle(history.world, history.row(Cycle, "c1"))
    assert in_force(history, "2026-04-01T00:00") == "r2"
    assert found == history.row(Rules, "r1", 0)  # type: ignore[arg-type]


# -- pairs --


@pytest.mark.parametrize("pair", [(MENTEE, MENTOR), (MENTOR, MENTEE)])
def test_a_pair_is_found_whoever_is_named_first(pair: tuple[str, str]) -> None:
    found = pair_of(a_pair().world, PROGRAM, *pair)
    assert found is not None
    assert found.cycle == "c1"


def test_of_several_cycles_of_two_persons_the_first_by_id_is_found() -> None:
    history = a_pair()
    history.say("c0", paired(), source="/mentoring/matching")
    found = pair_of(history.world, PROGRAM, MENTEE, MENTOR)
    assert found is not None
    assert found.cycle == "c0"


def test_a_pair_whose_cycle_has_ended_is_none() -> None:
    history = a_pair()
    history.say("c1", concluded(), source="/mentoring/feedback")
    assert history.has_ended()
    assert pair_of(history.world, PROGRAM, MENTEE, MENTOR) is None


def test_two_with_the_same_mentor_are_no_pair() -> None:
    history = a_pair()
    history.say("c2", paired("bea", MENTOR), source="/mentoring/matching")
    assert pair_of(history.world, PROGRAM, MENTEE, "bea") is None


# -- what is free --


def test_a_meeting_in_every_opening_is_in_the_hours_of_both_and_apart_from_all_meetings() -> None:
    history = a_pair(buffer="PT10M")
    found = look(history)
    taken = [(row.starts_at, row.ends_at) for row in history.standing()]
    buffer = timedelta(minutes=10)
    assert len(found.openings) > 1
    for one in found.openings:
        assert covers(found.hours.present, one.first, one.first + found.length)
        assert all(one.end + buffer <= a or b + buffer <= one.start for a, b in taken)


def test_the_length_is_that_of_the_pair_unless_another_is_asked_for() -> None:
    history = a_pair(pair={"length": "PT30M"})
    assert look(history).length == timedelta(minutes=30)
    assert look(history, length=2 * HOUR).length == 2 * HOUR


def test_who_are_no_pair_meet_for_an_hour() -> None:
    history = a_program()
    assert look(history).length == HOUR


def test_openings_lie_within_the_programs_days() -> None:
    history = a_program()
    time = (utc("2026-08-31T00:00"), utc("2026-09-05T00:00"))
    (one,) = look(history, time).openings
    assert (one.start, one.end) == (utc("2026-08-31T09:00"), utc("2026-08-31T17:00"))


BEFORE_AND_AFTER = [
    (utc("2026-02-02T00:00"), utc("2026-02-09T00:00")),
    (utc("2026-09-07T00:00"), utc("2026-09-14T00:00")),
]


@pytest.mark.parametrize("time", BEFORE_AND_AFTER)
def test_outside_the_programs_days_they_are_what_leaves_no_room(time: Interval) -> None:
    found = look(a_program(), time)
    assert (found.openings, found.constraint) == ([], "program_days")


def test_a_time_shorter_than_the_meeting_is_itself_what_leaves_no_room() -> None:
    time = (utc("2026-03-09T09:00"), utc("2026-03-09T09:59"))
    found = look(a_program(), time)
    assert (found.openings, found.constraint) == ([], "time_asked")


def test_openings_begin_at_whole_minutes_whenever_the_time_does() -> None:
    time = (utc("2026-03-09T15:52:30.5"), utc("2026-03-09T16:56:59"))
    (opening,) = look(a_program(), time, timedelta(minutes=62)).openings
    assert (opening.start, opening.end) == (utc("2026-03-09T15:53"), utc("2026-03-09T16:56"))
    assert opening.first == opening.start
    short = (utc("2026-03-09T10:00:30"), utc("2026-03-09T11:00:30"))
    assert look(a_program(), short).constraint == "time_asked"


def test_a_week_that_is_full_for_one_of_the_two_has_no_room() -> None:
    history = a_pair(weekly_max=1)
    found = look(history)
    assert (found.openings, found.constraint) == ([], "weekly_max")


def test_the_time_of_a_meeting_that_is_to_be_moved_is_free_and_leaves_room_in_its_week() -> None:
    history = a_pair(weekly_max=1, pair={"length": "PT30M"})
    found = look(history, moving=history.meeting(2))
    assert [(one.start, one.end - one.start) for one in found.openings] == [
        (utc(f"2026-03-{day:02}T09:00"), 8 * HOUR) for day in range(9, 14)
    ]
    assert found.length == timedelta(minutes=30)


def test_moving_one_meeting_frees_no_other() -> None:
    history = a_pair(weekly_max=1)
    assert look(history, moving=history.meeting(3)).constraint == "weekly_max"


def test_meetings_that_touch_count_as_two_for_the_weekly_limit() -> None:
    history = a_pair(weekly_max=2, buffer="PT0M")
    history.say("bea", available())
    history.say("c2", paired("bea", MENTOR), source="/mentoring/matching")
    first, second = (history.meeting(2, each) for each in ("c1", "c2"))
    assert first.ends_at == second.starts_at
    assert look(history).constraint == "weekly_max"


def test_who_has_stated_nothing_leaves_no_room() -> None:
    history = History()
    history.say(PROGRAM, opened())
    assert look(history).constraint == "no_availability"


def test_a_persons_own_time_is_the_hours_less_the_meetings() -> None:
    history = a_pair()
    (rules,) = (row for row in history.world.rows() if isinstance(row, Rules))
    person = person_of(history.world, PROGRAM, MENTEE)
    own = own_time(person, rules, bookings_of(history.world, PROGRAM, MENTEE), WEEK)
    (meeting,) = (row for row in history.standing() if WEEK[0] <= row.starts_at < WEEK[1])
    assert own.taken == [(meeting.starts_at, meeting.ends_at)]
    assert total(own.hours.present) == 40 * HOUR
    assert total(own.free) == 39 * HOUR


def total(times: Iterable[Interval]) -> timedelta:
    return sum((end - start for start, end in times), timedelta())


def test_a_cancelled_meeting_takes_no_time() -> None:
    history = a_pair()
    before = bookings_of(history.world, PROGRAM, MENTOR)
    row = history.meeting(2)
    history.cancel(row)
    after = bookings_of(history.world, PROGRAM, MENTOR)
    assert (row.starts_at, row.ends_at) in before
    assert len(before) == 4
    assert after == [(each.starts_at, each.ends_at) for each in history.standing()]
