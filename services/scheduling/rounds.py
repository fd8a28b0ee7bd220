"""Going through the cycles of a person whose time or standing has changed, a bounded part at a time.

Each cycle gets a timer at once and is planned, or ended, as an input of its own.
"""

from __future__ import annotations

from datetime import timedelta

from services.scheduling.find import ahead, cycles_of, meetings_of
from services.scheduling.model import Cycle, Ended, Person, Round, Running
from shared.frozen import replace
from shared.world import Change, World

PART = 200
"""Cycles that one input may set a timer for; an input may cause 900 messages in all."""
PAUSE = timedelta(minutes=1)


def look_through(world: World, person: Person, after: str = "") -> list[Change]:
    """Mark the cycles of `person` (as the row is to be) that must be ended or planned again."""
    open_cycles = [row for row in cycles_of(world, person) if row.cycle > after]
    part, rest = open_cycles[:PART], open_cycles[PART:]
    following = Round(world.now + PAUSE, part[-1].cycle) if rest else None
    marked = (_mark(world, person, cycle) for cycle in part)
    return [replace(person, round=following), *(row for row in marked if row is not None)]


def _mark(world: World, person: Person, cycle: Cycle) -> Cycle | None:
    roles = {"mentee": cycle.mentee, "mentor": cycle.mentor}
    if any(roles[side] == person.person for side in person.left):
        return replace(cycle, status="ended", state=Ended(sweep_at=world.now))
    if isinstance(cycle.state, Running) and _has_plan(world, cycle, cycle.state):
        return replace(cycle, state=replace(cycle.state, replan_at=world.now))
    return None


def _has_plan(world: World, cycle: Cycle, state: Running) -> bool:
    """Whether anything lies ahead that another availability could change.

    Whether it really does is for `decide` to find out: what is folded must not depend on the edition of the
    holiday tables.
    """
    return bool(state.gaps or ahead(world, meetings_of(world, cycle)))
