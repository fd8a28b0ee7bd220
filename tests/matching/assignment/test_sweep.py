"""A pass over the market: what it finds at given prices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.assignment import sweep as sweep_module
from services.matching.assignment.market import Dense, Rows, dense
from services.matching.assignment.optimal import optimal
from services.matching.assignment.rough import rough_prices
from services.matching.assignment.sweep import LEAST, Extra, Found, Prices, each, sweep
from tests.matching.assignment.markets import Matrix, drawn, plain, popular, scattered

NO_FLOOR = LEAST + 1


def floors(market: Dense, floor: int) -> np.ndarray:
    return np.full(len(market.mentee), floor)


def everything(market: Dense, prices: Prices) -> Found:
    return sweep(market, prices, floors(market, NO_FLOOR), market.matrix.shape[1])


@drawn
@given(plain(), st.integers(0, 10), st.integers(0, 2**32 - 1))
def test_every_pair_above_the_floor_is_found_and_each_rows_greatest_net(
    market: Dense, floor: int, seed: int
) -> None:
    price = np.array(np.random.default_rng(seed).integers(0, 20, market.matrix.shape[1]))
    found = sweep(market, Prices(price), floors(market, floor), market.matrix.shape[1])
    net = market.matrix - price
    pairs = list(zip(found.pairs.row.tolist(), found.pairs.column.tolist(), strict=True))
    assert pairs == [(row, one) for row, one in np.argwhere(net > floor).tolist()]
    assert found.best.tolist() == net.max(axis=1).tolist()


@drawn
@given(plain())
def test_what_is_not_allowed_is_never_found(market: Dense) -> None:
    found = everything(market, Prices(np.full(market.matrix.shape[1], 2**31 - 1)))
    assert len(found.pairs) == np.count_nonzero(market.matrix)
    assert (found.pairs.value > 0).all()


def test_of_many_columns_the_best_are_found_without_the_others() -> None:
    market = scattered(200, 500, seed=1)
    price = np.random.default_rng(2).integers(0, 2**30, 500)
    found = sweep(market, Prices(price), floors(market, NO_FLOOR), 5)
    net = market.matrix.astype(np.int64) - price
    for row in range(200):
        mine = net[row, found.pairs.column[found.pairs.row == row]]
        best = np.sort(net[row])[::-1][: len(mine)]
        assert 5 <= len(mine) <= 15
        assert np.sort(mine)[::-1].tolist() == best.tolist()


def test_among_equals_rows_begin_at_different_columns() -> None:
    market = dense(np.full((50, 400), 7, np.int32), np.ones(400, np.int64))
    found = sweep(market, Prices(np.zeros(400, np.int64)), floors(market, 0), 4)
    assert found.pairs.per_row(50).max() <= 12
    assert len(np.unique(found.pairs.column)) > 200


def test_a_pair_may_cost_beyond_its_column() -> None:
    market = dense(np.array([[5, 4]], np.int32), np.array([1, 1]))
    dear = Extra(np.array([0]), np.array([0]), np.array([3]))
    found = sweep(market, Prices(np.zeros(2, np.int64), dear), floors(market, 3), 2)
    assert found.best.tolist() == [4]
    assert found.pairs.column.tolist() == [1]


def test_the_greatest_values_and_prices_do_not_overflow() -> None:
    most = 2**31 - 1
    market = dense(np.array([[most, 1]], np.int32), np.array([1, 1]))
    found = everything(market, Prices(np.array([0, most])))
    assert found.best.tolist() == [most]
    assert found.pairs.value.tolist() == [most, 1]


class Broken:
    """A market that cannot say what its later pairs are worth."""

    def __init__(self, market: Dense) -> None:
        self.capacity, self.mentee = market.capacity, market.mentee
        self.as_mentor, self._market = market.as_mentor, market

    def values(self, rows: Rows) -> Matrix:
        if isinstance(rows, slice) and rows.start > 0:
            raise ValueError("no values")
        return self._market.values(rows)


def test_blocks_come_in_order_though_two_are_looked_at_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    market = popular(300, 20, seed=3)
    monkeypatch.setattr(sweep_module, "BLOCK", 100)
    starts = [(start, seen) for start, _, seen in each(market, lambda start, _: start)]
    assert starts == [(start, start) for start in range(0, 300, 5)]


def test_the_size_of_blocks_changes_no_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    market = popular(300, 200, seed=4)
    whole = optimal(market)
    rough = rough_prices(market)
    monkeypatch.setattr(sweep_module, "BLOCK", 3000)
    monkeypatch.setattr(sweep_module, "CACHED", 700)
    assert rough_prices(market).tolist() == rough.tolist()
    parts = optimal(market)
    assert (parts.value, parts.bound) == (whole.value, whole.bound)


def test_a_market_that_raises_is_no_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_module, "BLOCK", 100)
    with pytest.raises(ValueError, match="no values"):
        optimal(Broken(popular(300, 200, seed=5)))
