"""What people have seen of the log so far: what they say depends on it at the moment at which they say it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from services.cli.population_chance import Chance, Intent
from services.cli.population_people import People, Person
from services.cli.population_program import Plan
from services.feedback.sealing import Contents, Place
from shared.events.envelope import EventData
from shared.events.types import Side

Seal = Callable[[str, str, Place, Contents], str]
"""(author, subject, place, contents) -> sealed, as feedback's API seals."""


@dataclass
class Seen:
    """A meeting as its people know it."""

    sequence: int
    starts_at: datetime
    ends_at: datetime
    stands: bool


@dataclass
class Aim:
    """A goal in force, as its mentee measures it."""

    value: float
    target: float
    unit: str


@dataclass
class Pair:
    """A cycle with both its people."""

    cycle: str
    mentee: Person
    mentor: Person
    chemistry: float
    meetings: dict[str, Seen] = field(default_factory=dict)
    goals: dict[str, Aim] = field(default_factory=dict)
    revealed: set[str] = field(default_factory=set)
    missed: int = 0
    ended: bool = False

    def person(self, side: Side) -> Person:
        """Who is on this side."""
        return self.mentee if side == "mentee" else self.mentor

    def other(self, side: Side) -> Person:
        """Who is on the other side."""
        return self.mentor if side == "mentee" else self.mentee


@dataclass
class Scene:
    """Everybody, the program, and what has been heard."""

    chance: Chance
    plan: Plan
    people: People
    seal: Seal
    pairs: dict[str, Pair] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    lapsed: set[tuple[str, str]] = field(default_factory=set)
    left: set[str] = field(default_factory=set)

    def intent(
        self, at: datetime, key: str, word: str, say: Callable[[], EventData | None], *names: object
    ) -> Intent:
        """Somebody's intention to say a `word`; `names` make it unique beside its key and word."""
        return Intent(at, self.chance.uuid("event", key, word, *names), key, word, say)

    def pair(self, cycle: str) -> Pair | None:
        """The pair of a cycle, as long as it lasts."""
        pair = self.pairs.get(cycle)
        return pair if pair and not pair.ended else None
