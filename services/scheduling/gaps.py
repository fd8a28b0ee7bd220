"""Gaps in a plan, and when the plan is looked at again for them although nobody has done anything.

Time alone may fill a gap: an absence ends, a full week goes by. So a plan with such gaps gets a timer, once a week at most,
until the program is over; what is found then is decided as an input of its own.
"""

from __future__ import annotations

from services.scheduling.calendar import days_interval
from services.scheduling.find import rules_of
from services.scheduling.model import Cycle, Gap, Running
from shared.frozen import replace
from shared.intervals import WEEK
from shared.world import Change, World

LASTING = frozenset({"no_availability", "no_rules", "program_days"})
"""The constraints that time alone does not lift."""


def left(world: World, cycle: Cycle, state: Running, gap: Gap) -> Cycle:
    """A number has found no slot; what was said of it before is replaced."""
    others = [one for one in state.gaps if one.number != gap.number]
    gaps = tuple(sorted([*others, gap], key=lambda one: one.number))
    return replace(cycle, state=awaited(world, cycle, replace(state, gaps=gaps)))


def filled(world: World, cycle: Cycle, number: int) -> list[Change]:
    """A number has its meeting."""
    if not isinstance(cycle.state, Running):
        return []
    gaps = tuple(gap for gap in cycle.state.gaps if gap.number != number)
    if gaps == cycle.state.gaps:
        return []
    return [replace(cycle, state=awaited(world, cycle, replace(cycle.state, gaps=gaps)))]


def looked_at(world: World, cycle: Cycle, state: Running) -> Cycle:
    """The plan is being looked at: the next look is for the gaps that are left."""
    return replace(cycle, state=awaited(world, cycle, replace(state, replan_at=None)))


def awaited(world: World, cycle: Cycle, state: Running) -> Running:
    """Set the time of the next look at the gaps of a plan, from those that are left.

    One that is set for sooner stays: it may be there because somebody's time has changed, or room was made.
    """
    soonest = world.now + WEEK
    if state.replan_at is not None and state.replan_at < soonest:
        return state
    passing = [gap.until for gap in state.gaps if gap.constraint not in LASTING]
    rules = rules_of(world, cycle.program, cycle.rules) if passing else None
    if rules is None:
        return replace(state, replan_at=None)
    at = max(min(passing), soonest)
    _, closes = days_interval(rules.starts_on, rules.ends_on, rules.zone)
    return replace(state, replan_at=at if at < closes else None)
