"""What scheduling knows: rules by version, persons' time, cycles, and meetings with their evidence.

What a row can be is a state with its own fields, not one class of fields that may be empty. `status` repeats
the state's tag in a column of its own where rows are looked for by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar, Literal

from shared.events.people import TimeException, WeeklyWindow
from shared.events.scheduling import Source
from shared.events.types import FIRST, Duration, Format, MeetingType, Readiness, Side
from shared.world import Row

EvidenceRule = Literal["system", "both", "one"]
SIDES: tuple[Side, ...] = ("mentee", "mentor")


# -- program ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rules(Row):
    """A version of a program's rules, as one `opened` stated it.

    `place` numbers statements of the same version: the earliest that was not rejected holds.
    `effective_at`: from when new cycles follow it. Lengths in whole minutes are exact; durations count days on the clock of `zone`.
    """

    KEY: ClassVar[tuple[str, ...]] = ("program", "version", "place")
    ABOUT: ClassVar[str] = "program"

    program: str
    version: str
    place: int
    event: str
    zone: str
    starts_on: date
    ends_on: date
    holidays: tuple[str, ...]
    evidence: EvidenceRule
    overlap_min: int
    dispute: Duration
    notice: Duration
    buffer: int
    weekly_max: int
    reminders: tuple[Duration, ...]
    effective_at: datetime = FIRST


# -- person -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Leaving:
    """Gives a role up at an instant that lies ahead."""

    side: Side
    at: datetime


@dataclass(frozen=True, slots=True)
class Round:
    """A person's cycles are being looked through, a part at each timer; those up to `after` are done.

    `freed`: only those with a gap that a meeting which went may have left room for.
    """

    at: datetime
    after: str
    freed: bool = False


@dataclass(frozen=True, slots=True)
class Person(Row):
    """A person's time: the last `available`. `stated` is false for one who has only left so far.

    `left`: roles given up, their open cycles being ended. `feed` counts how often the address of the person's calendar
    was withdrawn.
    """

    KEY: ClassVar[tuple[str, ...]] = ("program", "person")
    ABOUT: ClassVar[str] = "person"

    program: str
    person: str
    stated: bool = False
    zone: str = "UTC"
    region: str | None = None
    weekly: tuple[WeeklyWindow, ...] = ()
    exceptions: tuple[TimeException, ...] = ()
    leaving: tuple[Leaving, ...] = ()
    left: tuple[Side, ...] = ()
    round: Round | None = None
    feed: int = 0


# -- cycle --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Terms:
    """What a pair plans: how many meetings, how often (RRULE), how many minutes long, and how they meet."""

    planned_meetings: int
    cadence: str
    length: int
    format: Format


@dataclass(frozen=True, slots=True)
class Statement:
    """Terms as one side stated them; `digest` covers the whole statement, goals and topics included."""

    by: str
    digest: str
    terms: Terms


@dataclass(frozen=True, slots=True)
class Gap:
    """A planned number without a meeting, and the constraint that stood in its way up to `until`."""

    number: int
    constraint: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Running:
    """The pair meets.

    The cadence is counted from `anchor`, where number `first` falls; `anchored_by` is the event that put it
    there. At `replan_at` (a timer) the plan is looked at again; `looked_at` is the instant of the timer that came last.
    `skills`: what the pair is to work on, best first.
    """

    terms: Terms
    anchor: datetime
    first: int
    anchored_by: str
    focus: tuple[Readiness, ...] = ()
    skills: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = ()
    gaps: tuple[Gap, ...] = ()
    replan_at: datetime | None = None
    looked_at: datetime | None = None
    kind: Literal["running"] = "running"


@dataclass(frozen=True, slots=True)
class Ended:
    """A tombstone: what comes late is passed over. At `sweep_at` (a timer) open meetings are cancelled."""

    sweep_at: datetime | None = None
    kind: Literal["ended"] = "ended"


@dataclass(frozen=True, slots=True)
class Cycle(Row):
    """A mentee and a mentor who meet; `mentor` is empty in the tombstone of a cycle that never paired."""

    KEY: ClassVar[tuple[str, ...]] = ("program", "cycle")
    ABOUT: ClassVar[str] = "cycle"

    program: str
    cycle: str
    mentee: str
    mentor: str
    rules: str
    status: Literal["running", "ended"]
    state: Running | Ended

    def pair(self) -> tuple[str, str]:
        """The two persons, the mentee first."""
        return self.mentee, self.mentor


# -- meeting ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody says that a person was there. Without `left_at` the end is not known."""

    person: str
    source: Source
    joined_at: datetime
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class Proof:
    """What proves the meeting, bound when it was scheduled: the rule, the common minutes, the dispute time.

    The dispute time counts days on the clock of `zone`.
    """

    rule: EvidenceRule
    overlap_min: int
    dispute: Duration
    zone: str


@dataclass(frozen=True, slots=True)
class Reminder:
    """When to remind of the meeting, and how long before its start that is."""

    at: datetime
    lead: Duration


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Stands in both calendars. The verdict falls at `verdict_at` at the latest.

    Timers up to `rung` have passed. `pinned`: one side has asked for this very time.
    """

    verdict_at: datetime
    rung: datetime
    reminders: tuple[Reminder, ...] = ()
    pinned: bool = False
    kind: Literal["confirmed"] = "confirmed"


@dataclass(frozen=True, slots=True)
class Dropped:
    """Cancelled; `cause` as `scheduled` gave it."""

    cause: str
    kind: Literal["cancelled"] = "cancelled"


@dataclass(frozen=True, slots=True)
class Held:
    """Both were there, for so many minutes."""

    overlap: int
    kind: Literal["met"] = "met"


@dataclass(frozen=True, slots=True)
class NotHeld:
    """Missed, as event `said` says; evidence may correct it until `final` (the timer at `final_at` has come)."""

    said: str
    reason: Literal["absent", "too_short", "no_evidence"]
    final_at: datetime
    final: bool = False
    kind: Literal["missed"] = "missed"


@dataclass(frozen=True, slots=True)
class Unplanned:
    """Known from evidence alone, which does not prove it yet."""

    kind: Literal["unplanned"] = "unplanned"


@dataclass(frozen=True, slots=True)
class Revision:
    """How a meeting came to stand as it does: what one `scheduled` said, at instant `at`.

    `by` asked for it, with the code `reason`; nobody did when it followed from something else.
    """

    sequence: int
    at: datetime
    starts_at: datetime
    cause: str
    by: str | None
    reason: str | None


HISTORY = 20
"""Revisions that a meeting keeps, the latest."""


MeetingState = Confirmed | Dropped | Held | NotHeld | Unplanned


@dataclass(frozen=True, slots=True)
class Meeting(Row):
    """A meeting of a cycle. `number` counts within the plan from 1; an unplanned one has 0.

    `outside_mentee`, `outside_mentor`: minutes of it that lie outside fair hours on that side's own clock, as they
    were when it was scheduled; None when that was not said. `history` begins with the oldest.
    """

    KEY: ClassVar[tuple[str, ...]] = ("program", "cycle", "meeting")
    ABOUT: ClassVar[str] = "cycle"

    program: str
    cycle: str
    meeting: str
    mentee: str
    mentor: str
    number: int
    type: MeetingType
    format: Format
    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    zone: str
    replaces: str | None
    status: Literal["confirmed", "cancelled", "met", "missed", "unplanned"]
    state: MeetingState
    proof: Proof
    evidence: tuple[Presence, ...] = ()
    skills: tuple[str, ...] = ()
    outside_mentee: int | None = None
    outside_mentor: int | None = None
    history: tuple[Revision, ...] = ()

    @property
    def planned(self) -> bool:
        """Whether it is part of the plan."""
        return self.number > 0

    @property
    def length(self) -> timedelta:
        """How long it is to last."""
        return self.ends_at - self.starts_at


@dataclass(frozen=True, slots=True)
class Booking(Row):
    """Time of one person that a standing or held meeting takes: no two of a person overlap.

    It follows from the meeting's row, which has one for each of the two. What stands here is looked for by person and
    guarded by the database.
    """

    KEY: ClassVar[tuple[str, ...]] = (
        "program",
        "person",
        "starts_at",
        "ends_at",
        "cycle",
        "meeting",
    )
    ABOUT: ClassVar[str] = "cycle"
    BLIND: ClassVar[bool] = True

    program: str
    person: str
    starts_at: datetime
    ends_at: datetime
    cycle: str
    meeting: str
