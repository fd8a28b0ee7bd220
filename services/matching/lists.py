"""Lists of whole numbers, one for each request or mentor, in two flat arrays; and what mentors have of a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Indices = NDArray[np.intp]

DENSE = 2**25
"""So many cells of a table are held in full (128 MB at most): for what many mentors have. The rest stays a list."""
ROWS = 2**12
"""So many of its rows at most, however short: 16 KB for each mentor, so that many small tables stay as small as a large one."""
FEW = 4
"""Where a quarter of the mentors or less is asked for, they are picked before summing, else after."""


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """One list for each of n owners: those of owner i are `items[starts[i]:starts[i + 1]]`."""

    starts: Indices
    items: Ints

    def __len__(self) -> int:
        return len(self.starts) - 1

    def of(self, owner: int) -> Ints:
        """The list of one owner."""
        return self.items[self.starts[owner] : self.starts[owner + 1]]

    def flat(self, owners: Indices) -> tuple[Indices, Ints]:
        """The lists of these owners one after the other: the place among `owners` that each item is of, and the item."""
        counts = self.starts[owners + 1] - self.starts[owners]
        place = np.repeat(np.arange(len(owners)), counts)
        before = np.cumsum(counts) - counts
        within = np.arange(len(place)) - before[place]
        return place, self.items[self.starts[owners][place] + within]


def lists(rows: Iterable[Sequence[int]]) -> Lists:
    """Lists from Python's."""
    known = list(rows)
    starts = np.array([0, *accumulate(map(len, known))], np.intp)
    return Lists(starts, np.array(list(chain.from_iterable(known)), np.int32))


class Has(NamedTuple):
    """What one mentor has: numbers of items, each once, and how much of each (a positive whole number)."""

    items: Ints
    amounts: Ints


class Cover:
    """Who has how much of each item: `amounts[k]` of item `items[k]` has the mentor of column `columns[k]`.

    Items that many have are held as rows over all columns, so that a sum over a list is a sum of rows.
    """

    def __init__(self, has: Sequence[Has], items: int) -> None:
        sizes = [len(one.items) for one in has]
        of = np.concatenate([one.items for one in has]) if has else np.zeros(0, np.int32)
        amounts = np.concatenate([one.amounts for one in has]) if has else np.zeros(0, np.int32)
        order = np.argsort(of, kind="stable")
        self.mentors = len(has)
        self.columns = np.repeat(np.arange(len(has)), sizes)[order]
        self.amounts = amounts[order]
        counts = np.bincount(of, minlength=items)
        self.starts = np.concatenate([[0], np.cumsum(counts)])
        self._place, self._full = self._filled(counts)
        self._rare = len(self._full) <= np.count_nonzero(counts)

    def _filled(self, counts: NDArray[np.int64]) -> tuple[Indices, Ints]:
        """The rows in full, and which of them is an item's: the last one, of zeros, when it has none."""
        common = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]
        common = np.sort(common[: min(ROWS, DENSE // max(1, self.mentors))])
        place = np.full(len(counts) + 1, len(common), np.intp)
        place[common] = np.arange(len(common))
        full = np.zeros((len(common) + 1, self.mentors), np.int32)
        item = np.repeat(np.arange(len(counts)), counts)
        kept = place[item] < len(common)
        full[place[item][kept], self.columns[kept]] = self.amounts[kept]
        return place, full

    def __len__(self) -> int:
        return len(self.starts) - 1

    def summed(self, asked: Lists, owners: Indices, columns: Indices | None = None) -> Ints:
        """For each of these lists and each column, how much the mentor has of the list's items in all.

        Args:
            asked: lists of numbers of items, each once; -1 is an item that nobody has.
            owners: which lists.
            columns: which mentors, in this order; all when None.

        Returns:
            Sums, shape (len(owners), columns); exact as long as they stay below 2 ** 31.
        """
        few = columns is not None and len(columns) * FEW <= self.mentors
        width = len(columns) if columns is not None and few else self.mentors
        sums = np.zeros((len(owners), width), np.int32)
        for row, owner in zip(sums, owners, strict=True):
            places = self._place[asked.of(int(owner))]
            if columns is not None and few:
                np.add.reduce(self._full[places[:, None], columns], axis=0, out=row)
            else:
                np.add.reduce(self._full[places], axis=0, out=row)
        if self._rare:
            self._add_rare(sums, asked, owners, columns if few else None)
        return sums if columns is None or few else sums[:, columns]

    def _add_rare(self, sums: Ints, asked: Lists, owners: Indices, columns: Indices | None) -> None:
        """Add what few have, which is not held in full."""
        place_of = np.full(self.mentors, -1, np.intp)
        place_of[np.arange(self.mentors) if columns is None else columns] = np.arange(sums.shape[1])
        rows, items = asked.flat(owners)
        rare = (items >= 0) & (self._place[items] == len(self._full) - 1)
        for row, item in zip(rows[rare], items[rare], strict=True):
            mine = slice(self.starts[item], self.starts[item + 1])
            places = place_of[self.columns[mine]]
            sums[row, places[places >= 0]] += self.amounts[mine][places >= 0]
