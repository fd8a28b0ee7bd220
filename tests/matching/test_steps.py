"""A round whose choice has more pairs than one input may say: chosen once, said in steps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.matching import limits, rounds
from services.matching.assignment.market import Choice, Market
from services.matching.model import Cycle, Mentor, Queue
from services.matching.pool import Pool
from services.matching.record import Part, Plan, Round
from services.matching.rounds import chosen
from shared.events import matching, outside
from shared.events.outside import Preferred
from shared.events.rules import OnCalendar, OnThreshold
from shared.events.system import Parked
from shared.fold import MAX_SAID
from shared.world import Timer
from tests.matching.history import (
    PROGRAM,
    START,
    History,
    a_program,
    all_of,
    left,
    offered,
    only,
    opened,
    pairs,
    withdrawn,
)

MONDAYS = OnCalendar(rrule="FREQ=WEEKLY;BYDAY=MO", start="11:00")


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PAIRS", {"none": 3, "mentor": 3, "both": 3})


def a_crowd(requests: int = 10, places: int = 8, **rules: Any) -> History:
    """More requests than places, more places than one input says."""
    history = a_program(**{"rounds": MONDAYS, "capacity": 100, **rules})
    for number, capacity in enumerate((places // 2, places - places // 2)):
        history.a_mentor(f"m{number}", capacity=capacity)
    for number in range(requests):
        history.a_request(f"c{number}")
    return history


def mentees(said: list[Any]) -> list[str]:
    return [mentee for mentee, _ in pairs(said)]


def the_round(history: History) -> Round:
    (found,) = (row for row in history.every(Round) if row.kind == "pool")
    return found


def planned(history: History) -> list[tuple[str, str]]:
    """What is still to be said, by cycle and mentor, the part under way left out."""
    plan = history.find(Plan)
    return [pair for part in history.every(Part) if part.part > plan.part for pair in part.pairs]


@pytest.mark.parametrize("acceptance, answers", [("none", 1), ("mentor", 1), ("both", 2)])
def test_a_large_choice_is_told_once_and_its_pairs_come_in_steps_a_second_apart(
    acceptance: Any, answers: int
) -> None:
    history = a_crowd(acceptance=acceptance)
    first = history.wait(hours=1)
    told = only(first, matching.Tallied)
    assert (told.waiting, told.matched, told.said, told.unmatched) == (10, 8, 3, 2)
    assert [part.part for part in all_of(first, matching.Planned)] == [1, 2]
    assert len(first) == 3 * answers + 2 + 1
    later = [history.wait(seconds=1) for _ in range(4)]
    assert [len(step) for step in later] == [3 * answers, 2 * answers, 0, 0]
    assert [history.load(mentor) for mentor in ("m0", "m1")] == [4, 4]
    assert [row.cycle for row in history.every(Cycle) if row.status == "open"] == ["c8", "c9"]


def test_a_choice_is_made_once_however_many_steps_say_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Pool] = []

    def choose(pool: Pool, market: Market) -> Choice:
        made.append(pool)
        return chosen(pool, market)

    monkeypatch.setattr(rounds, "chosen", choose)
    history = a_crowd()
    assert len(pairs(history.wait(hours=2))) == 8
    assert len(made) == 1


def test_what_is_planned_is_what_is_said_when_nothing_happens_in_between() -> None:
    history = a_crowd()
    told = all_of(history.wait(hours=1), matching.Planned)
    chosen = [(pair.cycle, pair.mentor) for part in told for pair in part.pairs]
    history.wait(seconds=10)
    assert [(cycle, history.mentor_of(cycle)) for cycle, _ in chosen] == chosen


def test_pairs_of_every_step_name_the_round_that_chose_them() -> None:
    history = a_crowd()
    first = history.wait(hours=1)
    said = [*first, *history.wait(seconds=10)]
    assert {pair.round for pair in all_of(said, matching.Paired)} == {
        only(first, matching.Tallied).round
    }


def test_a_round_counts_what_its_steps_have_said_so_far() -> None:
    history = a_crowd()
    counted = []
    for span in ({"hours": 1}, {"seconds": 1}, {"seconds": 1}):
        history.wait(**span)
        counted.append((the_round(history).matched, the_round(history).said))
    assert counted == [(8, 3), (8, 6), (8, 8)]


def test_proposals_to_both_sides_count_once() -> None:
    history = a_crowd(acceptance="both")
    history.wait(hours=1, seconds=10)
    assert the_round(history).said == 8


def test_a_plan_that_is_said_leaves_no_row_and_no_deadline() -> None:
    history = a_crowd()
    history.wait(hours=2)
    assert (history.every(Plan), history.every(Part)) == ([], [])
    assert [row.name for row in history.every(Timer) if row.about == PROGRAM] == ["ends", "round"]


def test_a_request_that_waits_no_more_is_passed_over() -> None:
    history = a_crowd()
    history.wait(hours=1)
    cycle, _ = planned(history)[0]
    history.say(cycle, withdrawn(history.find(Cycle, cycle).mentee))
    assert len(pairs(history.wait(seconds=10))) == 4
    assert history.status(cycle) == "ending"
    assert (the_round(history).matched, the_round(history).said) == (8, 7)


def test_a_mentor_whose_room_was_taken_in_between_is_never_over_capacity() -> None:
    history = a_crowd()
    history.wait(hours=1)
    history.say("c9", outside.Assigned(mentor="m0", by="carl"))
    history.wait(seconds=10)
    assert {one.mentor: one.load for one in history.every(Mentor)} == {"m0": 4, "m1": 4}
    assert [row.cycle for row in history.every(Cycle) if row.status == "open"] == ["c7", "c8"]


def test_a_mentor_who_takes_fewer_in_between_gets_no_more() -> None:
    history = a_crowd()
    history.wait(hours=1)
    assert [history.load(mentor) for mentor in ("m0", "m1")] == [3, 0]
    history.say("m1", offered(capacity=2))
    history.wait(seconds=10)
    assert [history.load(mentor) for mentor in ("m0", "m1")] == [4, 2]


def test_a_mentor_who_has_left_in_between_is_passed_over() -> None:
    history = a_crowd()
    history.wait(hours=1)
    kept = history.load("m0")
    history.say("m0", left("mentor"))
    history.wait(seconds=10)
    assert [history.load(mentor) for mentor in ("m0", "m1")] == [kept, 4]


def test_a_pair_that_breaks_a_rule_by_now_is_passed_over_and_waits_for_the_next_round() -> None:
    history = a_crowd()
    history.wait(hours=1)
    cycle, mentor = planned(history)[0]
    history.say(mentor, Preferred(avoid=(history.find(Cycle, cycle).mentee,)))
    history.wait(seconds=10)
    assert history.status(cycle) == "open"
    history.a_mentor("m9")
    assert (cycle, "m9") in [
        (pair.request.removeprefix("q-"), pair.mentor)
        for pair in all_of(history.wait(days=7), matching.Paired)
    ]


def test_what_a_parked_event_holds_is_passed_over() -> None:
    history = a_crowd()
    history.wait(hours=1)
    cycle, _ = planned(history)[0]
    history.world.parked.add((PROGRAM, cycle))
    said = history.wait(seconds=10)
    assert (len(pairs(said)), all_of(said, Parked)) == (4, [])


def test_a_new_round_drops_what_is_left_of_the_plan_before_it() -> None:
    history = a_crowd()
    first = only(history.wait(hours=1), matching.Tallied)
    history.a_mentor("m9", capacity=2)
    due = history.find(Queue).next_round
    assert due is not None
    del history.timers[PROGRAM, "again"]  # nothing rang until the next round
    history.now = due - timedelta(seconds=1)
    second = only(history.wait(seconds=1), matching.Tallied)
    assert (second.waiting, second.matched) == (7, 7)
    history.wait(seconds=10)
    assert history.every(Part) == []
    said = {row.round: row.said for row in history.every(Round)}
    assert said == {first.round: 3, second.round: 7}


def test_new_rules_drop_the_plan_and_its_deadline() -> None:
    history = a_crowd()
    history.wait(hours=1)
    history.say(PROGRAM, opened(rules="r2", rounds=MONDAYS, capacity=100))
    assert (history.every(Plan), history.every(Part)) == ([], [])
    assert pairs(history.wait(seconds=10)) == []


def test_the_end_of_the_program_drops_the_plan() -> None:
    history = a_crowd()
    history.wait(hours=1)
    del history.timers[PROGRAM, "again"]
    history.ring(history.timers[PROGRAM, "ends"])
    assert (history.every(Plan), history.every(Part)) == ([], [])


def test_a_threshold_waits_for_the_plan_to_be_said_before_it_chooses_again() -> None:
    history = a_program(rounds=OnThreshold(waiting=6), capacity=100)
    history.a_mentor("mia", capacity=5)
    for number in range(5):
        history.a_request(f"c{number}")
    told = only(history.a_request("c5"), matching.Tallied)
    assert (told.matched, told.said) == (5, 3)
    for number in range(6, 10):
        assert history.a_request(f"c{number}") == []
    history.a_mentor("mio", capacity=5)
    said = history.wait(seconds=2)
    assert mentees(said)[:2] == ["mentee-c3", "mentee-c4"]
    assert all_of(said, matching.Tallied) == []


def test_behind_its_plan_a_threshold_that_is_reached_again_has_its_round() -> None:
    history = a_program(rounds=OnThreshold(waiting=6), capacity=100)
    history.a_mentor("mia", capacity=5)
    for number in range(12):
        history.a_request(f"c{number}")
    history.a_mentor("mio", capacity=9)
    said = history.wait(seconds=30)
    assert [one.matched for one in all_of(said, matching.Tallied)] == [7]
    assert len(pairs(said)) == 2 + 7


def test_behind_its_plan_a_program_that_pairs_at_once_leaves_no_pair_out() -> None:
    history = a_program(capacity=100)
    for number in range(10):
        history.a_request(f"c{number}")
    history.a_mentor("mia", capacity=9)
    history.wait(seconds=0)
    cycle, _ = planned(history)[0]
    history.say(cycle, withdrawn(history.find(Cycle, cycle).mentee))
    history.wait(seconds=10)
    assert history.load("mia") == 9
    assert [row.cycle for row in history.every(Cycle) if row.status == "open"] == []


def test_a_large_choice_in_an_input_with_many_answers_leaves_room_for_them() -> None:
    for acceptance, each in limits.EACH.items():
        for said in (0, 2 * limits.LAPSES):
            for many in (1, 3, 100, 5_000, 1_000_000):
                first = limits.at_first(acceptance, many, said)
                rest = -(-(many - first) // limits.PAIRS[acceptance])
                assert said + first * each + min(rest, limits.PARTS) + 3 <= MAX_SAID
                assert first > 0


@pytest.mark.parametrize("steps", range(5))
def test_a_rebuild_in_the_middle_of_a_plan_finds_the_same_rows(steps: int) -> None:
    history = a_crowd()
    history.wait(hours=1)
    history.wait(seconds=steps)
    assert list(history.rebuilt().rows()) == list(history.world.rows())


def test_the_round_of_a_small_pool_plans_nothing() -> None:
    history = a_crowd(requests=3)
    said = history.wait(hours=1)
    assert [data.WORD for data in said] == ["paired"] * 3 + ["tallied"]
    assert (history.every(Plan), history.every(Part)) == ([], [])
    assert history.find(Queue).next_round == START.replace(day=9, hour=10)
