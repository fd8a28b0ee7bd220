"""A mentee and a mentor whom no rule keeps apart, to be changed by each test."""

from __future__ import annotations

from typing import Any

from services.matching.model import Cycle, Mentor, Open, Person
from services.matching.pool import Pool, assemble
from services.matching.record import Ratings
from shared.events.outside import Available, Opened, Preferred
from tests.matching.history import PROGRAM, START, always, offered, opened, requested

Asking = tuple[Cycle, Person]
Able = tuple[Mentor, Person]

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
    place: int = 0,
    **wishes: Any,
) -> Asking:
    """Ann's open request."""
    person = Person(PROGRAM, mentee, time=time, likes=likes, mentors=mentors, never=never)
    asked = requested(mentee, **wishes)
    cycle = Cycle(
        program=PROGRAM,
        cycle=f"c{place + 1}",
        mentee=mentee,
        request="q1",
        seat=1,
        place=place,
        since=START,
        expires_at=START,
        wishes=asked,
        state=Open(),
    )
    return cycle, person


def mia(
    *,
    time: Available | None = always(),  # noqa: B008 - immutable
    likes: Preferred | None = None,
    mentors: tuple[str, ...] = (),
    mentor: str = "mia",
    load: int = 0,
    left: bool = False,
    paused: bool = False,
    ratings: tuple[int, int] = (0, 0),
    **offer: Any,
) -> Able:
    """Mia's offer."""
    person = Person(PROGRAM, mentor, time=time, likes=likes, mentors=mentors)
    until = START if paused else None
    row = Mentor(
        program=PROGRAM,
        mentor=mentor,
        offer=offered(**offer),
        load=load,
        left=left,
        paused_until=until,
        ratings_sum=ratings[0],
        ratings_count=ratings[1],
    )
    return row.offering(), person


def of(*rows: Asking | Able, ratings: Ratings | None = None, **given: Any) -> Pool:
    """A pool of these requests and mentors under every rule, unless other rules are given."""
    asking = [row for row in rows if isinstance(row[0], Cycle)]
    able = [row for row in rows if isinstance(row[0], Mentor)]
    return assemble(rules(**given), START.year, asking, able, ratings)
