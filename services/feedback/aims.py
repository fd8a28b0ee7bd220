"""What feedback makes of terms and of progress: the goals of a pair, and that they move."""

from __future__ import annotations

import hashlib

from services.feedback import goals, watching
from services.feedback.find import goals_of, pair_of, side_of
from services.feedback.model import Goal, Paired
from shared.events import outside
from shared.events.envelope import Event
from shared.frozen import replace
from shared.world import Change, World


def agreed(world: World, event: Event, data: outside.Agreed) -> list[Change]:
    """A side states terms; they are in force when the other side has stated the same."""
    found = pair_of(world, event)
    side = side_of(found[0], data.by) if found else None
    if found is None or side is None:
        return []
    cycle, pair = found
    terms = hashlib.sha256(data.model_dump_json(exclude={"by"}).encode()).hexdigest()
    stated = dict(sorted({**pair.stated, side: terms}.items()))
    pair = replace(pair, stated=stated)
    if list(stated.values()) != [terms, terms]:
        return [cycle.become(pair)]
    known, has_met = goals_of(world, cycle), pair.first_met_at is not None
    changes = goals.come_into_force(event.program, event.key, known, data, world.now, met=has_met)
    pair = replace(pair, planned=data.planned_meetings)
    if set(changes) != set(known):
        pair = _moved(world, event, pair, [goal for goal in changes if isinstance(goal, Goal)])
    return [replace(cycle, confidentiality=data.confidentiality).become(pair), *changes]


def progressed(world: World, event: Event, data: outside.Progressed) -> list[Change]:
    """A goal's value is stated: the last statement in the log holds."""
    found, goal = pair_of(world, event), world.get(Goal, event.program, event.key, data.goal)
    if found is None or goal is None or goal.dropped:
        return []
    now = goals.measured(goal, data, world.now)
    if goals.stands_at(now) == goals.stands_at(goal) and now.reached == goal.reached:
        return [now]
    cycle, pair = found
    others = [other for other in goals_of(world, cycle) if other.goal != goal.goal]
    return [now, cycle.become(_moved(world, event, pair, [now, *others]))]


def _moved(world: World, event: Event, pair: Paired, after: list[Goal]) -> Paired:
    """The pair whose goals are these from now on."""
    aims = any(not goal.reached for goal in goals.in_force(after))
    return watching.moved(pair, event.id, world.now, aims=aims)
