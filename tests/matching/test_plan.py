"""How long a plan stands: until it is said, or something newer drops it; and what comes behind it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.matching import limits
from services.matching.model import Cycle, Queue
from services.matching.record import Part, Plan, Round
from shared.events import matching
from shared.events.rules import OnThreshold
from shared.world import Timer
from tests.matching.crowds import MONDAYS, a_crowd, planned
from tests.matching.history import (
    PROGRAM,
    START,
    a_program,
    all_of,
    only,
    opened,
    pairs,
    withdrawn,
)


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PAIRS", {"none": 3, "mentor": 3, "both": 3})


def test_a_plan_that_is_said_leaves_no_row_and_no_deadline() -> None:
    history = a_crowd()
    history.wait(hours=2)
    assert (history.every(Plan), history.every(Part)) == ([], [])
    assert [row.name for row in history.every(Timer) if row.about == PROGRAM] == ["ends", "round"]


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
    assert [mentee for mentee, _ in pairs(said)] == ["mentee-c3", "mentee-c4"]
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
