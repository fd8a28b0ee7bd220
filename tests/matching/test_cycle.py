"""A request's way through matching when nobody is asked: paired at once, ended, matched anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.matching import decide
from services.matching.model import Cycle, Person, Queue
from shared.events import matching, outside
from shared.events.envelope import due_event
from shared.events.system import Due
from shared.events.types import Duration
from shared.world import Key, R, Row, World
from tests.matching.history import (
    PROGRAM,
    START,
    a_program,
    all_of,
    left,
    offered,
    only,
    opened,
    pairs,
    requested,
    withdrawn,
)


def test_a_request_is_paired_at_once_with_a_free_mentor() -> None:
    history = a_program()
    history.a_mentor("mia")
    pair = only(history.a_request("c1", "ann", readiness=("skill_gap",)), matching.Paired)
    assert (pair.mentee, pair.mentor, pair.rules, pair.policy) == ("ann", "mia", "r1", "optimal")
    assert (pair.request, pair.seat, pair.focus) == ("q-c1", 1, ("skill_gap",))
    assert (pair.planned_meetings, pair.length, pair.waited) == (6, Duration(clock=60), Duration())
    assert history.status("c1") == "paired"


def test_a_mentor_who_offers_gets_the_request_that_waits_longest() -> None:
    history = a_program()
    history.a_request("c2", "bob")
    history.a_request("c1", "ann")
    assert pairs(history.a_mentor("mia")) == [("bob", "mia")]
    assert history.status("c1") == "open"


def test_waiting_is_told_in_whole_minutes() -> None:
    history = a_program()
    history.a_request("c1")
    history.wait(days=2, minutes=5)
    pair = only(history.a_mentor("mia"), matching.Paired)
    assert pair.waited == Duration(clock=2 * 24 * 60 + 5)


def test_a_request_that_finds_nobody_in_time_is_unmatched_with_counts_by_rule() -> None:
    history = a_program(request_expires=Duration(7))
    history.a_mentor("deaf", languages=("fr",))
    history.a_mentor("full", capacity=0)
    history.a_mentor("gone")
    history.say("gone", left("mentor"))
    history.a_request("c1", "ann")
    end = only(history.wait(days=7), matching.Unmatched)
    assert (end.mentee, end.waited) == ("ann", Duration(clock=7 * 24 * 60))
    assert end.excluded == {"language": 1, "not_available": 2}
    assert history.status("c1") == "ended"


def test_a_request_does_not_outlive_its_program() -> None:
    history = a_program(request_expires=Duration(365))
    history.a_request("c1")
    only(history.wait(days=183), matching.Unmatched)


def test_nobody_is_paired_after_the_programs_end() -> None:
    history = a_program()
    history.wait(days=200)
    assert history.a_mentor("mia") == []


def test_the_wishes_are_edited_before_paired_and_the_place_is_kept() -> None:
    history = a_program(hard=("language",))
    history.a_request("c1", "ann", languages=("fr",))
    history.a_request("c2", "bob", languages=("fr",))
    history.say("c1", requested("ann", request="q-c1", languages=("en",)))
    history.say("c2", requested("bob", request="q-c2", languages=("en",)))
    history.say("c1", requested("ann", request="q-c1", languages=("en", "de")))
    assert pairs(history.a_mentor("mia", languages=("en", "de"))) == [("ann", "mia")]


def test_an_edit_that_makes_a_pair_possible_pairs_at_once() -> None:
    history = a_program()
    history.a_mentor("mia", languages=("en",))
    history.a_request("c1", "ann", languages=("fr",))
    said = history.say("c1", requested("ann", request="q-c1", languages=("en",)))
    assert pairs(said) == [("ann", "mia")]


def test_a_withdrawn_request_is_not_paired_and_is_over_when_feedback_says_so() -> None:
    history = a_program()
    history.a_request("c1", "ann")
    assert history.say("c1", withdrawn("ann")) == []
    assert history.a_mentor("mia") == []
    assert history.status("c1") == "ending"
    history.concludes("c1")
    assert history.status("c1") == "ended"
    assert history.find(Cycle, "c1").wishes is None


def test_a_withdrawn_request_that_nobody_concludes_ends_in_its_time() -> None:
    history = a_program()
    history.a_request("c1", "ann")
    history.say("c1", withdrawn("ann"))
    only(history.wait(days=60), matching.Unmatched)
    assert history.status("c1") == "ended"


def test_only_the_mentee_or_a_coordinator_withdraws_a_request() -> None:
    history = a_program()
    history.a_request("c1", "ann")
    history.say("c1", withdrawn("eve"))
    history.say("c1", withdrawn("mia", role="mentor"))
    assert history.status("c1") == "open"
    history.say("c1", withdrawn("carl", role="coordinator"))
    assert history.status("c1") == "ending"


def test_a_pair_is_over_when_feedback_says_so_and_the_next_request_gets_the_place() -> None:
    history = a_program()
    history.a_mentor("mia")
    history.a_request("c1", "ann")
    history.a_request("c2", "bob")
    assert history.say("c1", withdrawn("ann")) == []
    assert history.load("mia") == 1
    assert pairs(history.concludes("c1")) == [("bob", "mia")]
    assert history.load("mia") == 1


def test_a_pair_that_ended_is_not_paired_again() -> None:
    history = a_program()
    history.a_mentor("mia")
    history.a_request("c1", "ann")
    history.concludes("c1")
    said = history.say("c2", requested("ann", request="q2"))
    assert pairs(said) == []


def test_concluded_twice_frees_one_place_only() -> None:
    history = a_program()
    history.a_mentor("mia", capacity=2)
    history.a_request("c1")
    history.a_request("c2")
    history.concludes("c1")
    history.concludes("c1")
    assert history.load("mia") == 1


def test_a_successor_cycle_asks_for_the_same_in_the_same_place_and_is_paired_at_once() -> None:
    history = a_program()
    history.a_mentor("mia")
    history.a_request("c1", "ann", wanted_skills=("go",))
    history.a_mentor("mio")
    said = history.concludes("c1", continues_in="c1b")
    again = only(said, outside.Requested)
    assert (again.mentee, again.request, again.continues) == ("ann", "q-c1", "c1")
    assert again.wanted_skills == ("go",)
    assert pairs(said) == [("ann", "mio")]
    assert history.find(Cycle, "c1b").place == 0
    assert history.find(Cycle, "c1").wishes is None


def test_a_successor_goes_before_those_who_came_later() -> None:
    history = a_program()
    history.a_mentor("mia")
    history.a_request("c1", "ann")
    history.say("mia", left("mentor"))
    history.a_request("c2", "bob")
    history.concludes("c1", continues_in="c1b")
    assert history.status("c1b") == "open"
    assert pairs(history.a_mentor("mio")) == [("ann", "mio")]


def test_a_mentee_who_left_has_no_successor_and_no_open_request() -> None:
    history = a_program()
    history.a_mentor("mia")
    history.a_request("c1", "ann")
    history.say("c2", requested("ann", request="q2"))
    history.say("ann", left("mentee"))
    assert history.status("c2") == "ending"
    assert all_of(history.concludes("c1", continues_in="c1b"), outside.Requested) == []


def test_a_mentor_leaves_at_the_instant_named_and_gets_nobody_from_then_on() -> None:
    history = a_program()
    history.a_mentor("mia", capacity=2)
    history.say("mia", left("mentor", at=START.replace(day=5)))
    assert pairs(history.a_request("c1", "ann")) == [("ann", "mia")]
    history.wait(days=4)
    assert pairs(history.a_request("c2", "bob")) == []


def test_roles_are_given_up_each_in_its_time() -> None:
    history = a_program()
    history.a_mentor("mia")
    history.say("mia", left("mentor", at=START.replace(day=5)))
    history.say("mia", left("mentee", at=START.replace(day=9)))
    history.wait(days=4)
    assert history.person("mia").left == ("mentor",)
    history.wait(days=4)
    assert history.person("mia").left == ("mentee", "mentor")
    assert history.person("mia").leaving == ()


def test_a_later_word_moves_the_day_of_leaving() -> None:
    history = a_program()
    history.a_mentor("mia")
    history.say("mia", left("mentor", at=START.replace(day=5)))
    history.say("mia", left("mentor", at=START.replace(day=9)))
    history.wait(days=4)
    assert history.person("mia").left == ()


def test_a_paused_mentor_gets_nobody_until_the_pause_is_over() -> None:
    history = a_program()
    history.a_mentor("mia", paused_until=START.replace(day=9))
    assert pairs(history.a_request("c1", "ann")) == []
    assert pairs(history.wait(days=8)) == [("ann", "mia")]


def test_less_capacity_than_the_load_pairs_nobody_new_and_ends_nothing() -> None:
    history = a_program()
    history.a_mentor("mia", capacity=2)
    history.a_request("c1")
    history.a_request("c2")
    history.say("mia", offered(capacity=1))
    history.a_request("c3")
    history.concludes("c1")
    assert [history.status(cycle) for cycle in ("c1", "c2", "c3")] == ["ended", "paired", "open"]


def test_the_program_bounds_the_capacity_that_a_mentor_offers() -> None:
    history = a_program(capacity=1)
    history.a_mentor("mia", capacity=5)
    history.a_request("c1")
    assert pairs(history.a_request("c2")) == []


def test_rules_that_come_into_force_later_open_the_program_then() -> None:
    history = a_program(effective_at=START.replace(day=4))
    history.a_mentor("mia")
    history.wait(days=3)
    assert pairs(history.a_request("c1", "ann")) == [("ann", "mia")]


def test_new_rules_start_a_round_for_those_who_wait() -> None:
    history = a_program(hard=("seniority",))
    history.a_mentor("mia", seniority=1)
    history.a_request("c1", "ann")
    history.say(PROGRAM, opened(rules="r2", hard=()))
    pair = only(history.wait(seconds=1), matching.Paired)
    assert (pair.mentee, pair.rules) == ("ann", "r2")


def test_a_copy_of_a_statement_changes_nothing() -> None:
    history = a_program()
    history.a_mentor("mia", capacity=5)
    identity = "00000000-0000-4000-8000-000000000001"
    history.say("c1", requested("ann"), event_id=identity)
    assert history.say("c1", requested("ann"), event_id=identity) == []
    assert history.find(Queue).arrivals == 1


def test_an_erased_person_is_forgotten_but_for_the_ids_of_mentors() -> None:
    history = a_program()
    history.a_mentor("mia")
    history.a_request("c1", "ann")
    history.say("ann", left("mentee"))
    history.say("ann", outside.Erased(person="ann", effective_at=START))
    person = history.person("ann")
    assert (person.time, person.likes, person.mentors) == (None, None, ("mia",))


def test_who_has_not_left_is_not_forgotten_when_an_erasure_is_said_that_feedback_refuses() -> None:
    history = a_program()
    history.a_request("c1", "ann")
    before = history.person("ann")
    history.say("ann", outside.Erased(person="ann", effective_at=START))
    assert history.person("ann") == before


class Kept:
    """Rows as a store holds them; `asked` notes how many persons each question names."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows: Sequence[Any] = list(rows)
        self.asked: list[int] = []

    def load(self, kind: type[R], keys: Iterable[Key]) -> Iterable[R]:
        wanted = list(keys)
        if kind is Person:
            self.asked.append(len(wanted))
        return [row for row in self._rows if type(row) is kind and row.key() in wanted]

    def find(self, kind: type[R], where: Mapping[str, Any]) -> Iterable[R]:
        alike = [row for row in self._rows if type(row) is kind]
        return [row for row in alike if all(getattr(row, k) == v for k, v in where.items())]


def test_the_persons_behind_all_mentors_are_asked_for_at_once_when_a_request_ends() -> None:
    history = a_program(request_expires=Duration(7))
    for number in range(20):
        history.a_mentor(f"m{number}", languages=("fr",))
    history.a_request("c1", "ann")
    store = Kept(history.world.rows())
    world = World(store)
    world.now = history.now
    due = due_event("matching", PROGRAM, "c1", "expires", history.now)
    assert isinstance(due.data, Due)

    end = decide.due(world, due, due.data)[0].data

    assert isinstance(end, matching.Unmatched)
    assert end.excluded == {"language": 20}
    assert store.asked == [1, 20]
