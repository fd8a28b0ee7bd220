"""Later steps of a round whose choice has more pairs than one input may say.

What was chosen is a fact and is not chosen again; each step holds its pairs against the world as it is by then. A
pair that has become impossible is passed over, and its request waits for another round.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from services.matching import scoring
from services.matching.explain import Pairs
from services.matching.model import Cycle
from services.matching.pool import Pool
from services.matching.record import Part, Plan
from services.matching.rounds import free, rules_of, say, waiting, whole, with_everybody
from services.matching.tally import blocks
from shared.events.envelope import Event
from shared.events.outside import Opened
from shared.events.rules import OnCalendar, OnThreshold
from shared.world import Answer, Ref, World


def go_on(world: World, event: Event) -> list[Answer]:
    """The next pairs of a plan; behind the last ones, what has come or was passed over meanwhile has its round.

    A calendar has its own instants for that.
    """
    rules, plan = rules_of(world, event.program), world.get(Plan, event.program)
    if rules is None:
        return []
    if plan is None:
        return whole(world, event) if _is_due(world, event.program, rules) else []
    part = world.get(Part, event.program, plan.round, plan.part)
    if part is None:
        return []
    pool = with_everybody(world, event.program, rules, _still_open(world, part))
    return say(world, plan.round, pool, list(_possible(pool, dict(part.pairs))))


def _is_due(world: World, program: str, rules: Opened) -> bool:
    """Whether enough wait for a round that no calendar brings, and somebody is free."""
    if isinstance(rules.rounds, OnCalendar) or not free(world, program):
        return False
    enough = rules.rounds.waiting if isinstance(rules.rounds, OnThreshold) else 1
    return len(waiting(world, program)) >= enough


def _still_open(world: World, part: Part) -> list[Cycle]:
    """The requests of a part that still wait; parked ones are treated as absent."""
    keys = [(part.program, cycle) for cycle, _ in part.pairs]
    world.prefetch(Ref(Cycle, key) for key in keys)
    found = (world.get(Cycle, *key) for key in keys if key not in world.parked)
    return [cycle for cycle in found if cycle is not None and cycle.status == "open"]


def _possible(pool: Pool, chosen: dict[str, str]) -> Iterator[tuple[int, int]]:
    """Those of the chosen pairs that are allowed, not below the floor, and for which the mentor has room.

    What one pair rules out for another was ruled out when they were chosen together.
    """
    room = pool.room.copy()
    for row, column in _allowed(pool, _both_here(pool, chosen)):
        if room[column] > 0:
            room[column] -= 1
            yield row, column


def _both_here(pool: Pool, chosen: dict[str, str]) -> Pairs:
    """The chosen pairs whose two sides are in the pool, in the order of the queue."""
    column = {one.mentor: place for place, one in enumerate(pool.guides.mentors)}
    wanted = (chosen[one.cycle] for one in pool.seekers.cycles)
    return [(row, column[mentor]) for row, mentor in enumerate(wanted) if mentor in column]


def _allowed(pool: Pool, pairs: Pairs) -> Iterator[tuple[int, int]]:
    """Those that are worth something."""
    for block in blocks(len(pairs), pool.mentors):
        here = pairs[block]
        rows = np.array([row for row, _ in here], np.intp)
        values = scoring.values(pool, rows)
        worth = values[np.arange(len(here)), [column for _, column in here]]
        yield from (pair for pair, value in zip(here, worth.tolist(), strict=True) if value)
