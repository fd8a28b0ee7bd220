"""As many as can be, the least as good as can be, then the next, then the total."""

from collections.abc import Callable
from unittest.mock import Mock

import numpy as np
import pytest
from hypothesis import given

from services.matching.assignment import fair as fair_module
from services.matching.assignment.choice import choose
from services.matching.assignment.fair import steps
from services.matching.assignment.market import NOBODY, Dense, dense
from tests.matching.assignment.markets import (
    Matrix,
    broken,
    drawn,
    every_choice,
    households,
    mixed,
    plain,
    popular,
)

Merit = tuple[int, list[int], int]


def merit(market: Dense, column: Matrix) -> Merit:
    """How fair a choice is: pairs, their steps from the least on, total."""
    rows = np.flatnonzero(column != NOBODY)
    values = market.matrix[rows, column[rows]].astype(np.int64)
    return len(rows), sorted(steps(values, int(market.matrix.max())).tolist()), int(values.sum())


@drawn
@given(plain(rows=4, columns=4, most=1000))
def test_no_choice_is_fairer(market: Dense) -> None:
    found = merit(market, choose("fair", market).column)
    assert found == max(merit(market, other) for other in every_choice(market))


@drawn
@given(mixed())
def test_no_choice_is_fairer_with_persons_of_several_rows(market: Dense) -> None:
    alone = Dense(market.matrix, market.capacity, market.mentee, np.full_like(market.mentee, -1))
    found = merit(alone, choose("fair", alone).column)
    assert found == max(merit(alone, other) for other in every_choice(alone))


@drawn
@given(mixed())
def test_no_choice_is_fairer_with_few_mutual_pairs(market: Dense) -> None:
    choice = choose("fair", market)
    found = merit(market, choice.column)
    assert broken(market, choice.column) == []
    assert found == max(merit(market, other) for other in every_choice(market))


def test_the_second_least_counts_where_the_least_are_equal() -> None:
    """Whoever has the total in mind gives 100 and 30; the least is 10 either way."""
    matrix = np.array([[10, 0, 0, 0], [0, 100, 50, 0], [0, 45, 30, 0]], np.int32)
    choice = choose("fair", dense(matrix, np.ones(4, np.int64)))
    assert choice.column.tolist() == [0, 2, 1]
    assert choose("optimal", dense(matrix, np.ones(4, np.int64))).column.tolist() == [0, 1, 2]


def test_within_a_step_the_greater_total_counts() -> None:
    matrix = np.array([[1000, 511], [509, 505]], np.int32)
    assert choose("fair", dense(matrix, np.ones(2, np.int64))).column.tolist() == [0, 1]


def test_a_pair_more_counts_before_everything() -> None:
    matrix = np.array([[100, 1], [99, 0]], np.int32)
    assert choose("fair", dense(matrix, np.ones(2, np.int64))).column.tolist() == [1, 0]


@pytest.mark.parametrize(
    "market",
    [
        lambda: popular(60, 40, seed=1),
        lambda: popular(60, 40, seed=2, share=1.5),
        lambda: households(60, 20, seed=3),
    ],
    ids=["tight", "loose", "several rows"],
)
def test_a_fair_choice_pairs_the_most_and_its_least_is_the_best_there_is(
    market: Callable[[], Dense],
) -> None:
    made = market()
    column = choose("fair", made).column
    most, found, _ = merit(made, column)
    assert broken(made, column) == []
    above = steps(made.matrix.astype(np.int64), int(made.matrix.max())) > found[0]
    for matrix, fewer in ((np.sign(made.matrix), 0), (np.sign(made.matrix) * above, 1)):
        counted = Dense(matrix.astype(np.int32), made.capacity, made.mentee, made.as_mentor)
        assert choose("optimal", counted).value <= most - fewer


def test_a_large_market_pairs_as_many_and_lifts_the_least(monkeypatch: pytest.MonkeyPatch) -> None:
    market = popular(300, 100, seed=4, share=1.2)
    exact = merit(market, choose("fair", market).column)
    monkeypatch.setattr(fair_module, "EVERY", 0)
    close = merit(market, choose("fair", market).column)
    assert close[0] == exact[0]
    assert close[1][0] == exact[1][0]


def test_among_many_peers_who_would_be_each_others_mentors_few_choices_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """30 persons ask and mentor, and each two are worth as much either way."""
    values = np.random.default_rng(1).integers(1, 10**6, (30, 30))
    peers = np.arange(30, dtype=np.int32)
    both_ways = (values + values.T).astype(np.int32) * (peers[:, None] != peers)
    market = Dense(both_ways, np.ones(30, np.int64), peers, peers)
    chosen, looked = fair_module._chosen, Mock()
    monkeypatch.setattr(fair_module, "_chosen", lambda one: (looked(), chosen(one))[1])

    column = choose("fair", market).column

    assert (column != NOBODY).all()
    assert not any(column[column[person]] == person for person in peers)
    assert looked.call_count < 30
