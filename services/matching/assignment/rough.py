"""Rough prices, from a sample of the rows: where the first look for candidates begins.

At a column's price as many rows as it takes would have it if they had nothing else. That is too dear where
places abound, but right between columns: without it all rows would bring the same popular columns as
candidates. Nothing rests on these prices but how soon the true ones are found.
"""

from __future__ import annotations

import numpy as np

from services.matching.assignment.market import Market
from services.matching.assignment.pairing import Index, Whole

SAMPLE = 1_500_000
"""So many pairs are looked at,"""
FEWEST, MOST_ROWS = 200, 1_000
"""within this number of rows."""


def rough_prices(market: Market) -> Whole:
    """[m] Prices from which to start."""
    rows = _sample(len(market.mentee), len(market.capacity))
    values = np.sort(market.values(rows), axis=0)
    takers = market.capacity * len(rows) / max(1, len(market.mentee))
    rank = np.clip(np.rint(takers), 1, max(1, len(rows))).astype(np.intp)
    price = values[len(rows) - rank, np.arange(len(rank))].astype(np.int64)
    return np.where(takers >= len(rows), 0, price)


def _sample(rows: int, columns: int) -> Index:
    some = min(max(SAMPLE // max(1, columns), FEWEST), MOST_ROWS, rows)
    return np.arange(some) * rows // max(1, some)
