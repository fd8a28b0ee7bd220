"""The contestants choose on the same values, and agree where they must."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from services.matching.assignment.market import Choice, Dense, dense
from tests.bench.matching.field import ENTRANTS, entrant_of
from tests.bench.matching.judge import Figures, judge
from tests.bench.matching.made import made
from tests.bench.matching.settings import Setting

CHOOSERS = [entrant.name for entrant in ENTRANTS if not entrant.is_whole]


def columns(name: str, market: Dense) -> NDArray[np.int32]:
    entrant = entrant_of(name)
    chosen = import_module(f"tests.bench.matching.contestants.{entrant.module}").chosen
    found = chosen(market, **entrant.options)
    column: NDArray[np.int32] = found.column if isinstance(found, Choice) else found
    return column


def figures(name: str, market: Dense) -> Figures:
    return judge(market, {name: columns(name, market)})[name]


@st.composite
def markets(draw: st.DrawFn) -> Dense:
    """Small ones with many equal values and with columns without a place."""
    rows, width = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    numbers = st.lists(st.integers(0, 4), min_size=rows * width, max_size=rows * width)
    matrix = np.array(draw(numbers), np.int32).reshape(rows, width)
    capacity = draw(st.lists(st.integers(0, 3), min_size=width, max_size=width))
    return dense(matrix, np.array(capacity, np.int64))


@pytest.fixture(scope="module", params=["loose", "tight"])
def market(request: pytest.FixtureRequest) -> Dense:
    source = made(Setting("made", 30, 10, request.param, 5))
    return dense(source.values(slice(None)), source.capacity)


@pytest.mark.parametrize("name", CHOOSERS)
def test_every_contestant_makes_a_choice_that_is_allowed(name: str, market: Dense) -> None:
    assert figures(name, market).matched > 0


@given(markets())
def test_ours_scipy_and_the_twenty_best_find_one_optimum_where_twenty_are_all(
    market: Dense,
) -> None:
    totals = {figures(name, market).total for name in ("optimal", "scipy", "20-best")}

    assert len(totals) == 1


@given(markets())
def test_best_pair_first_is_our_stable_choice(market: Dense) -> None:
    np.testing.assert_array_equal(columns("greedy", market), columns("stable", market))


@given(markets())
def test_mentee_by_mentee_is_our_first_come_choice(market: Dense) -> None:
    np.testing.assert_array_equal(columns("naive", market), columns("first-come", market))


@given(markets())
def test_the_package_s_choice_has_no_blocking_pair(market: Dense) -> None:
    assert figures("hospitals", market).blocking == 0
