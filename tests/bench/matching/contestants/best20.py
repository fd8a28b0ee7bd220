"""An ablation: only the 20 best mentors of each request are looked at, then the best flow among these.

What a fixed number of candidates costs where nearly everybody scores the same mentors highest.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow

from services.matching.assignment.market import NOBODY, Market
from tests.bench.matching.judge import both, ranges

CANDIDATES = 20
Whole: TypeAlias = NDArray[np.int64]


def chosen(market: Market) -> NDArray[np.int32]:
    """[n] The column of each row."""
    rows, columns, values = _candidates(market)
    flows = _flow(market, rows, columns, values)
    column = np.full(len(market.mentee), NOBODY, np.int32)
    column[rows[flows]] = columns[flows]
    return column


def _candidates(market: Market) -> tuple[Whole, Whole, Whole]:
    """Rows, columns and values of the pairs that are looked at; two threads look, as in ours."""
    keep = min(CANDIDATES, len(market.capacity))

    def look(rows: slice) -> tuple[Whole, Whole, Whole]:
        values = market.values(rows)
        best = np.argpartition(values, -keep, axis=1)[:, -keep:]
        worth = np.take_along_axis(values, best, axis=1).astype(np.int64)
        row, place = np.nonzero(worth)
        return row + rows.start, best[row, place], worth[row, place]

    found = both(look, ranges(market))
    rows, columns, values = (np.concatenate(each) for each in zip(*found, strict=True))
    return rows, columns, values


def _flow(
    market: Market,
    rows: Whole,
    columns: Whole,
    values: Whole,
) -> NDArray[np.bool_]:
    """Which of the pairs have the largest total: a unit from each row to a column, or past all of them."""
    count, width = len(market.mentee), len(market.capacity)
    asking, offering, sink = np.arange(count), np.arange(width) + count, count + width
    network = min_cost_flow.SimpleMinCostFlow()
    one = np.ones(count, np.int64)
    add = network.add_arcs_with_capacity_and_unit_cost
    pairs = add(rows, columns + count, np.ones(len(rows), np.int64), -values)
    add(asking, np.full(count, sink), one, np.zeros(count, np.int64))
    add(offering, np.full(width, sink), market.capacity, np.zeros(width, np.int64))
    network.set_nodes_supplies(asking, one)
    network.set_node_supply(sink, -count)
    if network.solve() != network.OPTIMAL:
        raise ArithmeticError("no flow")
    return np.asarray(network.flows(pairs)) > 0
