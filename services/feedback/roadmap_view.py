"""A cycle's roadmap: its goals with the milestones under them, how far each is, and what is to be done. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from services.feedback.goals import progress
from services.feedback.model import Goal, Note


class MeasureSeen(BaseModel):
    """A goal's value as it was at an instant."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    value: float


class GoalSeen(BaseModel):
    """A goal, how far it is, and its milestones, the earliest target date first."""

    model_config = ConfigDict(frozen=True)

    goal: str
    kind: str
    skill: str | None
    unit: str
    baseline: float
    target: float
    target_on: date
    value: float | None = Field(description="The last one stated; null: none yet.")
    as_of: datetime | None = Field(description="When it was measured.")
    progress: float = Field(description="How much of the way is done, 0 to 1.")
    reached: bool
    overdue: bool = Field(description="The target date has passed, and it is not reached.")
    dropped: bool = Field(description="Newer terms have left it out.")
    history: tuple[MeasureSeen, ...] = Field(description="The latest values, in the log's order.")
    milestones: tuple[GoalSeen, ...] = ()


class ActionItem(BaseModel):
    """Something to be done. Its words are in the notes."""

    model_config = ConfigDict(frozen=True)

    note: str
    by: str
    about: str
    goal: str | None = Field(description="The goal that it serves.")
    due_on: date | None
    done: bool
    overdue: bool = Field(description="Its day has passed, and it is not done.")


class Roadmap(BaseModel):
    """A cycle's goals, and what is to be done: the open items first, the nearest day first."""

    model_config = ConfigDict(frozen=True)

    cycle: str
    goals: tuple[GoalSeen, ...]
    action_items: tuple[ActionItem, ...]


def roadmap(cycle: str, goals: Sequence[Goal], notes: Iterable[Note], today: date) -> Roadmap:
    """The roadmap of a cycle as it stands on a day, of the goals and notes that are given.

    A milestone of a goal that is not among them stands for itself.
    """
    known = {goal.goal for goal in goals}
    tops = [goal for goal in goals if goal.of not in known]
    items = (_item(note, today) for note in notes if note.kind == "action_item")
    return Roadmap(
        cycle=cycle,
        goals=tuple(_goal(goal, goals, today) for goal in sorted(tops, key=_soonest)),
        action_items=tuple(sorted(items, key=lambda item: (item.done, *_by_day(item)))),
    )


def _goal(goal: Goal, goals: Sequence[Goal], today: date) -> GoalSeen:
    below = sorted((each for each in goals if each.of == goal.goal), key=_soonest)
    return GoalSeen(
        goal=goal.goal,
        kind=goal.kind,
        skill=goal.skill,
        unit=goal.unit,
        baseline=goal.baseline,
        target=goal.target,
        target_on=goal.target_on,
        value=goal.value,
        as_of=goal.as_of,
        progress=progress(goal),
        reached=goal.reached,
        overdue=not goal.reached and not goal.dropped and goal.target_on < today,
        dropped=goal.dropped,
        history=tuple(MeasureSeen(at=each.at, value=each.value) for each in goal.history),
        milestones=tuple(_goal(each, goals, today) for each in below),
    )


def _soonest(goal: Goal) -> tuple[date, str]:
    return goal.target_on, goal.goal


def _item(note: Note, today: date) -> ActionItem:
    return ActionItem(
        note=note.note,
        by=note.by,
        about=note.about,
        goal=note.goal,
        due_on=note.due_on,
        done=note.done,
        overdue=not note.done and note.due_on is not None and note.due_on < today,
    )


def _by_day(item: ActionItem) -> tuple[date, str]:
    return item.due_on or date.max, item.note
