"""Mentors as columns of a table, which is made once and kept.

A program that pairs at once asks with one request after each input, and between two inputs hardly an offer changes.
An unchanged row is the same object.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from services.matching import skills
from services.matching.lists import Cover, Has
from services.matching.model import Mentor, Person
from services.matching.overlap import Cut, Hours, Week, beginnings, hours_of, week_of
from shared.cached import cached_property
from shared.events.outside import Available, Offered
from shared.events.types import Format, Language
from shared.vocabulary import Vocabulary

FORMATS: tuple[Format, ...] = ("video", "audio", "in_person", "chat")
KEPT = 10_000
"""So many mentors are kept in tables, the ones used last: some 9 KB each."""
SMALL = 16
"""A mentor who is new among fewer than a sixteenth of those known is looked at apart from them."""
NAMES = 2**17
"""A table that has come to know more names than these is made anew: offers that were replaced leave theirs behind."""
CUTS = 16
"""So many cuts of the week are kept with a table: for each season, length of meeting and grid that is asked for."""

Codes = dict[str, int]


@dataclass(frozen=True, slots=True)
class Names:
    """The numbers of names in a table; a name that no mentor has has none."""

    teams: Codes = field(default_factory=dict)
    industries: Codes = field(default_factory=dict)
    languages: Codes = field(default_factory=dict)
    occupations: Codes = field(default_factory=dict)
    skills: Codes = field(default_factory=dict)

    def __len__(self) -> int:
        kinds = (self.teams, self.industries, self.languages, self.occupations, self.skills)
        return sum(map(len, kinds))

    def copy(self) -> Names:
        """The same numbers, to be added to."""
        return Names(
            dict(self.teams),
            dict(self.industries),
            dict(self.languages),
            dict(self.occupations),
            dict(self.skills),
        )


class Known(NamedTuple):
    """What is kept of a mentor, with the rows that it was made from."""

    offer: Offered
    time: Available | None
    team: int
    industry: int
    seniority: int
    formats: int
    languages: Has
    occupations: Has
    skills: Has
    week: Week


class Setting(NamedTuple):
    """What else a mentor's arrays depend on: offsets of zones on the year, skills on the vocabulary."""

    year: int
    vocabulary: Vocabulary


class Table:
    """Mentors as columns; never changed once made, except for what is worked out when first asked for."""

    def __init__(self, names: Names, known: dict[str, Known]) -> None:
        rows = list(known.values())
        self.names = names
        self.known = known
        self.column = {mentor: place for place, mentor in enumerate(known)}
        self.team = np.array([row.team for row in rows], np.int32)
        self.industry = np.array([row.industry for row in rows], np.int32)
        self.seniority = np.array([row.seniority for row in rows], np.int32)
        self.formats = np.array([row.formats for row in rows], np.uint8)
        self._cuts: dict[tuple[int, ...], Cut] = {}

    def __len__(self) -> int:
        return len(self.known)

    @cached_property
    def languages(self) -> Cover:
        """Who speaks what."""
        return Cover([row.languages for row in self.known.values()], len(self.names.languages))

    @cached_property
    def occupations(self) -> Cover:
        """Who has or had which occupation."""
        return Cover([row.occupations for row in self.known.values()], len(self.names.occupations))

    @cached_property
    def skills(self) -> Cover:
        """Who offers which skill, or one near it, in millionths."""
        return Cover([row.skills for row in self.known.values()], len(self.names.skills))

    @cached_property
    def hours(self) -> Hours:
        """The mentors' weeks."""
        return hours_of([row.week for row in self.known.values()])

    def week(self, season: int) -> Cut:
        """The mentors' weeks in a season, to be held against mentees'."""
        return self._cut(season)

    def beginnings(self, season: int, length: int, step: int) -> Cut:
        """When a meeting of so many minutes may begin, every so many minutes."""
        return self._cut(season, length, step)

    def _cut(self, season: int, *meeting: int) -> Cut:
        asked = (season, *meeting)
        known = self._cuts.get(asked)
        if known is None:
            runs = self.hours.runs(season)
            known = Cut(beginnings(runs, *meeting) if meeting else runs, len(self))
            if len(self._cuts) >= CUTS:
                self._cuts.clear()
            self._cuts[asked] = known
        return known


def primary(languages: Iterable[Language]) -> frozenset[str]:
    """The languages without script, region and variant: en-GB is English."""
    return frozenset(tag.partition("-")[0] for tag in languages)


def bits(formats: Iterable[Format]) -> int:
    """Ways to meet, as bits."""
    return sum(1 << FORMATS.index(one) for one in formats)


def table_of(
    able: Sequence[tuple[Mentor, Person]], setting: Setting, before: Table | None, *, whole: bool
) -> Table:
    """A table that holds these mentors: the one before when it does, and when `whole` no others."""
    old = before.known if before else {}
    found: dict[str, Known | None] = {
        mentor.mentor: _still(old, mentor, person) for mentor, person in able
    }
    new = [pair for pair in able if found[pair[0].mentor] is None]
    if before and not new and (not whole or list(found) == list(old)):
        return before
    if before and len(before.names) > NAMES:
        return table_of(able, setting, None, whole=whole)
    names = before.names.copy() if before else Names()
    made = {mentor.mentor: _known(names, setting, mentor, person) for mentor, person in new}
    kept = {} if whole or len(able) * SMALL <= len(old) else old
    return Table(names, {**kept, **{name: row or made[name] for name, row in found.items()}})


def _still(known: dict[str, Known], mentor: Mentor, person: Person) -> Known | None:
    """What is known of a mentor, when the rows still say the same.

    Rows that were loaded again are other objects: those at hand are kept from then on, for to compare objects is
    quick and to compare what they say is not.
    """
    row = known.get(mentor.mentor)
    if row is None or (row.offer is mentor.offer and row.time is person.time):
        return row
    if row.offer != mentor.offer or row.time != person.time:
        return None
    known[mentor.mentor] = row._replace(offer=mentor.offer, time=person.time)
    return known[mentor.mentor]


def _known(names: Names, setting: Setting, mentor: Mentor, person: Person) -> Known:
    offer, vocabulary = mentor.offer, setting.vocabulary
    held = {skills.normal_occupation(vocabulary, job.id) for job in offer.occupations}
    cover = skills.cover(vocabulary, [skill.id for skill in offer.skills])
    return Known(
        offer=offer,
        time=person.time,
        team=_number(names.teams, offer.team),
        industry=_number(names.industries, offer.industry),
        seniority=offer.seniority,
        formats=bits(offer.formats),
        languages=_has(names.languages, dict.fromkeys(sorted(primary(offer.languages)), 1)),
        occupations=_has(names.occupations, dict.fromkeys(sorted(held), 1)),
        skills=_has(names.skills, cover),
        week=week_of(person.time, setting.year),
    )


def _has(codes: Codes, amounts: Mapping[str, int]) -> Has:
    items = [_number(codes, name) for name in amounts]
    return Has(np.array(items, np.int32), np.array(list(amounts.values()), np.int32))


def _number(codes: Codes, name: str) -> int:
    return codes.setdefault(name, len(codes))


class _Tables:
    """The tables used last, of so many mentors in all; larger ones are not kept.

    Partitions and the API share them: what is kept is exchanged as a whole and never changed, so that nobody meets
    what another has half done. Of two exchanges at once one is lost, which costs time and nothing else.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, Setting], Table] = {}

    def get(self, program: str, setting: Setting) -> Table | None:
        kept, key = self._kept, (program, setting)
        found = kept.get(key)
        if found is not None and next(reversed(kept)) != key:
            self._kept = _with_last(kept, key, found)
        return found

    def put(self, program: str, setting: Setting, table: Table) -> None:
        kept = _with_last(self._kept, (program, setting), table)
        if len(table) > KEPT:
            del kept[program, setting]
        while sum(map(len, kept.values())) > KEPT:
            del kept[next(iter(kept))]
        self._kept = kept


def _with_last(
    kept: dict[tuple[str, Setting], Table], key: tuple[str, Setting], table: Table
) -> dict[tuple[str, Setting], Table]:
    return {**{other: known for other, known in kept.items() if other != key}, key: table}


TABLES = _Tables()
