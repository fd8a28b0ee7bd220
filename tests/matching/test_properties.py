"""Any interleaving of legal and illegal statements: the invariants hold and a rebuild is the same."""

from __future__ import annotations

from collections import Counter
from typing import Any
from unittest.mock import patch

from hypothesis import given, note, settings
from hypothesis import strategies as st

from services.matching import limits
from services.matching.model import Cycle, Held, Mentor, Paired, Person, Queue
from services.matching.pool import pool
from services.matching.record import Part, Plan, Round
from services.matching.rounds import chosen, free, market_of, rules_of, waiting, with_room
from shared.events import outside
from shared.events.outside import Preferred
from shared.events.rules import OnCalendar, OnThreshold
from shared.events.types import Duration
from tests.matching.history import (
    PROGRAM,
    History,
    a_program,
    always,
    left,
    offered,
    requested,
    withdrawn,
)

PEOPLE = ("ann", "bob", "mia", "mio")
CYCLES = ("c1", "c2", "c3", "c4")
people, cycles = st.sampled_from(PEOPLE), st.sampled_from(CYCLES)

programs = st.fixed_dictionaries(
    {
        "acceptance": st.sampled_from(["none", "mentor", "both"]),
        "policy": st.sampled_from(["optimal", "stable", "fair", "first_come"]),
        "rounds": st.sampled_from(
            ["at_once", OnThreshold(waiting=2), OnCalendar(rrule="FREQ=DAILY")]
        ),
        "hard": st.just(()),
        "accept_within": st.just(Duration(2)),
        "request_expires": st.just(Duration(9)),
    }
)
steps = st.one_of(
    st.tuples(st.just("offer"), people, st.integers(0, 2), st.booleans()),
    st.tuples(st.just("request"), cycles, people, st.integers(1, 2)),
    st.tuples(st.just("avoid"), people, people),
    st.tuples(st.just("answer"), cycles, people, st.booleans()),
    st.tuples(st.just("assign"), cycles, people),
    st.tuples(st.just("withdraw"), cycles, people),
    st.tuples(st.just("leave"), people, st.sampled_from(["mentee", "mentor"])),
    st.tuples(st.just("conclude"), cycles, st.booleans()),
    st.tuples(st.just("wait"), st.integers(1, 3)),
)


def do(history: History, what: str, *how: Any) -> None:
    """One statement, legal or not."""
    match what, how:
        case "offer", (mentor, capacity, accepts):
            history.say(mentor, offered(capacity=capacity, accepts_new=accepts))
        case "request", (cycle, mentee, seat):
            history.say(cycle, requested(mentee, request=f"q-{mentee}", seat=seat))
        case "avoid", (person, other):
            history.say(person, Preferred(avoid=(other,)))
        case "answer", (cycle, by, yes):
            answer = outside.Accepted if yes else outside.Declined
            row = history.world.peek(Cycle, ("acme", cycle))
            stands = history.proposal(cycle) if row and row.status == "held" else "p0"
            history.say(cycle, answer(proposal=stands, by=by))
        case "assign", (cycle, mentor):
            history.say(cycle, outside.Assigned(mentor=mentor, by="carl"))
        case "withdraw", (cycle, by):
            history.say(cycle, withdrawn(by))
        case "leave", (person, role):
            history.say(person, left(role))
        case "conclude", (cycle, again) if history.world.peek(Cycle, ("acme", cycle)):
            history.concludes(cycle, f"{cycle}-next" if again else None)
        case "wait", (days,):
            history.wait(days=days)


def do_in_between(history: History, what: str, *how: Any) -> None:
    """One statement; or time up to the next round, or to its next step, and no further."""
    queue = history.world.peek(Queue, (PROGRAM,))
    match what:
        case "tick":
            history.wait(seconds=1)
        case "round" if queue and queue.next_round and queue.next_round > history.now:
            history.wait(seconds=(queue.next_round - history.now).total_seconds())
        case _:
            do(history, what, *how)


def check(history: History) -> None:
    """What holds after every input."""
    rows = history.every(Cycle)
    taken = Counter(row.mentor for row in rows if isinstance(row.state, Held | Paired))
    for mentor in history.every(Mentor):
        assert mentor.load == taken[mentor.mentor]
        assert mentor == mentor.offering()
    live = Counter((row.request, row.seat) for row in rows if row.live)
    assert all(count == 1 for count in live.values())
    pairs = [(row.mentee, row.mentor) for row in rows if isinstance(row.state, Held | Paired)]
    assert len(set(pairs)) == len(pairs)
    assert not any((two, one) in pairs for one, two in pairs)
    for person in history.every(Person):
        assert set(person.mentors) == {two for one, two in pairs if one == person.person}
    assert all(row.wishes for row in rows if row.live)


@settings(max_examples=150, deadline=None)
@given(programs, st.lists(steps, min_size=5, max_size=40))
def test_the_invariants_hold_and_a_rebuild_from_the_log_is_the_same(
    rules: dict[str, Any], told: list[Any]
) -> None:
    history = a_program(**rules)
    for person in PEOPLE:
        history.say(person, always())
    for step in told:
        before = {row.mentor: row.load for row in history.every(Mentor)}
        do(history, *step)
        note(f"{step}")
        check(history)
        for mentor in history.every(Mentor):
            assert mentor.load <= max(before.get(mentor.mentor, 0), mentor.offer.capacity)
    assert list(history.rebuilt().rows()) == list(history.world.rows())


@patch.object(limits, "PAIRS", {"none": 1, "mentor": 1, "both": 1})
@settings(max_examples=150, deadline=None, print_blob=True)
@given(
    programs,
    st.lists(st.one_of(steps, st.just(("round",)), st.just(("tick",))), max_size=40),
)
def test_whatever_comes_between_the_steps_of_a_round_the_invariants_hold(
    rules: dict[str, Any], told: list[Any]
) -> None:
    history = a_program(**rules)
    for person in PEOPLE:
        history.say(person, always())
        history.say(person, offered(capacity=2))
    asking = [("request", cycle, person, 1) for cycle, person in zip(CYCLES, PEOPLE, strict=True)]
    for step in [*asking, ("round",), *told]:
        before = {row.mentor: row.load for row in history.every(Mentor)}
        do_in_between(history, *step)
        note(f"{step}")
        check(history)
        for mentor in history.every(Mentor):
            assert mentor.load <= max(before.get(mentor.mentor, 0), mentor.offer.capacity)
        assert all(row.said <= row.matched for row in history.every(Round))
    assert list(history.rebuilt().rows()) == list(history.world.rows())
    history.wait(days=300)
    assert (history.every(Plan), history.every(Part)) == ([], [])


@settings(max_examples=100, deadline=None, print_blob=True)
@given(programs, st.lists(steps, min_size=5, max_size=40))
def test_a_program_that_pairs_at_once_leaves_no_pair_that_a_round_would_find(
    rules: dict[str, Any], told: list[Any]
) -> None:
    history = a_program(**{**rules, "rounds": "at_once"})
    for person in PEOPLE:
        history.say(person, always())
    for step in told:
        do(history, *step)
        note(f"{step}")
        world, now = history.world, rules_of(history.world, PROGRAM)
        if now is not None:
            mentors = with_room(now, free(world, PROGRAM))
            found = pool(world, now, waiting(world, PROGRAM), mentors)
            assert chosen(found, market_of(found)).value == 0
