"""A round whose choice has more pairs than one input may say: chosen once, said in steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from services.matching import limits, rounds
from services.matching.app import SERVICE
from services.matching.assignment.market import Choice, Market
from services.matching.model import Cycle, Mentor, Person
from services.matching.pool import Pool
from services.matching.record import Round
from services.matching.rounds import chosen
from shared.events import matching, outside
from shared.events.envelope import due_event
from shared.events.outside import Preferred
from shared.events.system import Due, Parked
from shared.fold import MAX_SAID
from shared.world import Key, R, Row, Timer, World
from tests.matching.crowds import a_crowd, planned
from tests.matching.history import (
    PROGRAM,
    History,
    all_of,
    left,
    offered,
    only,
    pairs,
    withdrawn,
)


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PAIRS", {"none": 3, "mentor": 3, "both": 3})


def the_round(history: History) -> Round:
    (found,) = (row for row in history.every(Round) if row.kind == "pool")
    return found


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


def test_a_large_choice_in_an_input_with_many_answers_leaves_room_for_them() -> None:
    for acceptance, each in limits.EACH.items():
        for said in (0, 2 * limits.LAPSES):
            for many in (1, 3, 100, 5_000, 1_000_000):
                first = limits.at_first(acceptance, many, said)
                rest = -(-(many - first) // limits.PAIRS[acceptance])
                assert said + first * each + min(rest, limits.PARTS) + 3 <= MAX_SAID
                assert first > 0


@dataclass
class Counted:
    """Rows behind a world, and how often it asked for persons."""

    rows: list[Row]
    asked: int = 0

    def load(self, kind: type[R], keys: Iterable[Key]) -> Iterable[R]:
        self.asked += kind is Person
        wanted = set(keys)
        return [row for row in self.rows if isinstance(row, kind) and row.key() in wanted]

    def find(self, kind: type[R], where: Mapping[str, Any]) -> Iterable[R]:
        found = (row for row in self.rows if isinstance(row, kind))
        return [row for row in found if all(getattr(row, k) == v for k, v in where.items())]


@pytest.mark.parametrize("name", ["round", "again"])
def test_a_step_loads_the_people_of_its_pool_at_once(name: str) -> None:
    history = a_crowd()
    if name == "again":
        history.wait(hours=1)
    due = next(each for each in history.every(Timer) if each.name == name)
    event = due_event("matching", PROGRAM, PROGRAM, name, due.at)
    source = Counted(list(history.world.rows()))
    world = World(source)
    world.now = due.at
    world.apply(SERVICE.evolves[Due](world, event))
    assert [each.data.WORD for each in SERVICE.decides[Due](world, event)].count("paired") == 3
    assert source.asked == 1
