"""What holds for every policy."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.assignment.choice import choose
from services.matching.assignment.market import NOBODY, Dense, dense
from shared.events.types import Policy
from tests.matching.assignment.markets import broken, drawn, mixed, worth

POLICIES: tuple[Policy, ...] = get_args(Policy)
policies = st.sampled_from(POLICIES)


@drawn
@given(mixed(), policies)
def test_no_choice_breaks_a_rule(market: Dense, policy: Policy) -> None:
    assert broken(market, choose(policy, market).column) == []


@drawn
@given(mixed(), policies)
def test_a_choice_says_what_it_is_worth(market: Dense, policy: Policy) -> None:
    choice = choose(policy, market)
    assert choice.value == worth(market, choice)


@drawn
@given(mixed(), policies)
def test_no_policy_leaves_a_pair_that_could_be_added(market: Dense, policy: Policy) -> None:
    column = choose(policy, market).column
    for row in np.flatnonzero(column == NOBODY):
        for more in np.flatnonzero(market.matrix[row]):
            added = column.copy()
            added[row] = more
            assert broken(market, added)


@drawn
@given(mixed(), policies)
def test_the_same_market_gives_the_same_choice(market: Dense, policy: Policy) -> None:
    assert (choose(policy, market).column == choose(policy, market).column).all()


@drawn
@given(policies, st.integers(0, 2**32 - 1), st.data())
def test_the_choice_follows_ids_whatever_the_order_of_rows_and_columns(
    policy: Policy, seed: int, data: st.DataObject
) -> None:
    """With values that all differ; first_come is about the order of rows, so only its columns move."""
    random = np.random.default_rng(seed)
    matrix = random.permutation(np.arange(1, 43, dtype=np.int32) ** 4).reshape(7, 6)
    places = random.integers(0, 3, 6)
    rows = (
        np.arange(7) if policy == "first_come" else np.array(data.draw(st.permutations(range(7))))
    )
    columns = np.array(data.draw(st.permutations(range(6))))
    straight = choose(policy, dense(matrix, places))
    moved = choose(policy, dense(matrix[rows][:, columns], places[columns]))
    names = np.where(moved.column == NOBODY, NOBODY, columns[moved.column])
    if policy == "fair":  # equal steps and totals are possible
        assert moved.value == straight.value
    else:
        assert names.tolist() == straight.column[rows].tolist()


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
def test_an_empty_market_has_no_pairs(policy: Policy, shape: tuple[int, int]) -> None:
    choice = choose(policy, dense(np.zeros(shape, np.int32), np.ones(shape[1], np.int64)))
    assert choice.column.tolist() == [NOBODY] * shape[0]
    assert choice.value == 0


@pytest.mark.parametrize("policy", POLICIES)
def test_nobody_gets_a_column_without_places(policy: Policy) -> None:
    choice = choose(policy, dense(np.ones((2, 2), np.int32), np.array([0, 1])))
    assert sorted(choice.column.tolist()) == [NOBODY, 1]


FOUR_ANSWERS = {
    "optimal": ([0, 2, 1], 200),
    "stable": ([2, NOBODY, 1], 170),
    "fair": ([1, 2, 0], 170),
    "first_come": ([2, 1, 0], 150),
}


@pytest.mark.parametrize("policy", POLICIES)
def test_each_policy_chooses_as_no_other_does(policy: Policy) -> None:
    matrix = np.array([[30, 40, 90], [0, 20, 90], [40, 80, 40]], np.int32)
    choice = choose(policy, dense(matrix, np.array([1, 1, 1])))
    assert (choice.column.tolist(), choice.value) == FOUR_ANSWERS[policy]
