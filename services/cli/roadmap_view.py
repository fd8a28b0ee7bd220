"""The roadmap of a cycle for people: bars for its goals, boxes for what is to be done; and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from services.cli.brief import printable
from services.cli.roadmap_reading import Found
from services.cli.schedule.clock import in_words
from services.cli.schedule.skills import in_words as skills_in_words
from services.cli.sections import columns, indented, title
from services.feedback.model import Cycle
from services.feedback.roadmap_view import ActionItem, GoalSeen

_BAR = 12
"""Characters of a bar that is full."""


def plain(found: Found, row: Cycle) -> dict[str, Any]:
    """For programs: what the HTTP query answers, and as of when."""
    body = found.roadmap(row).model_dump(mode="json")
    return {"program": found.program, "position": found.position, **body}


def show(found: Found, row: Cycle, width: int) -> Group:
    """For people, on a terminal of this width."""
    return Group(*_sections(found, row, width))


def _sections(found: Found, row: Cycle, width: int) -> Iterator[RenderableType]:
    told = found.roadmap(row)
    yield _head(found, row)
    yield title("Goals")
    goals = [_goal(goal, depth, found) for goal, depth in _all(told.goals)]
    yield from map(indented, _listed(goals, width, "No terms with goals are in force."))
    yield title("To be done")
    items = [_item(item) for item in told.action_items]
    yield from map(indented, _listed(items, width, "Nothing is noted."))


def _head(found: Found, row: Cycle) -> Text:
    head = Text(f"{found.program}/{row.cycle}: {row.mentee} with mentor {row.mentor}\n", "bold")
    facts = f"{row.status}; {row.confidentiality} confidentiality; as of sequence {found.position}"
    return head.append(facts, "not bold dim")


def _listed(rows: Sequence[list[Text]], width: int, nothing: str) -> Iterator[RenderableType]:
    """A line for each; several where the terminal is too narrow."""
    if not rows:
        yield Text(nothing, "dim")
        return
    table = columns([""] * len(rows[0]), rows, width)
    if table is not None:
        table.show_header = False
        yield table
        return
    for first, *others in rows:
        yield first
        yield from (Text.assemble("    ", each) for each in others if each.plain)


# -- goals --


def _all(goals: Sequence[GoalSeen], depth: int = 0) -> Iterator[tuple[GoalSeen, int]]:
    """Every goal with the milestones under it, and how deep it stands."""
    for goal in goals:
        yield goal, depth
        yield from _all(goal.milestones, depth + 1)


def _goal(goal: GoalSeen, depth: int, found: Found) -> list[Text]:
    style = "dim" if goal.dropped else ""
    name = f"{'  ' * depth}{goal.goal}"
    skill = skills_in_words([goal.skill], found.vocabulary) if goal.skill else ""
    what = ": ".join(filter(None, (printable(goal.kind.replace("_", " ")), skill)))
    return [
        Text(name, style),
        Text(what, style),
        _bar(goal.progress),
        Text(_measured(goal), style),
        Text(f"by {in_words(goal.target_on)}", style),
        _state(goal),
    ]


def _bar(progress: float) -> Text:
    """A bar that is full at the target, and only there."""
    full = int(progress * _BAR)
    share = f" {int(progress * 100):3d} %"
    return Text.assemble(("█" * full, "green"), ("░" * (_BAR - full), "dim"), share)


def _measured(goal: GoalSeen) -> str:
    ends = f"{goal.baseline:g} to {goal.target:g} {printable(goal.unit)}"
    return ends if goal.value is None else f"{goal.value:g} on the way from {ends}"


def _state(goal: GoalSeen) -> Text:
    if goal.dropped:
        return Text("dropped", "dim")
    if goal.reached:
        return Text("reached", "bold green")
    return Text("overdue", "yellow") if goal.overdue else Text("")


# -- action items --


def _item(item: ActionItem) -> list[Text]:
    style = "dim" if item.done else ""
    return [
        Text("☑" if item.done else "☐", "green" if item.done else ""),
        Text(f"by {in_words(item.due_on)}" if item.due_on else "some day", style),
        Text(f"for {item.goal}" if item.goal else "", style),
        Text(f"noted by {item.by}", style),
        Text("overdue", "yellow") if item.overdue else Text("done" if item.done else "", style),
    ]
