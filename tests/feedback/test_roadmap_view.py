"""A roadmap: milestones under their goals, what is overdue on a day, and what is to be done in its order."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from services.feedback.model import Goal, Measure, Note
from services.feedback.roadmap_view import Roadmap, roadmap

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = date(2026, 4, 1)


def a_goal(name: str, of: str | None = None, **more: Any) -> Goal:
    given: dict[str, Any] = {
        "kind": "milestone" if of else "long_term",
        "skill": None,
        "baseline": 2.0,
        "target": 6.0,
        "unit": "talks",
        "target_on": date(2026, 8, 1),
        "agreed_at": AT,
    }
    return Goal(program="acme", cycle="c1", goal=name, of=of, **(given | more))


def an_item(name: str, due_on: date | None = None, **more: Any) -> Note:
    given: dict[str, Any] = {"kind": "action_item", "by": "ada", "about": "grace", "at": AT}
    rest = given | {"sealed": "x", "due_on": due_on} | more
    return Note(program="acme", cycle="c1", note=name, **rest)


def of_goals(*goals: Goal) -> Roadmap:
    return roadmap("c1", goals, (), TODAY)


def test_milestones_stand_under_their_goals_however_deep_the_nearest_date_first() -> None:
    near, far = date(2026, 5, 1), date(2026, 6, 1)
    found = of_goals(
        a_goal("g1"),
        a_goal("late", "g1", target_on=far),
        a_goal("soon", "g1", target_on=near),
        a_goal("deep", "soon"),
        a_goal("g0", target_on=near),
    )

    assert [goal.goal for goal in found.goals] == ["g0", "g1"]
    assert [goal.goal for goal in found.goals[1].milestones] == ["soon", "late"]
    assert [goal.goal for goal in found.goals[1].milestones[0].milestones] == ["deep"]


def test_a_milestone_of_a_goal_that_is_gone_stands_for_itself() -> None:
    assert [goal.goal for goal in of_goals(a_goal("m1", "gone")).goals] == ["m1"]


def test_a_goal_says_how_far_it_is_and_how_it_got_there() -> None:
    history = (Measure(AT, 3.0), Measure(AT, 5.0))
    (goal,) = of_goals(a_goal("g1", value=5.0, as_of=AT, history=history)).goals

    assert (goal.progress, goal.reached, goal.value, goal.as_of) == (0.75, False, 5.0, AT)
    assert [each.value for each in goal.history] == [3.0, 5.0]


def test_a_goal_is_overdue_from_the_day_after_its_date_unless_it_is_reached_or_dropped() -> None:
    def overdue(**more: Any) -> bool:
        return of_goals(a_goal("g1", **more)).goals[0].overdue

    assert not overdue(target_on=TODAY)
    assert overdue(target_on=date(2026, 3, 31))
    assert not overdue(target_on=date(2026, 3, 31), value=6.0)
    assert not overdue(target_on=date(2026, 3, 31), dropped=True)


def test_action_items_are_the_open_ones_by_their_day_and_then_what_is_done() -> None:
    notes = [
        an_item("done", TODAY, done=True),
        an_item("some-day"),
        an_item("today", TODAY),
        an_item("late", date(2026, 3, 31), goal="g1"),
        an_item("a-win", kind="win"),
    ]

    found = roadmap("c1", (), notes, TODAY).action_items

    assert [(each.note, each.overdue) for each in found] == [
        ("late", True),
        ("today", False),
        ("some-day", False),
        ("done", False),
    ]
    assert (found[0].goal, found[0].by, found[0].due_on) == ("g1", "ada", date(2026, 3, 31))
