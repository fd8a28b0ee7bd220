"""The stable choice: no row and column would both rather have each other.

Both sides value a pair alike, so there is one stable choice (of equal values the earlier row counts as the better,
then the earlier column): the one that takes the greatest pair first, then the greatest that is still possible.
It is found without sorting all pairs: rows ask in the order of their preference, columns hold the best that have
asked (Gale and Shapley, 1962), all waiting rows at a time. A row's list of preferences is drawn up a few columns
at a time, and only of columns that would still have it.

Columns that take one of each person's rows choose as a matroid does, for which this is as right (Fleiner, 2003).
Two who would be each other's mentors are no matter of preference: the lesser pair of the first such clash is
barred, and the choice begins again.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from services.matching.assignment.clashes import clashes
from services.matching.assignment.market import NOBODY, Barred, Choice, Market, person_rows
from services.matching.assignment.pairing import Index, Whole
from services.matching.assignment.sweep import BLOCK, greatest

DRAWN = 16
"""So many columns, or a few more, are put on a row's list at a time."""


def stable(market: Market) -> Choice:
    """No row and column would both rather have each other."""
    while True:
        found = _Asking(market)
        found.settle()
        barred = _first_clash(market, found)
        if barred is None:
            return Choice(found.column, int(found.worth.sum()), None)
        market = barred


def _first_clash(market: Market, found: _Asking) -> Market | None:
    """The market without the lesser pair of the clash that the greatest-first choice would meet first."""

    def place(row: int) -> tuple[int, int]:
        return -int(found.worth[row]), row

    lesser = [max(pair, key=place) for pair in clashes(market, found.column)]
    if not lesser:
        return None
    row = min(lesser, key=place)
    rows = person_rows(market, row)
    return Barred(market, rows, np.full(len(rows), found.column[row], np.intp))


class _Asking:
    """Who asks whom, and who is held."""

    def __init__(self, market: Market) -> None:
        rows, columns = len(market.mentee), len(market.capacity)
        self.column = np.full(rows, NOBODY, np.int32)
        self.worth = np.zeros(rows, np.int64)
        self._market = market
        self._least = np.where(market.capacity > 0, 1, np.iinfo(np.int64).max)
        self._columns = columns
        self._list_column = np.empty(0, np.intp)
        self._list_value = np.empty(0, np.int64)
        self._next = np.zeros(rows, np.intp)
        self._end = np.zeros(rows, np.intp)
        self._last_value = np.full(rows, np.iinfo(np.int64).max)
        self._last_column = np.full(rows, NOBODY, np.intp)

    def settle(self) -> None:
        """Ask until nobody who waits has anybody left to ask."""
        waiting = np.arange(len(self.column)) if self._columns else np.empty(0, np.intp)
        while len(waiting):
            self._draw(waiting)
            asking = waiting[self._next[waiting] < self._end[waiting]]
            exhausted = [asking[:0]]
            while len(asking):
                free = self._ask(asking)
                more = self._next[free] < self._end[free]
                exhausted.append(free[~more])
                asking = free[more]
            waiting = np.sort(np.concatenate(exhausted))

    def _draw(self, rows: Index) -> None:
        """The next columns on the lists of these rows."""
        step = max(1, BLOCK // self._columns)
        parts = [self._drawn(rows[at : at + step]) for at in range(0, len(rows), step)]
        row, column, value = (np.concatenate(part) for part in zip(*parts, strict=True))
        count = np.bincount(row, minlength=len(self.column))[rows]
        self._end[rows] = len(self._list_column) + np.cumsum(count)
        self._next[rows] = self._end[rows] - count
        self._list_column = np.concatenate([self._list_column, column])
        self._list_value = np.concatenate([self._list_value, value])
        some = rows[count > 0]
        self._last_value[some] = self._list_value[self._end[some] - 1]
        self._last_column[some] = self._list_column[self._end[some] - 1]

    def _drawn(self, rows: Index) -> tuple[Index, Index, Whole]:
        """Row, column and value in the order of preference, of columns that would have the row."""
        values = self._market.values(rows)
        fresh = (values >= self._least) & self._after_last(rows, values)
        row, column = greatest(np.where(fresh, values, 0), DRAWN)
        value = values[row, column].astype(np.int64)
        order = np.lexsort((column, -value, row))
        return rows[row[order]], column[order], value[order]

    def _after_last(self, rows: Index, values: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which pairs come after the last that was on the list."""
        last, column = self._last_value[rows, None], self._last_column[rows, None]
        later: NDArray[np.bool_] = np.less(values, last)
        later |= np.equal(values, last) & (np.arange(values.shape[1]) > column)
        return later

    def _ask(self, rows: Index) -> Index:
        """These rows ask the next on their lists; the rows that are free thereafter."""
        at = self._next[rows]
        self._next[rows] += 1
        self.column[rows] = self._list_column[at]
        self.worth[rows] = self._list_value[at]
        asked = np.zeros(self._columns, np.bool_)
        asked[self.column[rows]] = True
        involved = np.flatnonzero(asked[self.column] & (self.column != NOBODY))
        held = self._held(involved)
        free = involved[~held]
        self.column[free] = NOBODY
        self.worth[free] = 0
        return free

    def _held(self, rows: Index) -> NDArray[np.bool_]:
        """Which of these rows, all that ask or are held by the columns asked, are held now."""
        column, worth = self.column[rows], self.worth[rows]
        order = np.lexsort((rows, -worth, column))
        first = _first_of_person(column[order], self._market.mentee[rows[order]])
        order = order[first]
        place = _place_in_group(column[order])
        stays = order[place < self._market.capacity[column[order]]]
        held = np.zeros(len(rows), np.bool_)
        held[stays] = True
        self._note(column[stays], worth[stays])
        return held

    def _note(self, column: NDArray[np.int32], worth: Whole) -> None:
        """What full columns want at least, from those they hold, the best first."""
        last = np.flatnonzero(np.append(column[1:] != column[:-1], [True] * (len(column) > 0)))
        load = np.bincount(column, minlength=self._columns)
        at = column[last]
        full = load[at] >= self._market.capacity[at]
        self._least[at[full]] = worth[last][full]


def _first_of_person(column: NDArray[np.int32], person: NDArray[np.int32]) -> Index:
    """The first row of each person with each column, in the order given."""
    _, first = np.unique(
        column.astype(np.int64) * (int(person.max(initial=0)) + 1) + person, return_index=True
    )
    return np.sort(first)


def _place_in_group(keys: NDArray[np.int32]) -> Index:
    """The place of each among equal keys that stand together: 0, 1 ..."""
    first = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))[: len(keys)]
    return np.arange(len(keys)) - np.repeat(first, np.diff(np.append(first, len(keys))))
