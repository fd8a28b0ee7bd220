"""The plan of a round whose choice has more pairs than one input may say: kept, said part by part, dropped."""

from __future__ import annotations

from services.matching.changes import SOON, Changes
from services.matching.record import Part, Plan
from shared.events.matching import Planned
from shared.frozen import replace


def keep(changes: Changes, data: Planned) -> None:
    """A part of what a round has chosen; the first one sets the deadline of the next step."""
    plan = changes.find(Plan)
    if plan is None or plan.round != data.round:
        drop(changes)
        plan = Plan(changes.program, data.round, again=changes.world.now + SOON)
    pairs = tuple((pair.cycle, pair.mentor) for pair in data.pairs)
    changes.put(replace(plan, parts=max(plan.parts, data.part)))
    changes.put(Part(changes.program, data.round, data.part, pairs))


def go_on(changes: Changes) -> None:
    """The next part is to be said; the one before has been. Behind the last one the plan is over."""
    plan = changes.find(Plan)
    if plan is None:
        return
    if plan.part:
        changes.remove(Part, plan.round, plan.part)
    if plan.part < plan.parts:
        again = changes.world.now + SOON
        changes.put(replace(plan, part=plan.part + 1, again=again))
    else:
        changes.remove(Plan)


def drop(changes: Changes) -> None:
    """What is left of a plan is not said any more: those requests wait for another round."""
    plan = changes.find(Plan)
    if plan is None:
        return
    for part in range(max(1, plan.part), plan.parts + 1):
        changes.remove(Part, plan.round, part)
    changes.remove(Plan)
