"""What matching keeps beside the pool: what rounds came to and have yet to say, and what mentees said of their mentors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from shared.events.types import Policy
from shared.world import Row


@dataclass(frozen=True, slots=True)
class Ratings(Row):
    """What the mentees of a program said of their mentors, all together: opinions as in `Mentor`."""

    KEY: ClassVar[tuple[str, ...]] = ("program",)
    ABOUT: ClassVar[str] = "program"

    program: str
    ratings_sum: int = 0
    ratings_count: int = 0
    fresh_sum: int = 0
    fresh_count: int = 0


@dataclass(frozen=True, slots=True)
class Round(Row):
    """What a round came to.

    `matched` are the pairs of its choice, `said` those of them that have been paired or proposed so far: later steps
    of a large round add theirs. When nothing is left of its plan, the others were possible no longer.
    `pool`: a round over the whole pool, as `tallied` says it; `round` is its event's id. `day`: what a program
    that pairs at once has paired and proposed on one day, in UTC; `round` is that day, `waiting`, `mentors`,
    `places` and what follows from the whole pool are unknown. `total` is in millionths of a score.
    """

    KEY: ClassVar[tuple[str, ...]] = ("program", "round")
    ABOUT: ClassVar[str] = "program"

    program: str
    round: str
    kind: Literal["pool", "day"]
    at: datetime
    rules: str
    policy: Policy
    matched: int = 0
    said: int = 0
    total: int = 0
    worst: float | None = None
    waiting: int | None = None
    mentors: int | None = None
    places: int | None = None
    unmatched: int | None = None
    blocking: int | None = None
    reached: float | None = None
    least: float | None = None
    median: float | None = None
    most: float | None = None
    milliseconds: float | None = None


@dataclass(frozen=True, slots=True)
class Plan(Row):
    """What a round has chosen and not yet said, of which there is one a program: see `Part`.

    `part` is the one that is being said, 0 before the first; `parts` how many there are; `again` when the next is due.
    """

    KEY: ClassVar[tuple[str, ...]] = ("program",)
    ABOUT: ClassVar[str] = "program"

    program: str
    round: str
    again: datetime
    part: int = 0
    parts: int = 0


@dataclass(frozen=True, slots=True)
class Part(Row):
    """Pairs of a plan that one step says, as cycle and mentor, in the order of the queue."""

    KEY: ClassVar[tuple[str, ...]] = ("program", "round", "part")
    ABOUT: ClassVar[str] = "program"

    program: str
    round: str
    part: int
    pairs: tuple[tuple[str, str], ...]
