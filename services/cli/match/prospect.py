"""What a request that waits may hope for: its place, the next round, and whom matching would try now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.matching.model import Cycle, Program, Queue
from services.matching.preview import Preview, is_held, preview
from shared.events.rules import OnThreshold
from shared.world import World

FEW = 5
"""So many candidates beside an explanation."""


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a request that waits may hope for.

    Attributes:
        place: its place among those that wait, from 1.
        waiting: how many wait.
        next_round: None where none is set.
        enough: so many waiting requests start a round; None where rounds do not follow that.
        expires_at: when it is given up.
        held: a parked event holds the program, the mentee or the request, until an operator has seen to it.
        preview: whom matching would try now; None where it looks at nobody, as before the program begins.
    """

    place: int
    waiting: int
    next_round: datetime | None
    enough: int | None
    expires_at: datetime
    held: bool
    preview: Preview | None


def prospect(world: World, row: Cycle) -> Prospect:
    """Of a request that waits in this world."""
    queue = world.where(Cycle, parked="use", program=row.program, status="open")
    ordered = sorted(queue, key=lambda each: (each.place, each.seat, each.cycle))
    round_ = world.peek(Queue, (row.program,))
    program = world.peek(Program, (row.program,))
    rounds = program.rules.rounds if program and program.rules else None
    return Prospect(
        place=ordered.index(row) + 1,
        waiting=len(ordered),
        next_round=round_.next_round if round_ else None,
        enough=rounds.waiting if isinstance(rounds, OnThreshold) else None,
        expires_at=row.expires_at,
        held=is_held(world, row),
        preview=preview(world, row, FEW),
    )
