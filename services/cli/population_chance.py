"""Chance that follows from a seed, and what people intend to do.

Every draw is named for what it decides, so that it does not depend on the order in which people hear of
things: three services answer at the same time, and their answers interleave differently in every run.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from shared.events.envelope import EventData

NAMES = uuid.uuid5(uuid.NAMESPACE_URL, "urn:mentoring:demo")


@dataclass(frozen=True, slots=True)
class Chance:
    """What a seed leads to."""

    seed: int

    def of(self, *names: object) -> Random:
        """A generator of its own for what these names decide."""
        return Random("/".join(map(str, (self.seed, *names))))  # noqa: S311 - people, not secrets

    def uuid(self, *names: object) -> str:
        """The id of an event."""
        return str(uuid.uuid5(NAMES, "/".join(map(str, (self.seed, *names)))))

    def token(self, *names: object) -> str:
        """An opaque id of a person, a request or a cycle."""
        return uuid.uuid5(NAMES, "/".join(map(str, (self.seed, *names)))).hex[:20]


@dataclass(frozen=True, slots=True)
class Intent:
    """Somebody means to say something at an instant.

    Attributes:
        at: when.
        id: the event's id.
        key: what it is about.
        word: what kind of event it is.
        say: what is said as things stand then; None when there is nothing to say any more.
    """

    at: datetime
    id: str
    key: str
    word: str
    say: Callable[[], EventData | None]


def likely(chance: Random, share: float) -> bool:
    """Whether something with this probability happens."""
    return chance.random() < share


def hours(chance: Random, least: float, most: float) -> timedelta:
    """Some hours, in whole minutes."""
    return timedelta(minutes=round(chance.uniform(least, most) * 60))


def days(chance: Random, least: float, most: float) -> timedelta:
    """Some days, in whole minutes."""
    return hours(chance, least * 24, most * 24)
