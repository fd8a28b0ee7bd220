"""The mentors of a pool: columns of a table, with what is read anew for each round.

What an offer and a statement of time say is kept in a table (table.py); loads, preferences and who is whose mentor
are what a round changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from services.matching.lists import Indices
from services.matching.model import Mentor, Person
from services.matching.table import SMALL, TABLES, Setting, Table, table_of
from shared.cached import cached_property

S = TypeVar("S", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Guides:
    """The mentors of a pool, in its order, with the persons behind them; `columns` are their places in the table.

    `columns` is None where the table holds just these mentors in this order.
    """

    mentors: tuple[Mentor, ...]
    persons: tuple[Person, ...]
    table: Table
    columns: Indices | None

    def __len__(self) -> int:
        return len(self.mentors)

    def only(self, column: int) -> Guides:
        """One of them."""
        place = column if self.columns is None else int(self.columns[column])
        columns = np.array([place], np.intp)
        return Guides((self.mentors[column],), (self.persons[column],), self.table, columns)

    @cached_property
    def column(self) -> dict[str, int]:
        """The place of each mentor in the pool."""
        return {row.mentor: place for place, row in enumerate(self.mentors)}

    @cached_property
    def team(self) -> NDArray[np.int32]:
        """Numbers of teams."""
        return self._mine(self.table.team)

    @cached_property
    def industry(self) -> NDArray[np.int32]:
        """Numbers of industries."""
        return self._mine(self.table.industry)

    @cached_property
    def seniority(self) -> NDArray[np.int32]:
        """Levels."""
        return self._mine(self.table.seniority)

    @cached_property
    def formats(self) -> NDArray[np.uint8]:
        """Ways to meet, as bits."""
        return self._mine(self.table.formats)

    @cached_property
    def load(self) -> NDArray[np.int64]:
        """Pairs and held proposals."""
        return np.array([row.load for row in self.mentors], np.int64)

    @cached_property
    def capacity(self) -> NDArray[np.int64]:
        """Most pairs at a time, as offered."""
        return np.array([row.offer.capacity for row in self.mentors], np.int64)

    @cached_property
    def present(self) -> NDArray[np.bool_]:
        """Who has not left, is not paused and takes new pairs."""
        there = [
            m.offer.accepts_new and m.paused_until is None and not m.left for m in self.mentors
        ]
        return np.array(there, bool)

    @cached_property
    def spoken(self) -> tuple[tuple[int, Person], ...]:
        """The columns of those who have stated preferences or have a mentor themselves."""
        named = enumerate(self.persons)
        return tuple((at, one) for at, one in named if one.likes is not None or one.mentors)

    def _mine(self, array: NDArray[S]) -> NDArray[S]:
        return array if self.columns is None else array[self.columns]


def guides(
    able: Sequence[tuple[Mentor, Person]], setting: Setting, program: str = "", *, whole: bool
) -> Guides:
    """These mentors, in this order.

    Args:
        able: each mentor once, with the person.
        setting: what their arrays depend on.
        program: whose table is used and kept; none when empty.
        whole: many rows are going to be asked for, which a table of just these mentors makes quickest.
    """
    known = TABLES.get(program, setting) if program else None
    table = table_of(able, setting, known, whole=whole)
    if program and table is not known and (known is None or len(able) * SMALL > len(known)):
        TABLES.put(program, setting, table)
    place = table.column
    columns = np.array([place[mentor.mentor] for mentor, _ in able], np.intp)
    same = len(columns) == len(table) and bool((columns == np.arange(len(table))).all())
    mentors, persons = tuple(one for one, _ in able), tuple(one for _, one in able)
    return Guides(mentors, persons, table, None if same else columns)
