"""The funnel's steps, each as of a release of its own."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from services.feedback.report import layers
from services.feedback.report.figures import STEP_FAMILIES
from services.feedback.report.funnel import assemble, bars, candidates
from services.feedback.report.layers import Family
from services.feedback.report.model import Value
from services.feedback.report.release import Shown
from tests.feedback.report.telling import START

NAMES = list(STEP_FAMILIES)


def may(
    lifecycle: Sequence[int], reviews: Sequence[int], conclusions: Sequence[int]
) -> list[list[int]]:
    """The releases that each step may stand at, by when its family was renewed."""
    renewed: dict[Family, Sequence[int]] = {
        layers.lifecycle: lifecycle,
        layers.reviews: reviews,
        layers.conclusions: conclusions,
    }
    found = candidates(lambda f: Shown(renewed[f][-1] if renewed[f] else None, {}, renewed[f]))
    return [list(found[name]) for name in NAMES]


def shown(
    measured: Mapping[int, Sequence[int]], releases: Sequence[Sequence[int]]
) -> list[tuple[int | None, int | None]]:
    """Count and release of each step."""
    values = {
        at: [
            Value(name=name, title="", unit="share", value=None, count=count, of=counts[0])
            for name, count in zip(NAMES, counts, strict=True)
        ]
        for at, counts in measured.items()
    }
    steps = assemble(
        values, dict(zip(NAMES, releases, strict=True)), lambda at: START + timedelta(weeks=at)
    )
    assert [bar.count for bar in bars(steps)] == [s.count for s in steps if s.count is not None]
    return [
        (step.count, None if step.as_of is None else (step.as_of - START).days // 7)
        for step in steps
    ]


def test_each_step_may_stand_at_the_last_release_of_its_family_or_before_those_of_the_steps_before() -> (
    None
):
    assert may([1, 4], [2, 5, 9], [3, 6, 9, 10]) == [[4], [4], [4], [9, 2], [10, 9, 3]]


def test_a_step_whose_family_was_never_renewed_has_no_release() -> None:
    assert may([1], [], [3]) == [[1], [1], [1], [], [3]]
    assert may([], [2], [3]) == [[], [], [], [2], [3]]


def test_a_step_stands_at_its_newest_release() -> None:
    measured = {4: (20, 15, 12, 9, 3), 9: (24, 18, 15, 11, 6), 10: (25, 19, 16, 12, 7)}

    found = shown(measured, [[4], [4], [4], [9, 4], [10, 9, 4]])

    assert found == [(20, 4), (15, 4), (12, 4), (11, 9), (7, 10)]


def test_a_step_that_would_be_more_than_the_one_before_stands_at_an_older_release() -> None:
    measured = {4: (20, 15, 12, 9, 3), 9: (40, 38, 35, 31, 10), 10: (40, 38, 35, 31, 11)}

    found = shown(measured, [[4], [4], [4], [9, 4], [10, 9, 4]])

    assert found == [(20, 4), (15, 4), (12, 4), (9, 4), (3, 4)]


def test_a_step_without_a_release_is_hidden_and_so_are_those_behind_it() -> None:
    measured = {4: (20, 15, 12, 9, 3)}

    assert shown(measured, [[4], [4], [4], [], [4]])[3:] == [(None, None), (None, None)]


def test_shares_are_of_the_requests_that_are_shown() -> None:
    values = {
        at: [
            Value(name=name, title="", unit="share", value=0.9, count=count, of=99)
            for name, count in zip(NAMES, (20, 15, 12, 9, 3), strict=True)
        ]
        for at in (4, 9)
    }
    releases = dict(zip(NAMES, [[4], [4], [4], [9], [9]], strict=True))

    steps = assemble(values, releases, lambda at: START + timedelta(weeks=at))

    assert [step.value for step in steps] == [1.0, 0.75, 0.6, 0.45, 0.15]
    assert {step.of for step in steps} == {20}
