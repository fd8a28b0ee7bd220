"""A number that found no slot is tried again when time is stated anew, and when another meeting makes room."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.scheduling import rounds
from services.scheduling.model import Cycle, Person, Round, Running
from services.scheduling.plan import plan
from services.scheduling.rounds import ROOM
from shared.events import outside
from shared.events.envelope import EventData
from shared.events.scheduling import Scheduled, Unplaced
from tests.scheduling.history import (
    HOUR,
    MENTEE,
    MENTOR,
    PROGRAM,
    History,
    a_pair,
    a_program,
    agreed,
    all_of,
    available,
    away,
    concluded,
    confirmed,
    dropped,
    opened,
    paired,
    utc,
)

MINUTES = 2
"""A round begins a minute after the meeting has gone; its timers go off at once."""


def crowded(planned: int = 1) -> History:
    """Grace meets once a week, on Wednesdays: Ada has the meeting, and Bea finds no room in the same week."""
    history = a_program(weekly_max=1)
    history.say(MENTOR, available("09:00", "PT5H", ["WE"]))
    history.say("bea", available())
    history.say("c1", paired(planned_meetings=planned))
    history.say("c2", paired("bea", MENTOR, planned_meetings=1))
    assert gaps(history) == [(1, "weekly_max")]
    return history


def gaps(history: History, cycle: str = "c2") -> list[tuple[int, str]]:
    return [(gap.number, gap.constraint) for gap in history.running(cycle).gaps]


def cancel(history: History) -> None:
    history.cancel(history.meeting(1))


def move(history: History) -> None:
    """To the week after."""
    to = history.meeting(1).starts_at + 7 * 24 * HOUR
    assert confirmed(history.move(history.meeting(1), to))


def withdraw(history: History) -> None:
    history.say("c1", outside.Withdrawn(by=MENTEE, role="mentee"))


def conclude(history: History) -> None:
    history.say("c1", concluded())


WAYS = [cancel, move, withdraw, conclude]


@pytest.mark.parametrize("way", WAYS)
def test_a_meeting_that_goes_makes_room_for_one_that_found_none(way: Any) -> None:
    history = crowded()
    way(history)
    said = confirmed(history.wait(minutes=MINUTES))
    assert [(one.mentee, one.starts_at) for one in said] == [("bea", utc("2026-03-04T09:00"))]
    assert gaps(history) == []


@pytest.mark.parametrize("hours,constraint", [("PT2H", "buffer"), ("PT1H", "other_meetings")])
def test_room_is_looked_for_again_whether_time_or_the_break_was_wanting(
    hours: str, constraint: str
) -> None:
    history = a_program(weekly_max=9)
    history.say(MENTOR, available("09:00", hours, ["WE"]))
    history.say("bea", available())
    history.say("c1", paired(planned_meetings=1))
    history.say("c2", paired("bea", MENTOR, planned_meetings=1))
    assert gaps(history) == [(1, constraint)]
    cancel(history)
    assert len(confirmed(history.wait(minutes=MINUTES))) == 1


def test_a_mentee_who_mentors_elsewhere_makes_room_there() -> None:
    history = a_program(weekly_max=1)
    history.say(MENTEE, available(byday=["WE"]))
    history.say("bea", available())
    history.say("c1", paired(planned_meetings=1))
    history.say("c2", paired("bea", MENTEE, planned_meetings=1))
    assert gaps(history) == [(1, "weekly_max")]
    cancel(history)
    said = confirmed(history.wait(minutes=MINUTES))
    assert [(one.mentee, one.mentor) for one in said] == [("bea", MENTEE)]


def test_a_meeting_made_shorter_makes_room() -> None:
    history = a_program(weekly_max=9)
    history.say(MENTOR, available("09:00", "PT2H30M", ["TU"]))
    history.say("bea", available())
    history.say("c1", paired(planned_meetings=1, length="PT2H"))
    history.say("c2", paired("bea", MENTOR, planned_meetings=1))
    assert gaps(history) == [(1, "other_meetings")]
    for by in (MENTEE, MENTOR):
        history.say("c1", agreed(by, planned_meetings=1))
    assert len(confirmed(history.wait(minutes=MINUTES))) == 1


def test_another_number_of_the_same_cycle_gets_the_room() -> None:
    history = a_program(weekly_max=1)
    history.say(MENTOR, available("09:00", "PT1H", ["WE", "TH"]))
    history.say("c1", paired(planned_meetings=2, cadence="FREQ=WEEKLY;BYDAY=TU,TH"))
    assert gaps(history, "c1") == [(2, "weekly_max")]
    cancel(history)
    said = confirmed(history.wait(minutes=MINUTES))
    assert [(one.number, one.starts_at) for one in said] == [(2, utc("2026-03-05T09:00"))]


def test_what_waits_for_time_and_not_for_room_is_left_alone() -> None:
    history = a_pair(planned=1)
    history.say("bea", available(exceptions=[away("2026-03-02T00:00", "2026-03-20T00:00")]))
    history.say("c2", paired("bea", MENTOR, planned_meetings=1))
    assert gaps(history) == [(1, "absence")]
    cancel(history)
    assert history.row(Person, MENTOR).round is None
    assert history.wait(minutes=MINUTES) == []


def test_time_stated_anew_fills_a_gap_too() -> None:
    """The Monday after lies within the same period of the cadence, in a week that has room."""
    history = crowded()
    history.say(MENTOR, available("09:00", "PT5H", ["MO", "WE"]))
    said = confirmed(history.wait(minutes=MINUTES))
    assert [(one.mentee, one.starts_at) for one in said] == [("bea", utc("2026-03-09T09:00"))]


def test_of_two_who_wait_for_one_place_one_gets_it_and_the_other_is_not_told_again() -> None:
    history = crowded()
    history.say("dan", available())
    history.say("c3", paired("dan", MENTOR, planned_meetings=1))
    cancel(history)
    said = history.wait(minutes=MINUTES)
    assert [one.mentee for one in confirmed(said)] == ["bea"]
    assert all_of(said, Unplaced) == []
    assert gaps(history, "c3") == [(1, "weekly_max")]
    assert history.wait(minutes=MINUTES) == []


def test_several_meetings_that_go_together_begin_one_round() -> None:
    history = crowded(planned=3)
    cancel(history)
    begun = Round(history.now + rounds.PAUSE, "", freed=True)
    history.wait(seconds=30)
    history.cancel(history.meeting(2))
    assert history.row(Person, MENTOR).round == begun
    assert len(confirmed(history.wait(minutes=MINUTES))) == 1
    assert history.row(Person, MENTOR).round is None


def test_a_meeting_can_be_cancelled_though_an_event_of_the_person_or_of_another_cycle_is_parked() -> (
    None
):
    for parked, begins in ((MENTOR, False), ("c2", True)):
        history = crowded()
        history.world.parked.add((PROGRAM, parked))
        assert len(dropped(history.cancel(history.meeting(1)))) == 1
        row = history.world.peek(Person, (PROGRAM, MENTOR))
        assert row is not None
        assert (row.round is not None) == begins


def test_a_round_for_room_is_bounded_and_goes_on_until_every_cycle_was_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rounds, "PART", 2)
    history = crowded()
    for n in range(3, 8):
        history.say(f"p{n}", available())
        history.say(f"c{n}", paired(f"p{n}", MENTOR, planned_meetings=1))
    assert all(gaps(history, f"c{n}") for n in range(2, 8))
    cancel(history)
    under_way = []
    for _ in range(6):
        history.wait(minutes=1)
        under_way.append(history.row(Person, MENTOR).round)
    parts = [(one.after, one.freed) for one in under_way if one]
    assert parts == [("c2", True), ("c4", True), ("c6", True)]
    assert len([row for n in range(2, 8) for row in history.standing(f"c{n}")]) == 1


def test_a_round_through_everything_is_not_cut_short_by_one_for_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rounds, "PART", 1)
    history = crowded()
    history.say(MENTOR, available("10:00", "PT2H", ["WE"]))
    assert history.row(Person, MENTOR).round == Round(history.now + rounds.PAUSE, "c1")
    cancel(history)
    assert history.row(Person, MENTOR).round == Round(history.now + rounds.PAUSE, "")
    history.wait(minutes=5)
    assert [row.starts_at for row in history.standing("c2")] == [utc("2026-03-04T10:00")]


# -- nothing is overlooked, and it ends -----------------------------------------------------------

CYCLES = {"c1": ("ada", "grace"), "c2": ("bea", "grace"), "c3": ("grace", "dan"), "c4": ("bea", "dan")}  # fmt: skip
cycles, small = st.sampled_from(list(CYCLES)), st.integers(0, 5)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("cancel"), cycles, small),
        st.tuples(st.just("move"), cycles, small, st.integers(-200, 400)),
        st.tuples(st.just("withdraw"), cycles),
        st.tuples(st.just("shorter"), cycles),
    ),
    max_size=12,
)


def act(history: History, step: tuple[Any, ...]) -> list[EventData]:
    cycle = step[1]
    rows = history.standing(cycle)
    match step:
        case "withdraw", _:
            return history.say(cycle, outside.Withdrawn(by=CYCLES[cycle][0], role="mentee"))
        case "shorter", _:
            return [one for by in CYCLES[cycle] for one in history.say(cycle, agreed(by))]
        case "cancel", _, nth if rows:
            row = rows[nth % len(rows)]
            return history.cancel(row, by=row.mentee)
        case "move", _, nth, hours if rows:
            row = rows[nth % len(rows)]
            return history.move(row, row.starts_at + hours * HOUR, by=row.mentee)
    return []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(todo=steps, most=st.integers(1, 2), hours=st.sampled_from(["PT2H", "PT3H", "PT5H"]))
def test_no_gap_is_left_that_room_could_fill(
    todo: list[tuple[Any, ...]], most: int, hours: str
) -> None:
    history = History()
    history.say(PROGRAM, opened(weekly_max=most))
    for person in {each for pair in CYCLES.values() for each in pair}:
        history.say(person, available("09:00", hours, ["TU", "TH"]))
    for cycle, pair in CYCLES.items():
        history.say(cycle, paired(*pair, length="PT90M"))
    for step in todo:
        print(step)
        act(history, step)
        history.wait(minutes=3)
        for cycle in CYCLES:
            row = history.row(Cycle, cycle)
            if isinstance(row.state, Running) and any(
                gap.constraint in ROOM for gap in row.state.gaps
            ):
                said = [answer.data for answer in plan(history.world, row, row.state)]
                assert all_of(said, Scheduled) == [], (cycle, row.state.gaps)
