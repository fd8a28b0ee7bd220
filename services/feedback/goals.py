"""Goals: what newer terms make of them, what a measured value does, and how far each is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from services.feedback.model import Goal, Measure
from shared.events.pair import Agreed, AgreedGoal, Progressed
from shared.frozen import replace
from shared.world import Change, Gone

HISTORY = 32
"""Values of a goal that are kept: enough to draw its course, whatever the number stated."""


def progress(goal: Goal) -> float:
    """How much of the way from baseline to target is done, 0 to 1; 0 before a value is stated."""
    way = goal.target - goal.baseline
    if goal.value is None or goal.reached or way == 0:
        return float(goal.reached)
    return min(max((goal.value - goal.baseline) / way, 0.0), 1.0)


def stands_at(goal: Goal) -> float:
    """The goal's last value; before one is stated, its baseline."""
    return goal.baseline if goal.value is None else goal.value


def in_force(goals: Iterable[Goal]) -> list[Goal]:
    """The goals of the terms in force."""
    return [goal for goal in goals if not goal.dropped]


def all_reached(goals: Iterable[Goal]) -> bool:
    """Whether there are goals in force and every one is reached."""
    aims = in_force(goals)
    return bool(aims) and all(goal.reached for goal in aims)


def come_into_force(
    program: str, cycle: str, known: Iterable[Goal], data: Agreed, now: datetime, *, met: bool
) -> list[Change]:
    """The goals of new terms, which keep their values; those left out go, or stay as dropped after a meeting."""
    before = {goal.goal: goal for goal in known}
    goals = {new.id: _stated(program, cycle, new, before.get(new.id), now) for new in data.goals}
    left_out = [goal for goal in before.values() if goal.goal not in goals]
    if met:
        return [*goals.values(), *(replace(goal, dropped=True) for goal in left_out)]
    return [*goals.values(), *(Gone(Goal, goal.key()) for goal in left_out)]


def _stated(program: str, cycle: str, new: AgreedGoal, old: Goal | None, now: datetime) -> Goal:
    """A goal as terms state it; a value in another unit says nothing of it."""
    goal = Goal(
        program=program,
        cycle=cycle,
        goal=new.id,
        kind=new.kind,
        of=new.of,
        skill=new.skill,
        baseline=new.baseline,
        target=new.target,
        unit=new.unit,
        target_on=new.target_on,
        agreed_at=old.agreed_at if old else now,
    )
    if old is None or old.unit != new.unit:
        return goal
    return replace(
        goal, value=old.value, as_of=old.as_of, moved_at=old.moved_at, history=old.history
    )


def measured(goal: Goal, data: Progressed, now: datetime) -> Goal:
    """A goal whose value is stated: the last statement in the log holds.

    It moves when that differs from where it stood: that it still stands at its baseline is no move.
    """
    history = (*goal.history, Measure(data.as_of, data.value))[-HISTORY:]
    moved_at = goal.moved_at if data.value == stands_at(goal) else now
    return replace(goal, value=data.value, as_of=data.as_of, moved_at=moved_at, history=history)
