"""Pairs that somebody's statement or history names: few of them, kept as a list for each request."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from services.matching.guides import Guides
from services.matching.lists import Lists, lists
from services.matching.model import Person
from services.matching.seekers import Seekers
from shared.cached import cached_property

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


class Ties:
    """Who names whom in a pool: for each request the columns of the mentors concerned."""

    def __init__(self, seekers: Seekers, guides: Guides) -> None:
        self._seekers = seekers
        self._guides = guides

    @cached_property
    def ruled_out(self) -> Lists:
        """Paired before, declined, or let lapse."""
        persons = self._seekers.persons
        return by_mentees(self._guides, (person.never for person in persons))

    @cached_property
    def mentored_by(self) -> Lists:
        """The mentee's present mentors."""
        persons = self._seekers.persons
        return by_mentees(self._guides, (person.mentors for person in persons))

    @cached_property
    def mentors_of(self) -> Lists:
        """Mentors who have the mentee as their own mentor."""
        return by_mentors(self._seekers, ((at, one.mentors) for at, one in self._guides.spoken))

    @cached_property
    def avoided(self) -> tuple[Lists, Lists]:
        """Whom the mentee avoids, and who avoids the mentee."""
        persons, spoken = self._seekers.persons, self._guides.spoken
        return (
            by_mentees(self._guides, (avoided_by(person) for person in persons)),
            by_mentors(self._seekers, ((at, avoided_by(one)) for at, one in spoken)),
        )

    @cached_property
    def preferred(self) -> tuple[Lists, Lists]:
        """Whom the mentee prefers, and who prefers the mentee."""
        persons, spoken = self._seekers.persons, self._guides.spoken
        return (
            by_mentees(self._guides, (preferred_by(person) for person in persons)),
            by_mentors(self._seekers, ((at, preferred_by(one)) for at, one in spoken)),
        )

    @cached_property
    def managed(self) -> tuple[Lists, Lists]:
        """To whom the mentee reports, and who reports to the mentee."""
        named = enumerate(mentor.offer.manager for mentor in self._guides.mentors)
        return (
            by_mentees(self._guides, ((asked.manager,) for asked in self._seekers.wishes)),
            by_mentors(self._seekers, ((at, (manager,)) for at, manager in named if manager)),
        )
