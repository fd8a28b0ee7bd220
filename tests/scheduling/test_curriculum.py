"""What the meetings of a plan are for, as tables."""

from __future__ import annotations

from itertools import combinations

import pytest

from services.scheduling.curriculum import STEPS, curriculum, lesson_of
from shared.events.types import Readiness

SHORT = {
    "introduction": "intro",
    "goal_setting": "goals",
    "transition_preparation": "transition",
    "mock_interview": "interview",
    "portfolio_review": "portfolio",
}


def types(planned: int, *focus: Readiness) -> str:
    return " ".join(SHORT.get(one.type, one.type) for one in curriculum(planned, focus))


LENGTHS = [
    (1, "intro"),
    (2, "intro closing"),
    (3, "intro goals closing"),
    (4, "intro goals regular closing"),
    (6, "intro goals regular regular regular closing"),
]


@pytest.mark.parametrize("planned,expected", LENGTHS)
def test_a_plan_opens_with_introduction_and_goals_and_ends_with_the_closing(
    planned: int, expected: str
) -> None:
    assert types(planned) == expected


FOCUS: list[tuple[tuple[Readiness, ...], str]] = [
    (("unclear_direction",), "intro goals goals regular regular regular regular closing"),
    (("skill_gap",), "intro goals regular regular regular regular regular closing"),
    (("transition",), "intro goals transition interview portfolio regular regular closing"),
    (("stagnant",), "intro goals shadowing regular regular regular regular closing"),
    (("network_gap",), "intro goals shadowing regular regular regular regular closing"),
    (("setback",), "intro goals goals regular regular regular regular closing"),
    (("skill_gap", "transition"), "intro goals regular transition interview portfolio regular closing"),
    (("stagnant", "unclear_direction"), "intro goals goals shadowing regular regular regular closing"),
    (("stagnant", "network_gap"), "intro goals shadowing regular regular regular regular closing"),
    (("setback", "unclear_direction"), "intro goals goals regular regular regular regular closing"),
    (("setback", "transition"), "intro goals transition interview portfolio goals regular closing"),
]  # fmt: skip


@pytest.mark.parametrize("focus,expected", FOCUS)
def test_the_focus_shapes_what_lies_between(focus: tuple[Readiness, ...], expected: str) -> None:
    assert types(8, *focus) == expected


def test_a_short_plan_keeps_its_opening_and_its_closing_whatever_is_asked_for() -> None:
    everything = tuple(STEPS)
    assert types(3, *everything) == "intro goals closing"
    assert types(4, *everything) == "intro goals goals closing"
    assert types(6, *everything) == "intro goals goals regular transition closing"


def test_every_plan_has_as_many_lessons_as_meetings_one_introduction_and_one_closing() -> None:
    for planned in range(1, 20):
        for size in range(len(STEPS) + 1):
            for focus in combinations(STEPS, size):
                found = [one.type for one in curriculum(planned, focus)]
                assert len(found) == planned
                assert found.count("introduction") == 1
                assert found.count("closing") == (planned > 1)


def test_the_order_in_which_a_focus_is_named_says_nothing() -> None:
    assert curriculum(9, ("setback", "transition")) == curriculum(9, ("transition", "setback"))


BOTH: tuple[Readiness, ...] = ("skill_gap", "transition")
SKILLS = [
    (6, ["sql"], ["sql", "sql", "sql"]),
    (6, ["sql", "go"], ["sql", "go", "sql"]),
    (6, ["sql", "go", "c"], ["sql", "go", "c"]),
    (6, ["sql", "go", "c", "ada"], ["sql go", "c ada", "sql go"]),
    (5, ["sql", "go", "c"], ["sql go", "c sql"]),
    (4, ["sql", "go", "c", "ada"], ["sql go"]),
    (3, ["sql"], []),
    (6, [], ["", "", ""]),
]


@pytest.mark.parametrize("planned,skills,expected", SKILLS)
def test_regular_meetings_take_the_skills_of_a_gap_in_turn_at_most_two_at_once(
    planned: int, skills: list[str], expected: list[str]
) -> None:
    lessons = curriculum(planned, BOTH[:1], skills)
    assert [" ".join(one.skills) for one in lessons[2:-1]] == expected
    assert [one.skills for one in (*lessons[:2], lessons[-1])] == [(), (), ()]


def test_only_regular_meetings_name_skills() -> None:
    lessons = curriculum(8, BOTH, ("sql", "go"))
    named = {one.type for one in lessons if one.skills}
    assert named == {"regular"}
    assert [one.skills for one in lessons if one.skills] == [("sql",), ("go",)]


def test_without_a_skill_gap_no_skill_is_named() -> None:
    assert not any(one.skills for one in curriculum(8, BOTH[1:], ("sql",)))


def test_a_number_beyond_the_plan_closes_it() -> None:
    assert lesson_of(7, curriculum(5)).type == "closing"
