"""Some pairs of a market, as arrays side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.assignment.market import NOBODY

Index = NDArray[np.intp]
Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pairs:
    """[k] each: row, column and value; in the order of row, then column, each pair once."""

    row: Index
    column: Index
    value: Whole

    def __len__(self) -> int:
        return len(self.row)

    def only(self, which: NDArray[np.bool_]) -> Pairs:
        """Those that are marked."""
        return Pairs(self.row[which], self.column[which], self.value[which])

    def per_row(self, rows: int) -> Index:
        """[n] How many each row has."""
        return np.bincount(self.row, minlength=rows)

    def chosen(self, rows: int) -> NDArray[np.int32]:
        """[n] The column of each row, where each has one at most; -1 where it has none."""
        column = np.full(rows, NOBODY, np.int32)
        column[self.row] = self.column
        return column


NONE = Pairs(np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0, np.int64))


def joined(parts: Iterable[Pairs]) -> Pairs:
    """All of them, sorted, each once."""
    found = [part for part in parts if len(part)] or [NONE]
    row = np.concatenate([part.row for part in found])
    column = np.concatenate([part.column for part in found])
    value = np.concatenate([part.value for part in found])
    if len(found) > 1:
        width = int(column.max()) + 1
        _, order = np.unique(row * width + column, return_index=True)
        row, column, value = row[order], column[order], value[order]
    return Pairs(row, column, value)


def spans(starts: Index, lengths: Index) -> Index:
    """The numbers start, start + 1 ... of each span, one span after the other."""
    total = int(lengths.sum())
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(total)
