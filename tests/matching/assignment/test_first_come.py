"""In the order of the queue."""

import numpy as np
from hypothesis import given

from services.matching.assignment.choice import choose
from services.matching.assignment.market import NOBODY, Dense, dense
from tests.matching.assignment.markets import broken, drawn, mixed


def one_after_the_other(market: Dense) -> list[int]:
    chosen = np.full(len(market.mentee), NOBODY, np.int32)
    for row, values in enumerate(market.matrix):
        for column in sorted(range(len(values)), key=lambda one: (-values[one], one)):
            chosen[row] = column
            if not broken(market, chosen):
                break
            chosen[row] = NOBODY
    return chosen.tolist()


@drawn
@given(mixed())
def test_each_row_gets_the_best_that_is_left(market: Dense) -> None:
    assert choose("first_come", market).column.tolist() == one_after_the_other(market)


def test_the_first_is_served_though_the_second_would_be_worth_more() -> None:
    market = dense(np.array([[1], [10]], np.int32), np.array([1]))
    assert choose("first_come", market).column.tolist() == [0, NOBODY]
    assert choose("stable", market).column.tolist() == [NOBODY, 0]


def test_of_equals_the_first_column_goes() -> None:
    market = dense(np.array([[3, 3]], np.int32), np.array([1, 1]))
    assert choose("first_come", market).column.tolist() == [0]
