"""The roadmap of a cycle for people: bars for its goals, boxes for what is to be done; and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from services.cli.brief import printable
from services.cli.roadmap_reading import Found
from services.cli.schedule.skills import in_words
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
    yield from map(indented, _listed(goals, 2, width, "No terms with goals are in force."))
    yield title("To be done")
    items = [_item(item) for item in told.action_items]
    yield from map(indented, _listed(items, 3, width, "Nothing is noted."))


def _head(found: Found, row: Cycle) -> Text:
    head = Text(f"{found.program}/{row.cycle}: {row.mentee} with mentor {row.mentor}\n", "bold")
    facts = f"{row.status}; {row.confidentiality} confidentiality; as of sequence {found.position}"
    return head.append(facts, "not bold dim")


def _listed(
    rows: Sequence[list[Text]], first: int, width: int, nothing: str
) -> Iterator[RenderableType]:
    """A line for each; where the terminal is too narrow two, the `first` so many cells above the others."""
    if not rows:
        yield Text(nothing, "dim")
        return
    table = columns([""] * len(rows[0]), rows, width)
    if table is not None:
        table.show_header = False
        yield table
        return
    for row in rows:
        yield _joined(row[:first])
        yield Padding(_joined(row[first:]), (0, 0, 0, 4), expand=False)


def _joined(cells: Sequence[Text]) -> Text:
    return Text("  ").join([cell for cell in cells if cell.plain])


# -- goals --


def _all(goals: Sequence[GoalSeen], depth: int = 0) -> Iterator[tuple[GoalSeen, int]]:
    """Every goal with the milestones under it, and how deep it stands."""
    for goal in goals:
        yield goal, depth
        yield from _all(goal.milestones, depth + 1)


def _goal(goal: GoalSeen, depth: int, found: Found) -> list[Text]:
    style = "dim" if goal.dropped else ""
    name = f"{'  ' * depth}{goal.goal}"
    skill = in_words([goal.skill], found.vocabulary) if goal.skill else ""
    what = ": ".join(filter(None, (printable(goal.kind.replace("_", " ")), skill)))
    return [
        Text(name, style),
        Text(what, style),
        _bar(goal.progress),
        Text(_measured(goal), style),
        Text(f"by {goal.target_on.day} {goal.target_on:%b %Y}", style),
        _state(goal),
    ]


def _bar(progress: float) -> Text:
    """A bar that is full at the target, and only there."""
    full = int(progress * _BAR)
    share = f" {int(progress * 100):3d} %"
    return Text.assemble(("█" * full, "green"), ("░" * (_BAR - full), "dim"), share)


def _measured(goal: GoalSeen) -> str:
    ends = f"{goal.baseline:g} to {goal.target:g} {printable(goal.unit)}"
    return (
        f"not measured yet, from {ends}"
        if goal.value is None
        else f"now {goal.value:g}, from {ends}"
    )


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
        Text(f"by {item.due_on.day} {item.due_on:%b %Y}" if item.due_on else "some day", style),
        Text(f"for {item.goal}" if item.goal else "", style),
        Text(f"noted by {item.by}", style),
        Text("overdue", "yellow") if item.overdue else Text("done" if item.done else "", style),
    ]
