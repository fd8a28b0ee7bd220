"""The pool as a round sees it: open requests and mentors, with what is known of the persons behind them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.matching.model import Cycle, Mentor, Person
from services.matching.overlap import Weeks, weeks_of
from shared.events.outside import Requested
from shared.events.types import Format, Language, Part
from shared.world import World


@dataclass(frozen=True, slots=True)
class Seeker:
    """An open request with its mentee."""

    cycle: Cycle
    wishes: Requested
    person: Person
    weeks: Weeks
    languages: frozenset[str]
    formats: frozenset[Format]


@dataclass(frozen=True, slots=True)
class Guide:
    """A mentor with the person behind the offer."""

    mentor: Mentor
    person: Person
    weeks: Weeks
    languages: frozenset[str]
    formats: frozenset[Format]


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
    )


def guide(world: World, mentor: Mentor) -> Guide:
    """A mentor as a round sees him."""
    person = person_of(world, mentor.program, mentor.mentor)
    return Guide(
        mentor=mentor,
        person=person,
        weeks=weeks_of(person.time, world.now.year),
        languages=primary(mentor.offer.languages),
        formats=frozenset(mentor.offer.formats),
    )


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
