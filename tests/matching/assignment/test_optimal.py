"""The greatest total, and the proof of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from services.matching.assignment import optimal as optimal_module
from services.matching.assignment.choice import choose
from services.matching.assignment.market import Choice, Dense, Market, Rows, dense
from services.matching.assignment.network import network, solve
from services.matching.assignment.optimal import Best, optimal
from services.matching.assignment.pairing import Pairs
from tests.matching.assignment.markets import (
    Matrix,
    broken,
    coarse,
    drawn,
    every_choice,
    households,
    mixed,
    plain,
    popular,
    scattered,
    worth,
)


@contextmanager
def few_candidates() -> Iterator[None]:
    """Small markets begin with two candidates a row too, so that prices have to find the others."""
    with pytest.MonkeyPatch.context() as patch:
        for name, few in (("SMALL", 0), ("FIRST", 2), ("MORE", 1), ("KEEP", 2)):
            patch.setattr(optimal_module, name, few)
        yield


def best_by_scipy(market: Dense) -> int:
    matrix = np.repeat(market.matrix.astype(np.int64), market.capacity, axis=1)
    rows, columns = linear_sum_assignment(matrix, maximize=True)
    return int(matrix[rows, columns].sum())


def proven_bound(market: Dense, best: Best) -> int:
    """The bound that prices give, over every pair of the market by itself."""
    price = np.where(market.capacity > 0, best.duals.price(best.net), 2**31)
    net = market.matrix.astype(np.int64) - price
    beyond = best.duals.beyond(best.net)
    for column, row, more in zip(best.net.gates.column, best.net.gates.row, beyond, strict=True):
        net[market.mentee == market.mentee[row], column] -= more
    gains = np.maximum(net.max(axis=1, initial=0), 0)
    assert (price >= 0).all()
    assert (beyond >= 0).all()
    return int(gains.sum() + (price * market.capacity).sum() + beyond.sum())


@drawn
@given(plain())
def test_optimal_is_worth_what_the_dense_optimum_is(market: Dense) -> None:
    choice = choose("optimal", market)
    assert choice.value == worth(market, choice) == best_by_scipy(market)
    assert choice.certified


@drawn
@given(plain(rows=12, columns=9, most=2**31 - 1))
def test_from_few_candidates_prices_find_the_same_optimum(market: Dense) -> None:
    with few_candidates():
        best = optimal(market)
    assert best.value == best.bound == best_by_scipy(market) == proven_bound(market, best)


@drawn
@given(mixed())
def test_with_persons_of_several_rows_and_mutual_pairs_no_choice_is_worth_more(
    market: Dense,
) -> None:
    with few_candidates():
        choice = choose("optimal", market)
    values = [worth(market, Choice(other, 0, None)) for other in every_choice(market)]
    assert broken(market, choice.column) == []
    assert choice.value == max(values)
    assert choice.certified


@pytest.mark.parametrize(
    "market",
    [
        lambda: popular(400, 130, seed=1),
        lambda: popular(400, 130, seed=2, share=1.5),
        lambda: scattered(300, 100, seed=3),
        lambda: scattered(500, 90, seed=4, share=0.4),
        lambda: coarse(400, 150, seed=5),
        lambda: coarse(400, 150, seed=6, kinds=2),
        lambda: dense(np.full((300, 200), 7, np.int32), np.ones(200, np.int64)),
        lambda: dense(np.full((300, 200), 2**31 - 1, np.int32), np.full(200, 300)),
    ],
    ids=["tight", "loose", "scattered", "scarce", "ties", "yes or no", "all alike", "all the most"],
)
def test_larger_markets_reach_the_dense_optimum_and_prove_it(market: Callable[[], Dense]) -> None:
    made = market()
    with few_candidates():
        best = optimal(made)
    assert best.value == best.bound == proven_bound(made, best) == best_by_scipy(made)
    assert broken(made, best.choice.column) == []


def test_persons_with_several_rows_are_certified_too() -> None:
    market = households(300, 40, seed=7)
    with few_candidates():
        best = optimal(market)
    assert best.value == best.bound == proven_bound(market, best)
    assert broken(market, best.choice.column) == []


def test_a_market_of_2000_rows_with_popular_columns_is_certified() -> None:
    market = popular(2000, 600, seed=8)
    best = optimal(market)
    assert best.value == best.bound == proven_bound(market, best) == best_by_scipy(market)


@drawn
@given(plain())
def test_no_row_can_be_moved_or_added_and_no_two_exchanged_for_more(market: Dense) -> None:
    column = choose("optimal", market).column
    value = worth(market, Choice(column, 0, None))
    for row in range(len(column)):
        for other in range(len(column)):
            for new in range(market.matrix.shape[1]):
                changed = column.copy()
                changed[row], changed[other] = new, column[row]
                if not broken(market, changed):
                    assert worth(market, Choice(changed, 0, None)) <= value


class Counted:
    """A market that counts the pairs it is asked for."""

    def __init__(self, market: Dense) -> None:
        self.market, self.asked = market, 0
        self.capacity, self.mentee = market.capacity, market.mentee
        self.as_mentor = market.as_mentor

    def values(self, rows: Rows) -> Matrix:
        found = self.market.values(rows)
        self.asked += found.size
        return found


def test_a_large_market_stops_close_to_its_bound_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(optimal_module, "LARGE", 1)
    market = Counted(popular(1000, 300, seed=9))
    best = optimal(market)
    passes = market.asked / market.market.matrix.size
    assert best.value * 1000 >= best.bound * 999
    assert best.bound >= best_by_scipy(market.market) >= best.value
    assert passes < 4


def test_many_mutual_pairs_are_all_undone_and_the_bound_stays_honest() -> None:
    people = 24
    matrix = np.zeros((people, people), np.int32)
    index = np.arange(people)
    matrix[index, index ^ 1] = 1 + index
    own = index.astype(np.int32)
    choice = choose("optimal", Dense(matrix, np.ones(people, np.int64), own, own))
    best = int(sum(1 + max(one, one ^ 1) for one in range(0, people, 2)))
    assert choice.value == best
    assert choice.bound is not None
    assert choice.bound >= best


def test_of_a_mutual_pair_that_one_goes_without_which_the_whole_is_better() -> None:
    matrix = np.array([[0, 5, 0], [6, 0, 4]], np.int32)
    own = np.array([0, 1], np.int32)
    choice = choose("optimal", Dense(matrix, np.ones(3, np.int64), own, own))
    assert choice.column.tolist() == [1, 2]
    assert choice.certified


def test_values_too_great_for_the_solver_are_refused_not_computed_wrongly() -> None:
    market: Market = dense(np.ones((1, 1), np.int32), np.ones(1, np.int64))
    zero = np.zeros(1, np.intp)
    huge = Pairs(zero, zero, np.array([2**60]))
    with pytest.raises(OverflowError, match=r"values: .* is too great for"):
        solve(network(market, huge))


@drawn
@given(st.integers(0, 2**32 - 1))
def test_a_column_twice_is_never_better_for_one_person(seed: int) -> None:
    print(f"seed {seed}")
    random = np.random.default_rng(seed)
    matrix = random.integers(0, 9, (4, 3), dtype=np.int32)
    market = Dense(
        matrix, np.full(3, 4), np.array([0, 0, 1, 1], np.int32), np.full(4, -1, np.int32)
    )
    column = choose("optimal", market).column
    assert column[0] != column[1] or column[0] == -1
