"""Goals: agreed by both sides, measured by absolute values, kept with their course."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.goals import HISTORY, all_reached, in_force, progress
from services.feedback.model import Closing, Cycle, Ended, Goal, Measure
from tests.feedback.history import (
    MENTEE,
    MENTOR,
    START,
    History,
    a_pair,
    agree,
    agreed,
    goal,
    hold,
    progressed,
    requested,
    withdrawn,
)

GOAL = Goal(
    program="acme",
    cycle="c1",
    goal="g1",
    kind="long_term",
    of=None,
    skill=None,
    baseline=2.0,
    target=10.0,
    unit="talks",
    target_on=date(2026, 8, 1),
    agreed_at=datetime(2026, 3, 2, 9, tzinfo=UTC),
)
AMOUNTS = st.floats(-1e12, 1e12)


def row(history: History, name: str = "g1") -> Goal:
    return history.row(Goal, "c1", name)


def values(history: History) -> dict[str, float | None]:
    return {each.goal: each.value for each in history.world.where(Goal, cycle="c1")}


def measured(history: History, value: float, days: int = 0) -> None:
    """The first goal's value is stated, as measured some days ago."""
    history.say("c1", progressed(value, as_of=history.now - timedelta(days=days)))


# -- how far ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "baseline, target, value, share",
    [
        (2, 10, None, 0),
        (2, 10, 2, 0),
        (2, 10, 4, 0.25),
        (2, 10, 10, 1),
        (2, 10, 12, 1),
        (2, 10, 0, 0),
        (10, 2, 8, 0.25),
        (10, 2, 1, 1),
        (10, 2, 11, 0),
        (5, 5, None, 0),
        (5, 5, 4, 0),
        (5, 5, 5, 1),
    ],
)
def test_progress_is_the_share_of_the_way_from_baseline_to_target(
    baseline: float, target: float, value: float | None, share: float
) -> None:
    assert progress(replace(GOAL, baseline=baseline, target=target, value=value)) == share


@given(AMOUNTS, AMOUNTS, AMOUNTS | st.none())
def test_progress_lies_between_none_and_all_and_is_all_when_the_goal_is_reached(
    baseline: float, target: float, value: float | None
) -> None:
    of = replace(GOAL, baseline=baseline, target=target, value=value)

    assert 0 <= progress(of) <= 1
    assert progress(of) == 1 or not of.reached


def test_all_goals_are_reached_when_those_in_force_are_and_there_are_some() -> None:
    reached = replace(GOAL, value=10.0)
    dropped = replace(GOAL, goal="g2", dropped=True)

    assert in_force([reached, dropped]) == [reached]
    assert all_reached([reached, dropped])
    assert not all_reached([reached, GOAL])
    assert not all_reached([dropped])
    assert not all_reached([])


# -- agreed -----------------------------------------------------------------------------------------


def test_goals_are_in_force_when_both_sides_have_stated_the_same_terms() -> None:
    history = a_pair()
    history.say("c1", agreed(MENTEE, goals=(goal(),)))
    assert values(history) == {}

    history.wait(days=1)
    history.say("c1", agreed(MENTOR, goals=(goal(),)))

    assert values(history) == {"g1": None}
    assert row(history).agreed_at == START + timedelta(days=1)


def test_a_milestone_names_its_goal_and_a_goal_the_skill_it_is_about() -> None:
    history = a_pair()

    agree(history, "t1", goal("g1", skill="talking"), goal("g2", kind="milestone", of="g1"))

    assert (row(history).of, row(history).skill) == (None, "talking")
    assert (row(history, "g2").of, row(history, "g2").kind) == ("g1", "milestone")


def test_newer_terms_change_a_goal_and_keep_its_value_and_course() -> None:
    history = a_pair()
    agree(history, "t1", goal("g1", 10))
    measured(history, 4)
    history.wait(days=1)

    agree(history, "t2", goal("g1", 20, kind="short_term"))

    changed = row(history)
    assert (changed.target, changed.kind, changed.value) == (20, "short_term", 4)
    assert (changed.as_of, changed.moved_at, changed.agreed_at) == (START, START, START)
    assert changed.history == (Measure(START, 4.0),)


def test_a_value_in_another_unit_is_not_kept() -> None:
    history = a_pair()
    agree(history, "t1", goal())
    measured(history, 4)

    agree(history, "t2", goal(unit="books"))

    changed = row(history)
    assert (changed.value, changed.as_of, changed.moved_at, changed.history) == (
        None,
        None,
        None,
        (),
    )


def test_before_a_meeting_a_goal_that_is_left_out_is_gone() -> None:
    history = a_pair()
    agree(history, "t1", goal("g1"), goal("g2"))

    agree(history, "t2", goal("g2"))

    assert values(history) == {"g2": None}


def test_after_a_meeting_a_goal_that_is_left_out_is_kept_as_dropped() -> None:
    history = a_pair()
    agree(history, "t1", goal("g1"), goal("g2"))
    hold(history, 1)

    agree(history, "t2", goal("g2"))

    assert [(g.goal, g.dropped) for g in history.world.where(Goal, cycle="c1")] == [
        ("g1", True),
        ("g2", False),
    ]


def test_a_dropped_goal_comes_back_with_its_value() -> None:
    history = a_pair()
    agree(history, "t1", goal("g1"), goal("g2"))
    measured(history, 4)
    hold(history, 1)
    agree(history, "t2", goal("g2"))

    agree(history, "t3", goal("g1"), goal("g2"))

    assert (row(history).dropped, row(history).value) == (False, 4)


def test_the_agreed_confidentiality_is_that_of_the_terms_in_force() -> None:
    history = a_pair()
    assert history.row(Cycle, "c1").confidentiality == "standard"
    history.say("c1", agreed(MENTEE, "t1", confidentiality="private"))
    assert history.row(Cycle, "c1").confidentiality == "standard"

    agree(history, "t2", confidentiality="private")

    assert history.row(Cycle, "c1").confidentiality == "private"


# -- measured ---------------------------------------------------------------------------------------


def test_a_value_is_kept_with_when_it_was_measured_and_when_it_moved() -> None:
    history = a_pair()
    agree(history, "t1", goal())
    history.wait(days=5)

    measured(history, 4, days=2)

    now = row(history)
    assert (now.value, now.as_of, now.moved_at) == (
        4,
        START + timedelta(days=3),
        START + timedelta(days=5),
    )


def test_the_same_value_again_is_newer_but_moves_nothing() -> None:
    history = a_pair()
    agree(history, "t1", goal())
    measured(history, 4)
    history.wait(days=5)

    measured(history, 4)

    again = row(history)
    assert (again.as_of, again.moved_at) == (START + timedelta(days=5), START)
    assert len(again.history) == 2


def test_that_a_goal_stands_at_its_baseline_is_no_move() -> None:
    history = a_pair()
    agree(history, "t1", goal("g1", 10, baseline=4.0))

    measured(history, 4)

    assert (row(history).value, row(history).moved_at) == (4, None)


def test_the_course_of_a_goal_is_kept_for_its_latest_values() -> None:
    history = a_pair()
    agree(history, "t1", goal())

    for value in range(HISTORY + 3):
        measured(history, value)

    assert [each.value for each in row(history).history] == [*range(3, HISTORY + 3)]


def test_goals_stay_after_the_conclusion_with_their_values() -> None:
    history = a_pair()
    agree(history, "t1", goal("g1", 10), goal("g2", 3), confidentiality="private")
    measured(history, 10)

    history.say("c1", withdrawn())
    history.wait(days=7)

    cycle = history.row(Cycle, "c1")
    assert values(history) == {"g1": 10, "g2": None}
    assert (cycle.status, cycle.outcome, cycle.confidentiality) == (
        "ended",
        "ended_early",
        "private",
    )


# -- what stays of a pair ---------------------------------------------------------------------------


def test_a_summary_stays_of_a_pair_while_it_closes_and_after() -> None:
    history = a_pair()
    agree(history, "t1", goal("g1", 10), goal("g2", 3))
    measured(history, 10)
    hold(history, 1)
    history.wait(days=2)
    history.say("c1", withdrawn())
    closing = history.row(Cycle, "c1").state
    assert isinstance(closing, Closing)

    history.wait(days=7)

    ended = history.row(Cycle, "c1").state
    assert isinstance(ended, Ended)
    assert ended.summary == closing.summary
    summary = closing.summary
    assert (summary.outcome, summary.planned, summary.held, summary.unplanned) == (
        "ended_early",
        2,
        1,
        0,
    )
    assert (summary.overlap, summary.goals_agreed, summary.goals_reached) == (50, 2, 1)
    assert (summary.paired_at, summary.concluded_at) == (START, START + timedelta(days=2))


def test_nothing_stays_of_a_request_that_was_never_paired() -> None:
    history = a_pair()
    history.say("c2", requested("eve"))

    history.say("c2", withdrawn("eve"))

    state = history.row(Cycle, "c2").state
    assert isinstance(state, Ended)
    assert (state.outcome, state.summary) == ("withdrawn", None)
