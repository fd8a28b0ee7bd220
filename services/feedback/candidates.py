"""Pay it forward: who was mentored well, is willing to mentor others, and may be asked by a coordinator.

A question to the rows and never an event: nobody is told of it but who asks, and willingness may be taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.feedback.model import Closing, Cycle, Ended, Here, Person, Rules, Summary
from shared.world import World

WELL = ("completed", "goals_reached")
"""Outcomes after which a mentee is asked."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A cycle that ended well: the meetings that were held and the goals that were reached are in its summary."""

    cycle: str
    summary: Summary


@dataclass(frozen=True, slots=True)
class Candidate:
    """A mentee who may mentor others. `mentors`: open pairs in which the person is the mentor already."""

    person: str
    finished: tuple[Finished, ...]
    mentors: int


def candidates(world: World, program: str, now: datetime) -> Sequence[Candidate]:
    """Everybody of the program who may be asked at this instant, by id; nobody where the rules do not have it so."""
    rules = rules_in_force(world, program, now)
    if rules is None or not rules.pay_it_forward:
        return []
    willing = world.where(Person, parked="use", program=program, willing=True)
    found = (_candidate(world, person) for person in willing if _is_here(person))
    return [candidate for candidate in found if candidate.finished]


def rules_in_force(world: World, program: str, now: datetime) -> Rules | None:
    """The version of a program's rules that came into effect last, as it was first stated."""
    rows = world.where(Rules, parked="use", program=program)
    versions = {row.version: row for row in reversed(rows)}
    past = [row for row in versions.values() if row.effective_at <= now]
    return max(past, key=lambda row: (row.effective_at, row.version), default=None)


def _is_here(person: Person) -> bool:
    """Whoever gives the role of a mentor up, now or soon, or is erased, is not asked."""
    return isinstance(person.mentor, Here) and not person.erased


def _candidate(world: World, person: Person) -> Candidate:
    name, program = person.person, person.program
    cycles = world.where(Cycle, parked="use", program=program, mentee=name)
    pairs = world.where(Cycle, parked="use", program=program, mentor=name, status="paired")
    return Candidate(name, tuple(filter(None, map(_finished, cycles))), len(pairs))


def _finished(cycle: Cycle) -> Finished | None:
    match cycle.state:
        case Closing(summary=Summary() as summary) | Ended(summary=Summary() as summary):
            return Finished(cycle.cycle, summary) if summary.outcome in WELL else None
    return None
