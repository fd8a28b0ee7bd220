"""A choice is looked at by the same eyes whoever made it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from services.matching.assignment.market import Dense, dense
from tests.bench.check import Wrong
from tests.bench.matching.judge import judge

VALUES = [[9, 5, 0], [8, 7, 0], [6, 0, 3]]


def market(*capacity: int) -> Dense:
    return dense(np.array(VALUES, np.int32), np.array(capacity, np.int64))


def columns(*column: int) -> NDArray[np.int32]:
    return np.array(column, np.int32)


def test_a_choice_is_worth_the_sum_of_its_pairs() -> None:
    found = judge(market(1, 1, 1), {"one": columns(0, 1, 2), "two": columns(1, 0, -1)})

    assert (found["one"].total, found["one"].matched, found["one"].worst) == (19, 3, 3)
    assert (found["two"].total, found["two"].unmatched, found["two"].worst) == (13, 1, 5)


def test_a_pair_blocks_when_both_sides_would_rather_have_each_other() -> None:
    found = judge(market(1, 1, 1), {"stable": columns(0, 1, 2), "swapped": columns(1, 0, 2)})

    assert found["stable"].blocking == 0
    assert found["swapped"].blocking == 1


def test_blocking_pairs_of_a_sample_count_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.bench.matching.judge.PAIRS", 3)

    assert judge(market(1, 1, 1), {"one": columns(1, 0, 2)}, every=3)["one"].blocking == 3


def test_a_mentor_with_a_place_left_wants_everybody_who_is_allowed() -> None:
    assert judge(market(2, 1, 1), {"one": columns(0, -1, -1)})["one"].blocking == 4


def test_idle_mentors_and_the_spread_of_loads_count_those_with_places_only() -> None:
    found = judge(market(2, 1, 0), {"one": columns(0, 0, -1)})["one"]

    assert (found.idle, found.spread) == (0.5, 0.5)


def test_nobody_chosen_is_a_choice_too() -> None:
    found = judge(market(1, 1, 1), {"none": columns(-1, -1, -1)})["none"]

    assert (found.total, found.worst, found.unmatched) == (0, 0, 3)


def test_a_pair_that_is_not_allowed_is_found_out() -> None:
    with pytest.raises(Wrong, match="bad: a pair that is not allowed"):
        judge(market(1, 1, 1), {"bad": columns(2, -1, -1)})


def test_a_mentor_with_too_many_is_found_out() -> None:
    with pytest.raises(Wrong, match="bad: a mentor with more mentees than places"):
        judge(market(1, 1, 1), {"bad": columns(0, 0, -1)})
