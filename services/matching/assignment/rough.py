"""Rough prices: where the look for candidates begins.

At a column's price as many rows as it takes would have it if they had nothing else. That is too dear where
places abound, but right between columns: without it all rows would bring the same popular columns as
candidates. Nothing rests on these prices but how soon the true ones are found.

The k-th greatest value of a column is read from the greatest ones of some 200 groups of rows, of which the k
greatest values of all fall into 2Gk / (2G + k) or so.
"""

from __future__ import annotations

import numpy as np

from services.matching.assignment.market import Market
from services.matching.assignment.pairing import Index, Whole
from services.matching.assignment.sweep import Block, each

GROUPS = 200


def rough_prices(market: Market) -> Whole:
    """[m] Prices from which to start."""
    greatest = np.sort(_greatest(market), axis=0)
    groups, columns = greatest.shape
    places = np.minimum(market.capacity, 2 * groups)
    rank = np.maximum(2 * groups * places // (2 * groups + places), 1)
    some = (rank < groups) & (market.capacity < len(market.mentee))
    price = greatest[groups - np.minimum(rank, groups), np.arange(columns)]
    return np.where(some, price, 0).astype(np.int64)


def _greatest(market: Market) -> Block:
    """[groups, m] The greatest value that each column has in each group of rows."""
    rows, columns = len(market.mentee), len(market.capacity)
    size = -(-rows // GROUPS)
    greatest = np.zeros((-(-rows // size), columns), np.int32)

    def look(start: int, block: Block) -> Block:
        return np.maximum.reduceat(block, _beginnings(start, len(block), size), axis=0)

    for start, block, found in each(market, look):
        groups = slice(start // size, (start + len(block) - 1) // size + 1)
        greatest[groups] = np.maximum(greatest[groups], found)
    return greatest


def _beginnings(start: int, length: int, size: int) -> Index:
    """Where groups of `size` rows begin in a block, the first of them perhaps with a part."""
    inside = np.arange(-(-start // size) * size, start + length, size) - start
    return inside if start % size == 0 else np.append(0, inside)
