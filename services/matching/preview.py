"""Whom matching would try for a request, were it alone in the pool: a look that changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.matching.explain import Candidate, candidates, excluded
from services.matching.model import Cycle, Mentor, Open, Person, Program, Queue
from services.matching.pool import pool
from shared.events.outside import Opened, Requested
from shared.world import Ref, World


@dataclass(frozen=True, slots=True)
class Preview:
    """What a look at one request finds.

    Attributes:
        cycle: the request, a real one or a hypothetical.
        rules: under which it was looked at.
        mentors: how many were looked at.
        candidates: whom it may have, the best score first.
        excluded: how many mentors each rule keeps from it, each mentor counted once.
    """

    cycle: Cycle
    rules: Opened
    mentors: int
    candidates: Sequence[Candidate]
    excluded: Mapping[str, int]


def hypothetical(world: World, program: str, wishes: Requested) -> Cycle:
    """The cycle that a request would begin, at the end of the queue."""
    queue = world.peek(Queue, (program,))
    return Cycle(
        program=program,
        cycle="hypothetical",
        mentee=wishes.mentee,
        request=wishes.request,
        seat=wishes.seat,
        place=queue.arrivals if queue else 0,
        since=world.now,
        expires_at=world.now,
        wishes=wishes,
        state=Open(),
    )


def rules_of(world: World, program: str) -> Opened | None:
    """The rules in force, whether or not a parked event holds the program."""
    row = world.peek(Program, (program,))
    return row.rules if row and not row.ended else None


def preview(world: World, cycle: Cycle, limit: int) -> Preview | None:
    """Look at one request as a round would.

    Returns:
        None where a round would not look at it: its wishes are gone with it, a parked event holds it, its mentee
        or its program, or the program has not begun or has ended.
    """
    rules = rules_of(world, cycle.program)
    if rules is None or is_held(world, cycle):
        return None
    mentors = world.where(Mentor, parked="skip", program=cycle.program)
    _load_persons(world, cycle, mentors)
    found = pool(world, rules, [cycle], mentors)
    if not found.requests:
        return None
    return Preview(cycle, rules, found.mentors, candidates(found, 0, limit), excluded(found, 0))


def is_held(world: World, cycle: Cycle) -> bool:
    """Whether a parked event holds the request, its mentee or its program."""
    keys = (cycle.program, cycle.mentee, cycle.cycle)
    return any((cycle.program, key) in world.parked for key in keys)


def _load_persons(world: World, cycle: Cycle, mentors: Sequence[Mentor]) -> None:
    """In bulk: a look should not ask the database once for each mentor."""
    persons = [cycle.mentee, *(mentor.mentor for mentor in mentors)]
    world.prefetch(Ref(Person, (cycle.program, person)) for person in persons)
