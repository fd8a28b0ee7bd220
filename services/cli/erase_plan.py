"""What an erasure would do: where the person stands, and what becomes unreadable. Nothing is changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from services.cli.output import Failure
from services.feedback.find import open_cycles, person_of
from services.feedback.model import SIDES, Away, Cycle, Note, Review
from services.feedback.store import Reading
from shared.store import Store
from shared.world import World


@dataclass(frozen=True, slots=True)
class Plan:
    """A person as feedback knows them.

    Attributes:
        cycles: how many cycles they are or were in.
        erased: whether that is folded already.
        away: whether they have left in some role.
        open: the cycles that are not concluded.
        blind: reviews of those that are not revealed yet: their ratings are, before a cycle ends.
        reviews: sides of reviews, by or about them, that become unreadable.
        notes: notes by or about them that do.
    """

    cycles: int
    erased: bool
    away: bool
    open: Sequence[str]
    blind: int
    reviews: int
    notes: int

    @property
    def may_be_erased(self) -> bool:
        """Whether feedback's judge would take `erased` now."""
        return self.away and not self.open


def plan_of(store: Store, program: str, person: str) -> Plan:
    """Look into feedback's store.

    Raises:
        StoreTrouble: the database does not answer.
    """
    return store.read(lambda connection: _look(connection, program, person))


def refuse_staying(plan: Plan, person: str, *, leave: bool) -> None:
    """Who has not left cannot be erased, unless that is asked for, too.

    Raises:
        Failure: they have not, or have a cycle open.
    """
    if plan.may_be_erased or plan.erased or leave:
        return
    count = len(plan.open)
    why = f"is in {count} open cycle{'s' * (count != 1)}" if count else "has not left"
    raise Failure(f"{person} {why}: give --leave, which states `left` first and ends what is open")


def _look(connection: Connection, program: str, person: str) -> Plan:
    world = World(Reading(connection))
    standing = person_of(world, program, person)
    cycles = _cycles(world, program, person)
    reviews = [
        review
        for cycle in cycles
        for review in world.where(Review, program=program, cycle=cycle.cycle)
    ]
    notes = [
        note
        for cycle in cycles
        for note in world.where(Note, program=program, cycle=cycle.cycle)
        if person in {note.by, note.about}
    ]
    open_ones = {
        cycle.cycle for side in SIDES for cycle in open_cycles(world, program, person, side)
    }
    return Plan(
        cycles=len(cycles),
        erased=standing.erased,
        away=any(isinstance(standing.standing(side), Away) for side in SIDES),
        open=sorted(open_ones),
        blind=sum(
            r.status == "blind" and r.cycle in open_ones and bool(r.entries) for r in reviews
        ),
        reviews=sum(len(review.entries) + len(review.late) for review in reviews),
        notes=len(notes),
    )


def _cycles(world: World, program: str, person: str) -> list[Cycle]:
    """Every cycle that the person is or was in, on either side."""
    found = [
        *world.where(Cycle, program=program, mentee=person),
        *world.where(Cycle, program=program, mentor=person),
    ]
    return list({cycle.cycle: cycle for cycle in found}.values())
