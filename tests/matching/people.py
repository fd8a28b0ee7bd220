"""A mentee and a mentor whom no rule keeps apart, to be changed by each test."""

from __future__ import annotations

from typing import Any

from services.matching.model import Cycle, Mentor, Open, Person
from services.matching.pool import Guide, Seeker, guide, seeker
from shared.events.outside import Available, Opened, Preferred
from shared.world import World
from tests.matching.history import PROGRAM, START, always, offered, opened, requested

EVERY_RULE = ("language", "time", "format", "team", "reporting_line", "seniority")


def rules(**given: Any) -> Opened:
    return opened(**{"hard": EVERY_RULE, **given})


def ann(
    *,
    time: Available | None = always(),  # noqa: B008 - immutable
    likes: Preferred | None = None,
    mentors: tuple[str, ...] = (),
    never: tuple[str, ...] = (),
    mentee: str = "ann",
    **wishes: Any,
) -> Seeker:
    """Ann's open request."""
    person = Person(PROGRAM, mentee, time=time, likes=likes, mentors=mentors, never=never)
    asked = requested(mentee, **wishes)
    cycle = Cycle(
        program=PROGRAM,
        cycle="c1",
        mentee=mentee,
        request="q1",
        seat=1,
        place=0,
        since=START,
        expires_at=START,
        wishes=asked,
        state=Open(),
    )
    found = seeker(_world(person), cycle)
    assert found is not None
    return found


def mia(
    *,
    time: Available | None = always(),  # noqa: B008 - immutable
    likes: Preferred | None = None,
    mentors: tuple[str, ...] = (),
    mentor: str = "mia",
    load: int = 0,
    left: bool = False,
    paused: bool = False,
    **offer: Any,
) -> Guide:
    """Mia's offer."""
    person = Person(PROGRAM, mentor, time=time, likes=likes, mentors=mentors)
    until = START if paused else None
    row = Mentor(PROGRAM, mentor, offered(**offer), load=load, left=left, paused_until=until)
    return guide(_world(person), row.offering())


def _world(person: Person) -> World:
    world = World()
    world.now = START
    world.apply([person])
    return world
