"""The pool as a round sees it: open requests and mentors, with what is known of the persons behind them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

from services.matching import skills
from services.matching.model import Cycle, Mentor, Person
from services.matching.overlap import Weeks, weeks_of
from shared.events.outside import Requested
from shared.events.types import Format, Language, Part
from shared.world import World

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Seeker:
    """An open request with its mentee."""

    cycle: Cycle
    wishes: Requested
    person: Person
    weeks: Weeks
    languages: frozenset[str]
    formats: frozenset[Format]
    wanted: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guide:
    """A mentor with the person behind the offer."""

    mentor: Mentor
    person: Person
    weeks: Weeks
    languages: frozenset[str]
    formats: frozenset[Format]
    cover: Mapping[str, float]


class Scored(NamedTuple):
    """A pair's score, its parts (wishes included), and the weight of all its parts."""

    score: float
    parts: Mapping[Part, float]
    weight: float


@dataclass(frozen=True, slots=True)
class Match:
    """A request, a mentor who may have it, and how well they suit."""

    seeker: Seeker
    guide: Guide
    scored: Scored


def person_of(world: World, program: str, person: str) -> Person:
    """What is known of a person; nothing, to begin with."""
    return world.get(Person, program, person) or Person(program, person)


def seeker(world: World, cycle: Cycle) -> Seeker | None:
    """A request as a round sees it; None when its wishes are gone with it."""
    if cycle.wishes is None:
        return None
    person = person_of(world, cycle.program, cycle.mentee)
    return Seeker(
        cycle=cycle,
        wishes=cycle.wishes,
        person=person,
        weeks=weeks_of(person.time, world.now.year),
        languages=primary(cycle.wishes.languages),
        formats=frozenset(cycle.wishes.formats),
        wanted=skills.normalised(cycle.wishes.wanted_skills),
        missing=skills.missing(cycle.wishes.target_occupation, cycle.wishes.held_skills),
    )


def guide(world: World, mentor: Mentor) -> Guide:
    """A mentor as a round sees him."""
    person, year = person_of(world, mentor.program, mentor.mentor), world.now.year
    return _known_guide(_Same(mentor), _Same(person), year)


@lru_cache(maxsize=65_536)
def _known_guide(mentor: _Same[Mentor], person: _Same[Person], year: int) -> Guide:
    offer = mentor.row.offer
    return Guide(
        mentor=mentor.row,
        person=person.row,
        weeks=weeks_of(person.row.time, year),
        languages=primary(offer.languages),
        formats=frozenset(offer.formats),
        cover=skills.cover(tuple(skill.id for skill in offer.skills)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Same(Generic[K]):
    """A row by its identity: an unchanged row is the same object, which is quicker to see than equality."""

    row: K

    def __hash__(self) -> int:
        return id(self.row)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.row is other.row


def seekers(world: World, cycles: Iterable[Cycle]) -> list[Seeker]:
    """Requests in the order of the queue; those of parked persons are left out."""
    ordered = sorted(cycles, key=lambda cycle: (cycle.place, cycle.seat, cycle.cycle))
    present = (
        seeker(world, cycle) for cycle in ordered if not _parked(world, cycle.program, cycle.mentee)
    )
    return [found for found in present if found]


def guides(world: World, mentors: Iterable[Mentor]) -> list[Guide]:
    """Mentors in the order of their ids; parked ones are left out."""
    ordered = sorted(mentors, key=lambda mentor: mentor.mentor)
    return [guide(world, one) for one in ordered if not _parked(world, one.program, one.mentor)]


def primary(languages: Sequence[Language]) -> frozenset[str]:
    """The languages without script, region and variant: en-GB is English."""
    return frozenset(tag.partition("-")[0] for tag in languages)


def _parked(world: World, program: str, about: str) -> bool:
    return (program, about) in world.parked
