"""The choice of pairs: right by brute force, whatever the order in which they come."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.assignment.pairs import Candidate, choose
from shared.events.types import Policy

POLICIES: tuple[Policy, ...] = get_args(Policy)


@st.composite
def pools(draw: st.DrawFn) -> tuple[list[Candidate], dict[str, int]]:
    """Up to 4 cycles of up to 3 mentees, some of them mentors too, and up to 3 mentors with room 0 to 2."""
    people = {cycle: draw(st.sampled_from(["a", "b", "m0"])) for cycle in range(4)}
    room = {f"m{number}": draw(st.integers(0, 2)) for number in range(3)}
    mentors = [*room, "a"]
    room["a"] = draw(st.integers(0, 1))
    values = st.integers(1, 5)
    candidates = [
        Candidate(cycle, f"c{cycle}", mentee, mentor, draw(values))
        for cycle, mentee in people.items()
        for mentor in mentors
        if mentee != mentor and draw(st.booleans())
    ]
    return candidates, room


def allowed(chosen: Sequence[Candidate], room: dict[str, int]) -> bool:
    """One mentor a cycle, room kept, a mentor once for one mentee, nobody his own mentor's mentor."""
    pairs = [(found.mentee, found.mentor) for found in chosen]
    loads = Counter(found.mentor for found in chosen)
    return (
        len({found.cycle for found in chosen}) == len(chosen)
        and all(load <= room[mentor] for mentor, load in loads.items())
        and len(set(pairs)) == len(pairs)
        and not any(pair[::-1] in pairs for pair in pairs)
    )


def every_choice(
    candidates: Sequence[Candidate], room: dict[str, int]
) -> Iterator[tuple[Candidate, ...]]:
    """All allowed choices, cycle by cycle."""

    def extend(
        left: list[list[Candidate]], chosen: tuple[Candidate, ...]
    ) -> Iterator[tuple[Candidate, ...]]:
        if not left:
            yield chosen
            return
        yield from extend(left[1:], chosen)
        for found in left[0]:
            if allowed((*chosen, found), room):
                yield from extend(left[1:], (*chosen, found))

    cycles = sorted({found.cycle for found in candidates})
    yield from extend([[c for c in candidates if c.cycle == cycle] for cycle in cycles], ())


def total(chosen: Sequence[Candidate]) -> int:
    return sum(found.value for found in chosen)


@given(pools())
def test_optimal_has_the_largest_total_of_all_allowed_choices(
    pool: tuple[list[Candidate], dict[str, int]],
) -> None:
    candidates, room = pool
    best = max(total(choice) for choice in every_choice(candidates, room))
    assert total(choose("optimal", candidates, room)) == best


@given(pools(), st.sampled_from(POLICIES), st.randoms(use_true_random=False))
def test_every_policy_keeps_the_rules_whatever_the_input_order(
    pool: tuple[list[Candidate], dict[str, int]], policy: Policy, order: random.Random
) -> None:
    candidates, room = pool
    shuffled = order.sample(candidates, len(candidates))
    chosen = choose(policy, candidates, room)
    assert allowed(chosen, room)
    assert choose(policy, shuffled, dict(reversed(room.items()))) == chosen


@given(pools(), st.sampled_from(POLICIES))
def test_no_policy_leaves_a_pair_that_could_be_added(
    pool: tuple[list[Candidate], dict[str, int]], policy: Policy
) -> None:
    candidates, room = pool
    chosen = choose(policy, candidates, room)
    assert not [c for c in candidates if c not in chosen and allowed([*chosen, c], room)]


@given(pools())
def test_stable_leaves_nobody_who_would_rather_have_each_other(
    pool: tuple[list[Candidate], dict[str, int]],
) -> None:
    candidates = [c for c in pool[0] if not {c.mentee, c.mentor} & {"a", "m0"}]
    one_seat = {c.mentee: c.cycle for c in sorted(candidates, reverse=True)}
    candidates = [c for c in candidates if one_seat[c.mentee] == c.cycle]
    room = pool[1]
    chosen = choose("stable", candidates, room)
    has = {c.mentee: c.value for c in chosen}
    carries = {m: sorted(c.value for c in chosen if c.mentor == m) for m in room}
    for c in candidates:
        full = len(carries[c.mentor]) >= room[c.mentor]
        wants = c.value > has.get(c.mentee, 0)
        wanted = not full or (room[c.mentor] > 0 and carries[c.mentor][0] < c.value)
        assert not (wants and wanted)


@given(pools())
def test_fair_pairs_the_most_and_lifts_the_least(
    pool: tuple[list[Candidate], dict[str, int]],
) -> None:
    candidates = [c for c in pool[0] if "a" not in {c.mentee, c.mentor} and c.mentee != "m0"]
    room = pool[1]
    found = choose("fair", candidates, room)
    choices = list(every_choice(candidates, room))
    most = max(map(len, choices))
    assert len(found) == most
    least = max(min((c.value for c in x), default=0) for x in choices if len(x) == most)
    assert min((c.value for c in found), default=0) == least


def test_optimal_gives_up_a_best_pair_for_a_better_whole() -> None:
    candidates = [
        Candidate(0, "c0", "ann", "mia", 10),
        Candidate(0, "c0", "ann", "mio", 9),
        Candidate(1, "c1", "bob", "mia", 9),
        Candidate(1, "c1", "bob", "mio", 1),
    ]
    room = {"mia": 1, "mio": 1}
    optimal = [(c.mentee, c.mentor) for c in choose("optimal", candidates, room)]
    greedy = [(c.mentee, c.mentor) for c in choose("first_come", candidates, room)]
    assert optimal == [("ann", "mio"), ("bob", "mia")]
    assert greedy == [("ann", "mia"), ("bob", "mio")]


def test_first_come_serves_the_queue_in_its_order() -> None:
    candidates = [
        Candidate(1, "c1", "bob", "mia", 10),
        Candidate(0, "c0", "ann", "mia", 1),
    ]
    chosen = choose("first_come", candidates, {"mia": 1})
    assert [c.mentee for c in chosen] == ["ann"]


def test_two_seats_of_one_mentee_get_two_mentors() -> None:
    candidates = [
        Candidate(place, f"c{place}", "ann", mentor, value)
        for place in (0, 1)
        for mentor, value in (("mia", 9), ("mio", 1))
    ]
    chosen = choose("optimal", candidates, {"mia": 5, "mio": 5})
    assert sorted(c.mentor for c in chosen) == ["mia", "mio"]


def test_two_who_would_mentor_each_other_become_the_better_of_the_two_pairs() -> None:
    candidates = [
        Candidate(0, "c0", "ann", "bob", 5),
        Candidate(1, "c1", "bob", "ann", 6),
        Candidate(1, "c1", "bob", "mia", 4),
    ]
    chosen = choose("optimal", candidates, {"ann": 1, "bob": 1, "mia": 1})
    assert [(c.mentee, c.mentor) for c in chosen] == [("ann", "bob"), ("bob", "mia")]


def test_many_reciprocal_pairs_are_all_undone() -> None:
    people = [f"p{number}" for number in range(16)]
    candidates = [
        Candidate(index, f"c{index}", person, people[index ^ 1], 1 + index)
        for index, person in enumerate(people)
    ]
    room = dict.fromkeys(people, 1)
    assert allowed(choose("optimal", candidates, room), room)


@pytest.mark.parametrize("policy", POLICIES)
def test_an_empty_pool_has_no_pairs(policy: Policy) -> None:
    assert choose(policy, [], {}) == []
    assert choose(policy, [Candidate(0, "c0", "ann", "mia", 1)], {"mia": 0}) == []
