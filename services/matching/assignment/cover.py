"""Candidates for columns of which rows alone would bring too few.

Where places are scarce, every column will be full in the end. One that is the best of hardly any row at rough
prices would cost nothing, and at the next pass be everybody's wish. So it gets as many candidates as it takes, and
a few more: of each block of rows those that lose least by it.
"""

from __future__ import annotations

import numpy as np

from services.matching.assignment.market import Market
from services.matching.assignment.pairing import NONE, Index, Pairs, Whole, joined
from services.matching.assignment.sweep import Block

SPARE = 8
"""Candidates of a column beyond the rows that it takes."""
AT_ONCE = 12
"""So many at most from one block."""


class Cover:
    """Keeps count of each column's candidates, block after block."""

    def __init__(self, market: Market, price: Whole) -> None:
        self._price = price.astype(np.int32)
        self._rows = len(market.mentee)
        self._needed = np.where(market.capacity > 0, market.capacity + SPARE, 0)
        self._count = np.zeros(len(price), np.intp)

    def more(self, begin: int, block: Block, best: Whole, found: Pairs) -> Pairs:
        """Pairs of this block for the columns that are behind."""
        self._count += np.bincount(found.column, minlength=len(self._count))
        due = -(-self._needed * (begin + len(block)) // self._rows)
        behind = np.minimum(due - self._count, AT_ONCE)
        columns = np.flatnonzero(behind > 0)
        if not len(columns):
            return NONE
        return self._nearest(begin, block, best, columns, behind[columns])

    def _nearest(self, begin: int, block: Block, best: Whole, columns: Index, some: Index) -> Pairs:
        """For each of these columns some rows that lose least by it."""
        values = block[:, columns]
        loss = np.where(values > 0, values - self._price[columns] - best[:, None], -np.inf)
        found = []
        for turn in range(int(some.max())):
            asked = np.flatnonzero(some > turn)
            row = loss[:, asked].argmax(axis=0)
            allowed = values[row, asked] > 0
            row, asked = row[allowed], asked[allowed]
            loss[row, asked] = -np.inf
            self._count[columns[asked]] += 1
            found.append(Pairs(row + begin, columns[asked], values[row, asked].astype(np.int64)))
        return joined(found)
