"""A proposal that stands, held against the rules again: much may be stated while somebody makes up his mind."""

from __future__ import annotations

from services.matching.model import Cycle, Held, Mentor, Offer
from services.matching.pool import Pool, assemble, person_of
from services.matching.rules import broken
from shared.events.outside import Opened
from shared.world import World

HELD = frozenset({"present", "capacity"})
"""What a standing proposal outlives: it holds its place, and who takes nobody new still answers."""


def freed(world: World, rules: Opened, cycle: Cycle, mentor: Mentor) -> Pool:
    """The two, without the proposal that holds the mentor's place for this very request."""
    mentee = person_of(world, cycle.program, cycle.mentee)
    person = person_of(world, mentor.program, mentor.mentor)
    match cycle.state:
        case Held(offer=Offer(mentor=held)) if held == mentor.mentor:
            mentee, mentor = mentee.without(held, for_good=False), mentor.loaded(by=-1)
    return assemble(rules, world.now.year, [(cycle, mentee)], [(mentor, person)])


def no_longer(world: World, rules: Opened, cycle: Cycle | None, mentor: str) -> list[str]:
    """The rules by which two who were proposed to each other may not be paired any more."""
    row = world.get(Mentor, cycle.program, mentor) if cycle else None
    if cycle is None or row is None:
        return []
    gone = ["present"] if row.left or row.paused_until else []
    kept = broken(freed(world, rules, cycle, row), 0, 0)
    return [*gone, *(rule for rule in kept if rule not in HELD)]
