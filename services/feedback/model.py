"""What feedback knows: rules by version, persons, cycles, goals, meetings, reviews and notes.

What a row can be is a state with its own fields, not one class of fields that may be empty. `status` repeats
the state's tag in a column of its own where rows are looked for by it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar, Literal

from services.feedback.course import Flag, Opinion, Outcome, Summary, Total, Watch
from services.feedback.kept import Blind, Entry, ForReport, Goal, Measure, Note, Revealed, Review
from shared.events.rules import Form, Risk
from shared.events.types import Duration, Side
from shared.frozen import replace
from shared.world import Row

__all__ = [
    "Blind",
    "Entry",
    "Flag",
    "ForReport",
    "Goal",
    "Measure",
    "Note",
    "Opinion",
    "Outcome",
    "Revealed",
    "Review",
    "Side",
    "Summary",
    "Total",
    "Watch",
]

CLOSING = "closing"
"""What `submitted` names instead of a meeting when it reviews the whole cycle."""
SIDES: tuple[Side, ...] = ("mentee", "mentor")

STANDARD = "standard"
"""The level of confidentiality of pairs that have agreed on nothing."""


# -- program ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rules(Row):
    """A version of a program's rules, as one `opened` stated it.

    `place` numbers statements of the same version: the earliest that was not rejected holds.
    """

    KEY: ClassVar[tuple[str, ...]] = ("program", "version", "place")
    ABOUT: ClassVar[str] = "program"

    program: str
    version: str
    place: int
    event: str
    effective_at: datetime
    zone: str
    ends_on: date
    completes_at: float
    review_within: Duration
    rematch: bool
    risk: Risk
    pay_it_forward: bool
    forms: tuple[Form, ...]


# -- person -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Here:
    """Takes part in this role, or never did."""

    kind: Literal["here"] = "here"


@dataclass(frozen=True, slots=True)
class Leaving:
    """Gives the role up at an instant that lies ahead."""

    at: datetime
    kind: Literal["leaving"] = "leaving"


@dataclass(frozen=True, slots=True)
class Away:
    """Has given the role up."""

    kind: Literal["away"] = "away"


Standing = Here | Leaving | Away


@dataclass(frozen=True, slots=True)
class Person(Row):
    """Where a person stands in each role; only who leaves, is erased or volunteers to mentor has a row."""

    KEY: ClassVar[tuple[str, ...]] = ("program", "person")
    ABOUT: ClassVar[str] = "person"

    program: str
    person: str
    mentee: Standing = field(default_factory=Here)
    mentor: Standing = field(default_factory=Here)
    erased: bool = False
    willing: bool = False

    def standing(self, side: Side) -> Standing:
        """Where the person stands in this role."""
        return self.mentee if side == "mentee" else self.mentor

    def with_standing(self, side: Side, standing: Standing) -> Person:
        """The person, standing otherwise in this role."""
        if side == "mentee":
            return replace(self, mentee=standing)
        return replace(self, mentor=standing)


# -- cycle ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Claim:
    """A `requested` of an open cycle; the earliest that was not rejected says whose cycle it is."""

    event: str
    mentee: str


@dataclass(frozen=True, slots=True)
class Open:
    """Requested, not yet paired."""

    claims: tuple[Claim, ...]
    kind: Literal["open"] = "open"


@dataclass(frozen=True, slots=True)
class Paired:
    """A pair, with what binds it. `stated`: each side's latest terms, as a fingerprint.

    `over`: the program's last day has passed. `watch`: what the risk rules look at. `totals`: the ratings that
    each side has given.
    """

    zone: str
    planned: int
    completes_at: float
    review_within: Duration
    rematch: bool
    risk: Risk
    ends_at: datetime | None
    paired_at: datetime
    over: bool = False
    stated: Mapping[str, str] = field(default_factory=dict)
    first_met_at: datetime | None = None
    watch: Watch = field(default_factory=Watch)
    totals: Mapping[Side, Total] = field(default_factory=dict)
    kind: Literal["paired"] = "paired"


@dataclass(frozen=True, slots=True)
class Closing:
    """A concluded pair whose closing reviews are still taken."""

    outcome: Outcome
    until: datetime
    summary: Summary
    kind: Literal["closing"] = "closing"


@dataclass(frozen=True, slots=True)
class Ended:
    """The tombstone of a concluded cycle: whatever comes late is passed over. One never paired has no summary."""

    outcome: Outcome
    summary: Summary | None = None
    kind: Literal["ended"] = "ended"


@dataclass(frozen=True, slots=True)
class Cycle(Row):
    """One mentee and, once paired, one mentor.

    `confidentiality` is that of the terms in force, and `outcome` how the cycle ended, once it has.
    """

    KEY: ClassVar[tuple[str, ...]] = ("program", "cycle")
    ABOUT: ClassVar[str] = "cycle"

    program: str
    cycle: str
    status: str
    mentee: str
    mentor: str | None
    rules: str | None
    state: Open | Paired | Closing | Ended
    confidentiality: str = STANDARD
    outcome: Outcome | None = None

    def become(self, state: Open | Paired | Closing | Ended) -> Cycle:
        """The cycle in another state."""
        return replace(self, state=state, status=state.kind)

    def person(self, side: Side) -> str | None:
        """Who is on this side."""
        return self.mentee if side == "mentee" else self.mentor


# -- meeting ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Planned:
    """It is to be held, and has no verdict."""

    kind: Literal["planned"] = "planned"


@dataclass(frozen=True, slots=True)
class Cancelled:
    """It will not be held."""

    kind: Literal["cancelled"] = "cancelled"


@dataclass(frozen=True, slots=True)
class Held:
    """Both were there, for `overlap` minutes together."""

    overlap: int
    kind: Literal["held"] = "held"


@dataclass(frozen=True, slots=True)
class Missed:
    """It was not held, as far as is known before `final_at`."""

    final_at: datetime
    kind: Literal["missed"] = "missed"


@dataclass(frozen=True, slots=True)
class Lost:
    """It was not held; the verdict is final."""

    kind: Literal["lost"] = "lost"


@dataclass(frozen=True, slots=True)
class Meeting(Row):
    """A meeting of a pair. `number` is 0 when unplanned; `rules` binds its review forms."""

    KEY: ClassVar[tuple[str, ...]] = ("program", "cycle", "meeting")
    ABOUT: ClassVar[str] = "cycle"

    program: str
    cycle: str
    meeting: str
    number: int
    type: str
    rules: str
    starts_at: datetime
    state: Planned | Cancelled | Held | Missed | Lost


# -- names ------------------------------------------------------------------------------------------

_ROOM = 48
_NAMES = uuid.UUID("b54b0f0e-6f3c-5b0f-9c39-3f1f6e1f6a52")


def derived(*parts: str) -> str:
    """A token that follows from these parts and nothing else."""
    return uuid.uuid5(_NAMES, "/".join(parts)).hex


def timer_name(what: str, meeting: str) -> str:
    """The name of a meeting's timer: readable where the meeting's id leaves room for it."""
    return f"{what}-{meeting if len(meeting) <= _ROOM else derived(meeting)}"
