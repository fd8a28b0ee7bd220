"""The choice in the order of the queue: each row gets the best that is left."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from services.matching.assignment.market import NOBODY, Choice, Market
from services.matching.assignment.sweep import blocks


class _Taken:
    """What may not be chosen any more."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._left = market.capacity.copy()
        self._open = (self._left > 0).astype(np.int32)
        self._given: dict[int, list[int]] = {}
        self._mentored: dict[int, list[int]] = {}
        self.column = np.full(len(market.mentee), NOBODY, np.int32)

    def left_to(self, row: int, values: NDArray[np.int32]) -> NDArray[np.int32]:
        """[m] What this row's pairs are worth, as far as they are left to it."""
        left = values * self._open
        person, own = int(self._market.mentee[row]), int(self._market.as_mentor[row])
        left[self._given.get(person, [])] = 0
        left[self._mentored.get(own, [])] = 0
        return left

    def take(self, row: int, column: int) -> None:
        """This row has this column."""
        self.column[row] = column
        self._left[column] -= 1
        self._open[column] = self._left[column] > 0
        self._given.setdefault(int(self._market.mentee[row]), []).append(column)
        if (own := int(self._market.as_mentor[row])) != NOBODY:
            self._mentored.setdefault(column, []).append(own)


def first_come(market: Market) -> Choice:
    """In the order of the queue, each its best; of equal ones the first."""
    taken, total = _Taken(market), 0
    if not len(market.capacity):
        return Choice(taken.column, 0, None)
    for start, block in blocks(market):
        for row, values in enumerate(block, start):
            left = taken.left_to(row, values)
            column = int(left.argmax())
            if left[column] > 0:
                taken.take(row, column)
                total += int(left[column])
    return Choice(taken.column, total, None)
