"""Nobody would rather have each other."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given

from services.matching.assignment import stable as stable_module
from services.matching.assignment.choice import choose
from services.matching.assignment.market import NOBODY, Dense, dense
from tests.matching.assignment.markets import (
    Matrix,
    broken,
    coarse,
    drawn,
    households,
    mixed,
    plain,
    popular,
)


def with_short_lists(market: Dense) -> Matrix:
    """The choice when one column at a time is put on a list."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stable_module, "DRAWN", 1)
        return choose("stable", market).column


def greatest_first(market: Dense) -> list[int]:
    """The greatest pair that is still possible, one after the other."""
    rows, columns = np.nonzero(market.matrix)
    order = np.lexsort((columns, rows, -market.matrix[rows, columns].astype(np.int64)))
    chosen = np.full(len(market.mentee), NOBODY, np.int32)
    for row, column in zip(rows[order], columns[order], strict=True):
        if chosen[row] == NOBODY:
            chosen[row] = column
            if broken(market, chosen):
                chosen[row] = NOBODY
    return chosen.tolist()


def blocking(market: Dense, column: Matrix) -> list[tuple[int, int]]:
    """Pairs that both sides would rather have than what they have."""
    n, m = market.matrix.shape
    has = [int(market.matrix[row, column[row]]) if column[row] >= 0 else 0 for row in range(n)]
    held = [[has[row] for row in range(n) if column[row] == one] for one in range(m)]
    return [
        (row, one)
        for row, one in np.argwhere(market.matrix > 0).tolist()
        if market.matrix[row, one] > has[row]
        and market.capacity[one] > 0
        and (len(held[one]) < market.capacity[one] or min(held[one]) < market.matrix[row, one])
    ]


@drawn
@given(plain())
def test_no_pair_would_both_rather_have_each_other(market: Dense) -> None:
    assert blocking(market, with_short_lists(market)) == []


@drawn
@given(mixed())
def test_it_is_the_choice_that_takes_the_greatest_first(market: Dense) -> None:
    assert with_short_lists(market).tolist() == greatest_first(market)


@pytest.mark.parametrize(
    "market",
    [
        lambda: popular(150, 50, seed=1),
        lambda: popular(150, 50, seed=2, share=1.5),
        lambda: coarse(120, 60, seed=3),
        lambda: households(120, 30, seed=4),
    ],
    ids=["tight", "loose", "ties", "several rows"],
)
def test_larger_markets_too_take_the_greatest_first(market: Callable[[], Dense]) -> None:
    made = market()
    assert choose("stable", made).column.tolist() == greatest_first(made)


def test_stable_keeps_the_greatest_pair_where_optimal_gives_it_up() -> None:
    market = dense(np.array([[10, 9], [9, 1]], np.int32), np.array([1, 1]))
    assert choose("stable", market).column.tolist() == [0, 1]
    assert choose("optimal", market).column.tolist() == [1, 0]


def test_a_column_that_is_full_lets_the_worst_go_for_a_better_one() -> None:
    market = dense(np.array([[5, 4], [6, 0], [7, 0]], np.int32), np.array([2, 1]))
    assert choose("stable", market).column.tolist() == [1, 0, 0]


def test_of_equals_the_earlier_row_is_held_and_asks_the_earlier_column() -> None:
    market = dense(np.full((3, 2), 5, np.int32), np.array([1, 1]))
    assert choose("stable", market).column.tolist() == [0, 1, NOBODY]


def test_of_mutual_pairs_the_greater_stays() -> None:
    matrix = np.array([[0, 5, 0], [6, 0, 4]], np.int32)
    own = np.array([0, 1], np.int32)
    market = Dense(matrix, np.ones(3, np.int64), own, own)
    assert choose("stable", market).column.tolist() == [NOBODY, 0]
