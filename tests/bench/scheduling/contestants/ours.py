"""The scheduling service's own planning: what it answers to a pairing, and what it then knows.

Each cycle is planned by the function that `decide` calls, over the rows that the service would have in memory, and its
answers are folded by the function that the ledger calls. Nothing is read from a store or written to one.
"""

from __future__ import annotations

import time

from services.scheduling.evolve import EVOLVES
from services.scheduling.model import Cycle
from services.scheduling.plan import plan
from shared.events.envelope import Event
from shared.events.scheduling import Scheduled
from shared.world import Answer, World
from tests.bench.scheduling.contestants.plans import Plan, Plans
from tests.bench.scheduling.people import Program, running
from tests.bench.scheduling.settings import PROGRAM

_ID = "6f0c2d5e-6a0e-4e6c-8f0d-1d3f4a5b6c7d"


def plans(program: Program) -> Plans:
    """Plan every cycle of a program."""
    world = World()
    world.apply([program.rules, *program.people.values(), *program.cycles])
    _fold(world, [])
    found, folding = {}, 0.0
    for cycle in program.cycles:
        world.now = running(cycle).anchor
        answers = plan(world, cycle, running(cycle))
        begun = time.perf_counter()
        _fold(world, answers)
        folding += time.perf_counter() - begun
        found[cycle.cycle] = _plan(cycle, answers)
    return Plans(found, folding)


def _fold(world: World, answers: list[Answer]) -> None:
    """Keep what was answered, as one input's changes."""
    for answer in answers:
        event = Event(_ID, "/mentoring/scheduling", PROGRAM, answer.key, world.now, answer.data)
        world.apply(EVOLVES[type(answer.data)](world, event))
    world.keep()
    world.take_changes()


def _plan(cycle: Cycle, answers: list[Answer]) -> Plan:
    starts = {
        each.data.number: int(each.data.starts_at.timestamp())
        for each in answers
        if isinstance(each.data, Scheduled)
    }
    return [starts.get(number) for number in range(1, running(cycle).terms.planned_meetings + 1)]
