"""What matching knows: programs, their queues, mentors, persons and cycles.

`load`, `free`, `status`, `live` and `mentor` repeat what a state or an offer implies, so that a round finds
its rows by an index. They are set in one place each: `Mentor.loaded`, `Mentor.offering`, `Cycle.become`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Literal

from shared.events.matching import Reason, RunnerUp
from shared.events.outside import Available, Offered, Opened, Preferred, Requested
from shared.events.types import Code, Part, Side
from shared.frozen import replace
from shared.world import Row

Outcome = Literal["unmatched", "concluded"]
SIDES: tuple[Side, ...] = ("mentee", "mentor")


@dataclass(frozen=True, slots=True)
class Program(Row):
    """A program: the rules in force, those that come later, and whether it has ended."""

    KEY: ClassVar[tuple[str, ...]] = ("program",)
    ABOUT: ClassVar[str] = "program"

    program: str
    rules: Opened | None = None
    coming: Opened | None = None
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Queue(Row):
    """A program's queue: how many requests have come, and when its next round is."""

    KEY: ClassVar[tuple[str, ...]] = ("program",)
    ABOUT: ClassVar[str] = "program"

    program: str
    arrivals: int = 0
    next_round: datetime | None = None


@dataclass(frozen=True, slots=True)
class Mentor(Row):
    """A mentor: the offer, how many pairs and held proposals it carries, whether it can carry one more.

    `ratings_sum` and `ratings_count`: what past mentees said, one opinion a cycle, in millionths (see ratings.py);
    `fresh_sum` and `fresh_count`: what they said since, too few yet to count without telling what one of them said.
    """

    KEY: ClassVar[tuple[str, ...]] = ("program", "mentor")
    ABOUT: ClassVar[str] = "mentor"

    program: str
    mentor: str
    offer: Offered
    load: int = 0
    paused_until: datetime | None = None
    left: bool = False
    free: bool = False
    ratings_sum: int = 0
    ratings_count: int = 0
    fresh_sum: int = 0
    fresh_count: int = 0

    def loaded(self, by: int) -> Mentor:
        """With so many pairs more (or less)."""
        return replace(self, load=max(0, self.load + by)).offering()

    def offering(self) -> Mentor:
        """With `free` as the other fields have it; the program's own limit is asked for in a round."""
        takes = self.offer.accepts_new and not self.left and self.paused_until is None
        free = takes and self.load < self.offer.capacity
        return replace(self, free=free) if free != self.free else self

    def room(self, rules: Opened) -> int:
        """How many pairs more it can take under these rules."""
        return max(0, min(self.offer.capacity, rules.capacity) - self.load) if self.free else 0


@dataclass(frozen=True, slots=True)
class Leaving:
    """A role that a person gives up at an instant that lies ahead."""

    role: Side
    at: datetime


@dataclass(frozen=True, slots=True)
class Person(Row):
    """A person: time, preferences, departure; `mentors` are the present ones, `never` those ruled out.

    Somebody is ruled out by a decline, an expired proposal or an ended pair, as the mentor of this person.
    """

    KEY: ClassVar[tuple[str, ...]] = ("program", "person")
    ABOUT: ClassVar[str] = "person"

    program: str
    person: str
    time: Available | None = None
    likes: Preferred | None = None
    mentors: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    left: tuple[Side, ...] = ()
    leaving: tuple[Leaving, ...] = ()
    erased: bool = False

    def mentored_by(self, mentor: str) -> Person:
        """With one mentor more."""
        return replace(self, mentors=tuple(sorted({*self.mentors, mentor})))

    def leaves(self, roles: tuple[Side, ...], at: datetime) -> Person:
        """Gives up these roles at this instant, unless given up before."""
        ahead = {known.role: known for known in self.leaving}
        ahead |= {role: Leaving(role, at) for role in roles if role not in self.left}
        return replace(self, leaving=tuple(ahead[role] for role in sorted(ahead)))

    def away(self, roles: tuple[Side, ...]) -> Person:
        """Has given up these roles."""
        left = tuple(role for role in SIDES if role in {*self.left, *roles})
        leaving = tuple(known for known in self.leaving if known.role not in left)
        return replace(self, left=left, leaving=leaving)

    def without(self, mentor: str, *, for_good: bool) -> Person:
        """Without this mentor, and for good when ruled out."""
        never = {*self.never, mentor} if for_good else self.never
        mentors = tuple(other for other in self.mentors if other != mentor)
        return replace(self, mentors=mentors, never=tuple(sorted(never)))


@dataclass(frozen=True, slots=True)
class Offer:
    """A proposal that stands: what it says, who is asked, who has accepted, when it lapses."""

    proposal: str
    mentor: str
    score: float
    parts: dict[Part, float]
    reasons: tuple[Reason, ...]
    round: str
    asked: tuple[str, ...]
    accepted: tuple[str, ...]
    expires_at: datetime
    runners_up: tuple[RunnerUp, ...] = ()
    excluded: Mapping[Code, int] = field(default_factory=dict)

    @property
    def agreed(self) -> bool:
        """Whether everybody who is asked has accepted."""
        return set(self.asked) <= set(self.accepted)


@dataclass(frozen=True, slots=True)
class Open:
    """Waits for a mentor. `lapsing` is the offer that ended last, with those who have to be told."""

    kind: Literal["open"] = "open"
    lapsing: Offer | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A proposal stands; it holds a place of the mentor."""

    offer: Offer
    kind: Literal["held"] = "held"


@dataclass(frozen=True, slots=True)
class Paired:
    """Has a mentor."""

    mentor: str
    kind: Literal["paired"] = "paired"


@dataclass(frozen=True, slots=True)
class Ending:
    """Withdrawn, or its mentee has left: not to be paired, and over when feedback says so."""

    kind: Literal["ending"] = "ending"
    lapsing: Offer | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """Over. `lapsing` as in `Open`; `successor` is the cycle that takes the wishes over, until it has."""

    outcome: Outcome
    kind: Literal["ended"] = "ended"
    lapsing: Offer | None = None
    successor: str | None = None


State = Open | Held | Paired | Ending | Ended


@dataclass(frozen=True, slots=True)
class Cycle(Row):
    """A cycle: one seat of a request, from `requested` on. Ended, it stays as a small tombstone.

    `place` is its place in the queue, in the order of the log; `since` the instant of the first `requested`.
    `reviews`: how the mentee rated the mentor in each reviewed meeting, in millionths, until the cycle is over.
    """

    KEY: ClassVar[tuple[str, ...]] = ("program", "cycle")
    ABOUT: ClassVar[str] = "cycle"

    program: str
    cycle: str
    mentee: str
    request: str
    seat: int
    place: int
    since: datetime
    expires_at: datetime
    wishes: Requested | None
    state: State
    attempts: int = 0
    status: str = "open"
    live: bool = True
    mentor: str | None = None
    reviews: Mapping[str, int] = field(default_factory=dict)

    def become(self, state: State) -> Cycle:
        """In this state; a tombstone drops the wishes unless a successor still has to take them over."""
        over = isinstance(state, Ended)
        keep = not over or (isinstance(state, Ended) and state.successor is not None)
        return replace(
            self,
            state=state,
            status=state.kind,
            live=not over,
            mentor=_mentor_of(state, self.mentor),
            wishes=self.wishes if keep else None,
            reviews={} if over else self.reviews,
        )


def _mentor_of(state: State, last: str | None) -> str | None:
    match state:
        case Held(offer=offer):
            return offer.mentor
        case Paired(mentor=mentor):
            return mentor
        case Ended():
            return last
    return None
