"""Pairs that somebody's statement or history names: few of them, kept as a list for each request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from services.matching.lists import Lists, lists
from services.matching.model import Person

if TYPE_CHECKING:
    from services.matching.guides import Guides
    from services.matching.seekers import Seekers

NOTHING = np.zeros((1, 1), bool)


def by_mentees(guides: Guides, named: Iterable[Iterable[str | None]]) -> Lists:
    """The columns of the mentors whom each request names."""
    column = guides.column
    return lists([column[one] for one in names if one in column] for names in named)


def by_mentors(seekers: Seekers, named: Iterable[tuple[int, Iterable[str | None]]]) -> Lists:
    """The columns of the mentors, given as (column, the persons whom he names), who name the mentee of a request."""
    found: dict[int, list[int]] = {}
    for column, names in named:
        for name in names:
            for row in seekers.rows.get(name, ()) if name else ():
                found.setdefault(row, []).append(column)
    return lists(found.get(row, ()) for row in range(len(seekers)))


def marked(marks: Lists, rows: NDArray[np.intp], width: int) -> NDArray[np.bool_]:
    """The marks of these requests as a matrix, shape (rows, width), or (1, 1) where nothing is marked."""
    if not len(marks.items):
        return NOTHING
    matrix = np.zeros((len(rows), width), bool)
    matrix[marks.flat(rows)] = True
    return matrix


def preferred_by(person: Person) -> tuple[str, ...]:
    """Whom a person prefers."""
    return person.likes.prefer if person.likes else ()


def avoided_by(person: Person) -> tuple[str, ...]:
    """Whom a person avoids."""
    return person.likes.avoid if person.likes else ()
