"""The pool as a round sees it: open requests as rows and mentors as columns, as arrays.

Nothing here has a cell for each pair: rules and components (rules.py, scoring.py) work over the pairs of some rows
at a time. A single pair is a pool of one row and one column.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import gcd

import numpy as np
from numpy.typing import NDArray

from services.matching.guides import Guides, guides
from services.matching.industry import closeness
from services.matching.marks import Ties
from services.matching.model import Cycle, Mentor, Person
from services.matching.overlap import JANUARY, JULY, Runs, beginnings
from services.matching.ratings import mentor_rating
from services.matching.record import Ratings
from services.matching.seekers import NONE, Seekers
from services.matching.skills import vocabulary_of
from services.matching.table import Setting, primary
from shared.cached import cached_property
from shared.events.outside import Opened
from shared.frozen import replace
from shared.world import World

__all__ = [
    "Guides",
    "Pool",
    "Rows",
    "Seekers",
    "assemble",
    "person_of",
    "pool",
    "primary",
    "two",
    "under",
]

Rows = slice | NDArray[np.intp]
"""Which requests of a pool."""

MANY = 64
"""So many requests at once are worth a table of just the mentors asked for."""


@dataclass(frozen=True, eq=False)
class Pool:
    """n requests and m mentors under the rules of a program.

    Attributes:
        rules: the rules.
        seekers: the requests, in the order of the queue.
        guides: the mentors, in the order of their ids.
        ratings: what mentees of the program said of their mentors in all; None before anybody has said anything.
    """

    rules: Opened
    seekers: Seekers
    guides: Guides
    ratings: Ratings | None

    @property
    def requests(self) -> int:
        """n, the number of rows."""
        return len(self.seekers)

    @property
    def mentors(self) -> int:
        """m, the number of columns."""
        return len(self.guides)

    @cached_property
    def room(self) -> NDArray[np.int64]:
        """How many pairs more each mentor can take, shape (m,)."""
        return np.array([mentor.room(self.rules) for mentor in self.guides.mentors], np.int64)

    @property
    def mentee(self) -> NDArray[np.int32]:
        """The number of the person behind each row, shape (n,)."""
        return self.seekers.mentee

    @cached_property
    def as_mentor(self) -> NDArray[np.int32]:
        """The column of the person behind each row, -1 for who is no mentor, shape (n,)."""
        column = self.guides.column
        return np.array([column.get(one.person, NONE) for one in self.seekers.persons], np.int32)

    @cached_property
    def ageing(self) -> NDArray[np.float64]:
        """How long each request has waited, by places in the queue, which no clock can move; shape (n,).

        The share of the other requests that came later; and 1 more for each time that it has been passed over: that
        as many later ones have gone, paired for the most part, as there are places now. So nobody waits for ever.
        """
        places = np.array([cycle.place for cycle in self.seekers.cycles], np.float64)
        later = np.arange(self.requests - 1, -1, -1)
        gone = places.max(initial=0) - places - later
        passed: NDArray[np.float64] = np.maximum(gone, 0) / max(1, int(self.room.sum()))
        return later / max(1, self.requests - 1) + passed

    def pair(self, row: int, column: int) -> Pool:
        """One of the requests with one of the mentors."""
        return Pool(self.rules, self.seekers.only(row), self.guides.only(column), self.ratings)

    def indices(self, rows: Rows) -> NDArray[np.intp]:
        """Rows by their numbers."""
        if isinstance(rows, slice):
            return np.arange(*rows.indices(self.requests))
        return np.asarray(rows, np.intp)

    @cached_property
    def ties(self) -> Ties:
        """Who names whom."""
        return Ties(self.seekers, self.guides)

    @cached_property
    def closeness(self) -> NDArray[np.float64]:
        """How close industries are: a row for each of the requests', a column for each of the table's."""
        known = list(self.guides.table.names.industries)
        table = [[closeness(one, two) for two in known] for one in self.seekers.industries]
        return np.array(table, np.float64).reshape(len(self.seekers.industries), len(known))

    @cached_property
    def seasons(self) -> tuple[int, ...]:
        """The seasons that count: where all clocks change alike, July is like January."""
        shifts = self.guides.table.hours.shifts | self.seekers.hours.shifts
        return (JANUARY,) if len(shifts) <= 1 else (JANUARY, JULY)

    @cached_property
    def step(self) -> int:
        """Minutes of which windows and the length of a meeting are multiples."""
        return gcd(self.guides.table.hours.grid, self.seekers.hours.grid, self.rules.length.minutes)

    @cached_property
    def starting(self) -> tuple[Runs, ...]:
        """When a meeting may begin for each mentee, in each season that counts."""
        hours, length = self.seekers.hours, self.rules.length.minutes
        return tuple(beginnings(hours.runs(one), length, self.step) for one in self.seasons)

    @cached_property
    def opinions(self) -> NDArray[np.float64] | None:
        """How past mentees rate each mentor, shape (m,); None before so many have rated anybody as `k` says.

        A mentor with fewer opinions than the program's `k` stands at the mean: a rating that is shown must not
        tell what one mentee has said, and no more must the mean of so few.
        """
        if self.ratings is None or self.ratings.ratings_count < self.rules.k:
            return None
        return np.array([self._opinion(mentor) for mentor in self.guides.mentors], np.float64)

    def _opinion(self, mentor: Mentor) -> float | None:
        few = mentor.ratings_count < self.rules.k
        shown = replace(mentor, ratings_sum=0, ratings_count=0) if few else mentor
        return mentor_rating(shown, self.ratings)

    @cached_property
    def wishes_stated(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Which of the program's background wishes mentees and mentors state, as 0 and 1: (n, w) and (m, w)."""
        codes = {code: place for place, code in enumerate(self.rules.wishes or ())}
        return _stated(self.seekers.persons, codes), _stated(self.guides.persons, codes)


def _stated(persons: Sequence[Person], codes: dict[str, int]) -> NDArray[np.float32]:
    matrix = np.zeros((len(persons), len(codes)), np.float32)
    for row, person in enumerate(persons if codes else ()):
        if person.likes is not None:
            matrix[row, [codes[code] for code in person.likes.wishes if code in codes]] = 1
    return matrix


def person_of(world: World, program: str, person: str) -> Person:
    """What is known of a person; nothing, to begin with."""
    return world.get(Person, program, person) or Person(program, person)


def pool(world: World, rules: Opened, cycles: Iterable[Cycle], mentors: Iterable[Mentor]) -> Pool:
    """A pool of these requests and mentors; without parked persons and cycles that are over.

    Rows are in the order of the queue (place, seat, cycle), columns in that of the mentors' ids.
    """
    asking = [
        (cycle, person_of(world, cycle.program, cycle.mentee))
        for cycle in sorted(cycles, key=lambda cycle: (cycle.place, cycle.seat, cycle.cycle))
        if cycle.wishes is not None and (cycle.program, cycle.mentee) not in world.parked
    ]
    able = [
        (mentor, person_of(world, mentor.program, mentor.mentor))
        for mentor in sorted(mentors, key=lambda mentor: mentor.mentor)
        if (mentor.program, mentor.mentor) not in world.parked
    ]
    program = able[0][0].program if able else ""
    ratings = world.get(Ratings, program) if able else None
    return assemble(rules, world.now.year, asking, able, ratings, program=program)


def two(world: World, rules: Opened, cycle: Cycle, mentor: Mentor) -> Pool:
    """A pool of one request and one mentor; without rows when the request's wishes are gone with it.

    Raises:
        Waits: a person is held by a parked event.
    """
    mentee = person_of(world, cycle.program, cycle.mentee)
    asking = [(cycle, mentee)] if cycle.wishes is not None else []
    able = [(mentor, person_of(world, mentor.program, mentor.mentor))]
    ratings = world.get(Ratings, mentor.program)
    return assemble(rules, world.now.year, asking, able, ratings)


def assemble(
    rules: Opened,
    year: int,
    asking: Sequence[tuple[Cycle, Person]],
    able: Sequence[tuple[Mentor, Person]],
    ratings: Ratings | None = None,
    *,
    program: str = "",
) -> Pool:
    """A pool from rows at hand, in their order.

    Args:
        rules: the rules.
        year: the year whose offsets zones have.
        asking: requests that are not over, with their mentees.
        able: mentors, with the persons they are.
        ratings: what mentees of the program said of their mentors in all.
        program: whose mentors' arrays are kept from one call to the next; not kept when empty.
    """
    setting = Setting(year, vocabulary_of(rules))
    found = guides(able, setting, program, whole=len(asking) > MANY)
    stated = [(cycle, person, cycle.wishes) for cycle, person in asking if cycle.wishes is not None]
    seekers = Seekers(
        cycles=tuple(cycle for cycle, _, _ in stated),
        persons=tuple(person for _, person, _ in stated),
        wishes=tuple(wishes for _, _, wishes in stated),
        names=found.table.names,
        setting=setting,
    )
    return Pool(rules, seekers, found, ratings)


def under(known: Pool, rules: Opened) -> Pool:
    """The same requests and mentors under other rules."""
    asking = list(zip(known.seekers.cycles, known.seekers.persons, strict=True))
    able = list(zip(known.guides.mentors, known.guides.persons, strict=True))
    return assemble(rules, known.seekers.setting.year, asking, able, known.ratings)
