"""The mentee side of a pool as arrays, in the numbers that its mentors' table gives to names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching import skills
from services.matching.lists import Lists, lists
from services.matching.model import Cycle, Person
from services.matching.overlap import Hours, hours_of, week_of
from services.matching.table import Codes, Names, Setting, bits, primary
from shared.cached import cached_property
from shared.events.outside import Requested
from shared.vocabulary import Vocabulary

NONE = -1
"""The number of a name that no mentor has."""


@dataclass(frozen=True, eq=False)
class Seekers:
    """The open requests of a pool, in its order, with the mentees behind them.

    `wishes[i]` is what request i asks for. Arrays are worked out when first asked for.
    """

    cycles: tuple[Cycle, ...]
    persons: tuple[Person, ...]
    wishes: tuple[Requested, ...]
    names: Names
    setting: Setting

    def __len__(self) -> int:
        return len(self.cycles)

    def only(self, row: int) -> Seekers:
        """One of them."""
        this = slice(row, row + 1)
        known = (self.cycles[this], self.persons[this], self.wishes[this])
        return Seekers(*known, self.names, self.setting)

    @cached_property
    def rows(self) -> dict[str, list[int]]:
        """The requests of each mentee."""
        found: dict[str, list[int]] = {}
        for row, person in enumerate(self.persons):
            found.setdefault(person.person, []).append(row)
        return found

    @cached_property
    def mentee(self) -> NDArray[np.int32]:
        """The number of the person behind each request."""
        number = {person: place for place, person in enumerate(self.rows)}
        return np.array([number[person.person] for person in self.persons], np.int32)

    @cached_property
    def team(self) -> NDArray[np.int32]:
        """Numbers of teams."""
        codes = self.names.teams
        return np.array([codes.get(asked.team, NONE) for asked in self.wishes], np.int32)

    @cached_property
    def industries(self) -> tuple[str, ...]:
        """The industries of the requests, each once."""
        return tuple(dict.fromkeys(asked.industry for asked in self.wishes))

    @cached_property
    def industry(self) -> NDArray[np.intp]:
        """Places in `industries`."""
        place = {code: at for at, code in enumerate(self.industries)}
        return np.array([place[asked.industry] for asked in self.wishes], np.intp)

    @cached_property
    def seniority(self) -> NDArray[np.int32]:
        """Levels."""
        return np.array([asked.seniority for asked in self.wishes], np.int32)

    @cached_property
    def formats(self) -> NDArray[np.uint8]:
        """Ways to meet, as bits."""
        return np.array([bits(asked.formats) for asked in self.wishes], np.uint8)

    @cached_property
    def spoken(self) -> NDArray[np.int32]:
        """How many languages each mentee speaks."""
        return np.array([len(primary(asked.languages)) for asked in self.wishes], np.int32)

    @cached_property
    def languages(self) -> Lists:
        """Their numbers."""
        codes = self.names.languages
        return lists(_numbers(codes, sorted(primary(asked.languages))) for asked in self.wishes)

    @property
    def wanted(self) -> NDArray[np.int32]:
        """How many skills each request asks for."""
        return self._wanted[0]

    @property
    def wanted_skills(self) -> Lists:
        """The numbers of those that somebody covers."""
        return self._wanted[1]

    @property
    def missing(self) -> NDArray[np.int32]:
        """How many skills the target occupation takes and the mentee lacks."""
        return self._missing[0]

    @property
    def missing_skills(self) -> Lists:
        """The numbers of those that somebody covers."""
        return self._missing[1]

    @cached_property
    def aims(self) -> NDArray[np.bool_]:
        """Whether each request names a target occupation."""
        return np.array([asked.target_occupation is not None for asked in self.wishes], bool)

    @cached_property
    def target(self) -> Lists:
        """The number of the target occupation."""
        return self._occupation([asked.target_occupation for asked in self.wishes])

    @cached_property
    def occupation(self) -> Lists:
        """The number of the present occupation."""
        return self._occupation([asked.occupation for asked in self.wishes])

    @cached_property
    def hours(self) -> Hours:
        """The mentees' weeks."""
        return hours_of([week_of(person.time, self.setting.year) for person in self.persons])

    @cached_property
    def _wanted(self) -> tuple[NDArray[np.int32], Lists]:
        return self._skills(skills.wanted)

    @cached_property
    def _missing(self) -> tuple[NDArray[np.int32], Lists]:
        return self._skills(skills.missing)

    def _skills(
        self, of: Callable[[Vocabulary, Requested], tuple[str, ...]]
    ) -> tuple[NDArray[np.int32], Lists]:
        """How many skills each request has, and the numbers of those that somebody covers."""
        counts, codes = np.zeros(len(self), np.int32), self.names.skills
        known: list[list[int]] = []
        for row, asked in enumerate(self.wishes):
            found = of(self.setting.vocabulary, asked)
            counts[row] = len(found)
            known.append(_numbers(codes, found))
        return counts, lists(known)

    def _occupation(self, named: Sequence[str | None]) -> Lists:
        vocabulary, codes = self.setting.vocabulary, self.names.occupations
        known = [[skills.normal_occupation(vocabulary, one)] if one else [] for one in named]
        return lists(_numbers(codes, one) for one in known)


def _numbers(codes: Codes, names: Sequence[str]) -> list[int]:
    """The numbers of names; those that no mentor has are left out."""
    return [codes[name] for name in names if name in codes]
