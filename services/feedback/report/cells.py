"""Cells: which distinct persons stand behind each week and group of a metric; enough of them to tell whether there are k."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from services.feedback.report.contributions import Contributions

Role = Literal["mentee", "mentor"]
Longs = npt.NDArray[np.int64]

_AT_ONCE = 1 << 17
"""Rows that are sorted at once. Most cells are full after the first of these, and later rows of theirs need no sorting."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one metric and role that somebody is in, by week.

    A cell keeps at most so many persons as the largest k. That suffices: a union of cells has k persons when one of
    them is full, and otherwise all of its persons are known.

    Attributes:
        week: of each cell, ascending.
        groups: (breakdowns, cells) group of each cell in each breakdown; -1: none.
        size: persons kept of each cell.
        cell, person: one row for each person kept, by cell.
    """

    week: Longs
    groups: Longs
    size: Longs
    cell: Longs
    person: Longs

    def until(self, week: int) -> Cells:
        """The cells of this week and those before."""
        cells = int(np.searchsorted(self.week, week, side="right"))
        rows = int(np.searchsorted(self.cell, cells, side="left"))
        return Cells(
            self.week[:cells],
            self.groups[:, :cells],
            self.size[:cells],
            self.cell[:rows],
            self.person[:rows],
        )

    def only(self, left: npt.NDArray[np.bool_]) -> Cells:
        """These cells."""
        number, rows = np.cumsum(left) - 1, left[self.cell]
        return Cells(
            self.week[left],
            self.groups[:, left],
            self.size[left],
            number[self.cell[rows]],
            self.person[rows],
        )

    def persons(self, chosen: npt.NDArray[np.bool_]) -> int:
        """How many distinct persons are in the chosen cells: exact below k."""
        return int(np.unique(self.person[chosen[self.cell]]).size)


def cells_of(
    rows: Contributions, breakdowns: Sequence[str], role: Role, last: int, most: int
) -> Cells:
    """The cells up to week `last`; of each at most `most` persons.

    Raises:
        ValueError: a breakdown is missing, or its groups are not as many as there are rows.
    """
    person = np.asarray(getattr(rows, role), np.int64)
    groups = [_groups(rows, name, person.size) for name in breakdowns]
    spans = [int(each.max(initial=-1)) + 2 for each in groups]
    key = np.asarray(rows.week, np.int64)
    for each, span in zip(groups, spans, strict=True):
        key = key * span + (each + 1)
    chosen = np.flatnonzero((person >= 0) & (np.asarray(rows.week) <= last))
    found, persons = _distinct(key[chosen], person[chosen], most)
    return _cells(found, persons, spans)


def _groups(rows: Contributions, name: str, size: int) -> Longs:
    if name not in rows.groups or rows.groups[name].size != size:
        raise ValueError(f"groups: every row needs its group of the breakdown {name}")
    return np.asarray(rows.groups[name], np.int64)


def _distinct(key: Longs, person: Longs, most: int) -> tuple[Longs, Longs]:
    """Distinct pairs in order, at most `most` of each key."""
    names, index = np.unique(key, return_inverse=True) if _sparse(key) else (None, key)
    span = int(person.max(initial=0)) + 1
    full = np.zeros(int(index.max(initial=0)) + 1, np.bool_)
    kept = np.empty(0, np.int64)
    for part in _parts(index.size):
        there = index[part]
        new = there[~full[there]] * span + person[part][~full[there]]
        kept = _first(np.unique(np.concatenate([kept, new])), span, most)
        full[np.bincount(kept // span, minlength=full.size) >= most] = True
    cell = kept // span
    return (cell if names is None else names[cell]), kept % span


def _sparse(key: Longs) -> bool:
    return bool(key.max(initial=0) > 1 << 24)


def _parts(size: int) -> Iterator[slice]:
    """Parts that each take from everywhere, so that the first one meets every week."""
    parts = max(1, -(-size // _AT_ONCE))
    return (slice(at, None, parts) for at in range(parts))


def _first(pairs: Longs, span: int, most: int) -> Longs:
    """Of sorted pairs the first ones of each key."""
    key = pairs // span
    begins = np.searchsorted(key, key, side="left")
    return pairs[np.arange(pairs.size) - begins < most]


def _cells(key: Longs, person: Longs, spans: Sequence[int]) -> Cells:
    found, cell, size = np.unique(key, return_inverse=True, return_counts=True)
    week, groups = found, []
    for span in reversed(spans):
        groups.append(week % span - 1)
        week = week // span
    stacked = np.array(groups[::-1], np.int64).reshape(len(spans), found.size)
    return Cells(week, stacked, size.astype(np.int64), cell.astype(np.int64), person)
