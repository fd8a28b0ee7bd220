"""What a choice is made of: rows that ask, columns with places, and what each pair is worth, as integers.

Nothing here knows of mentoring: a row is a request in the order of the queue, a column somebody who takes as
many of them as `capacity` says. A value of 0 says that the pair is not allowed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Rows = slice | NDArray[np.intp]
"""Which rows: a range, or their numbers."""
NOBODY = -1


class Market(Protocol):
    """n rows and m columns."""

    @property
    def capacity(self) -> NDArray[np.int64]:
        """[m] How many rows each column takes, 0 or more."""

    @property
    def mentee(self) -> NDArray[np.int32]:
        """[n] The number of the person behind each row: two rows of a person never get the same column."""

    @property
    def as_mentor(self) -> NDArray[np.int32]:
        """[n] The column that is this row's person, or -1: nobody gets the mentor whose mentor he is."""

    def values(self, rows: Rows) -> NDArray[np.int32]:
        """[b, m] What the pairs of these rows are worth, > 0; 0 where the pair is not allowed."""


@dataclass(frozen=True, slots=True)
class Dense:
    """A market over a matrix that is there: [n, m] of int32."""

    matrix: NDArray[np.int32]
    capacity: NDArray[np.int64]
    mentee: NDArray[np.int32]
    as_mentor: NDArray[np.int32]

    def values(self, rows: Rows) -> NDArray[np.int32]:
        """[b, m] The rows of the matrix; a range of them is not copied."""
        return self.matrix[rows]


def dense(matrix: NDArray[np.int32], capacity: NDArray[np.int64]) -> Dense:
    """A market in which every row is a person of his own, and no column is one of them."""
    rows = matrix.shape[0]
    alone = np.arange(rows, dtype=np.int32)
    return Dense(matrix, capacity, alone, np.full(rows, NOBODY, np.int32))


@dataclass(frozen=True, slots=True)
class Choice:
    """Who gets whom: a column for each row, or -1 for nobody."""

    column: NDArray[np.int32]
    """[n]"""
    value: int
    """What the pairs are worth together."""
    bound: int | None
    """No allowed choice is worth more; None where the policy does not aim at worth."""

    @property
    def certified(self) -> bool:
        """Whether it is proven that no choice is worth more."""
        return self.value == self.bound


@dataclass(frozen=True, slots=True)
class Revalued:
    """The rows and columns of a market whose pairs are worth something else, as its heirs' `values` say."""

    market: Market

    @property
    def capacity(self) -> NDArray[np.int64]:
        """[m] As before."""
        return self.market.capacity

    @property
    def mentee(self) -> NDArray[np.int32]:
        """[n] As before."""
        return self.market.mentee

    @property
    def as_mentor(self) -> NDArray[np.int32]:
        """[n] As before."""
        return self.market.as_mentor


@dataclass(frozen=True, slots=True)
class Barred(Revalued):
    """A market without some of its pairs: rows and columns [k] of those that are not allowed any more."""

    row: NDArray[np.intp]
    column: NDArray[np.intp]

    def values(self, rows: Rows) -> NDArray[np.int32]:
        """[b, m] With 0 where a pair is barred."""
        place = np.full(len(self.mentee), NOBODY)
        asked = np.arange(len(self.mentee))[rows]
        place[asked] = np.arange(len(asked))
        here = place[self.row] != NOBODY
        values = self.market.values(rows)
        if here.any():
            values = values.copy()
            values[place[self.row[here]], self.column[here]] = 0
        return values


def person_rows(market: Market, row: int) -> NDArray[np.intp]:
    """The rows of the person behind this one."""
    return np.flatnonzero(market.mentee == market.mentee[row])
