"""What other systems, and the services' own APIs, state about requests, pairs and meetings."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from shared.events.base import EventData, Value
from shared.events.errors import broken
from shared.events.people import Available, Erased, Left, Offered, Preferred
from shared.events.program import Opened
from shared.events.types import (
    Amount,
    Code,
    Count,
    Day,
    Flag,
    Format,
    HardRule,
    Industry,
    Instant,
    Language,
    Length,
    Meetings,
    OccupationId,
    Ordinal,
    Readiness,
    Role,
    Rrule,
    Sealed,
    Seniority,
    Side,
    SkillId,
    Token,
)

__all__ = ["Available", "Erased", "Left", "Offered", "Opened", "Preferred"]


class Goal(Value):
    """What a mentee wants to reach, as asked for."""

    id: Token = Field(description="The goal's id within the cycle.")
    kind: Code = Field(
        description="short_term, long_term, milestone, or a kind of the program's own."
    )
    skill: SkillId | None = Field(default=None, description="The skill that it is about.")
    target_on: Day | None = Field(default=None, description="The day by which to reach it.")


class AgreedGoal(Value):
    """What both sides agreed to reach, with its measure."""

    id: Token = Field(description="The goal's id within the cycle.")
    kind: Code = Field(
        description="short_term, long_term, milestone, or a kind of the program's own."
    )
    skill: SkillId | None = Field(default=None, description="The skill that it is about.")
    baseline: Amount = Field(description="The value at the start.")
    target: Amount = Field(
        description="The value at which the goal is reached; may lie below the baseline."
    )
    unit: Code = Field(description="The unit of both values.")
    target_on: Day = Field(description="The day by which to reach it.")


class Requested(EventData):
    """A mentee asks for a mentor: a cycle begins. Before `paired` a second one edits the wishes and keeps the place."""

    WORD = "requested"
    KEY = "cycle"
    OWNER = "outside"

    mentee: Token = Field(description="The person who asks.")
    request: Token = Field(
        description="Groups the cycles of one request: one for each mentor wished for."
    )
    seat: Ordinal = Field(default=1, description="Number of this cycle within the request.")
    continues: Token | None = Field(
        default=None, description="The ended cycle whose place in the queue this one keeps."
    )
    wanted_skills: tuple[SkillId, ...] = Field(
        default=(), max_length=256, description="Skills to learn."
    )
    held_skills: tuple[SkillId, ...] = Field(
        default=(), max_length=256, description="Skills held already."
    )
    occupation: OccupationId | None = Field(default=None, description="The present occupation.")
    target_occupation: OccupationId | None = Field(
        default=None, description="The occupation aspired to."
    )
    industry: Industry = Field(description="ISIC Rev. 4 section or code.")
    seniority: Seniority = Field(
        description="Level, 0 (first job) to 10 (head of a large organisation)."
    )
    languages: tuple[Language, ...] = Field(
        min_length=1, max_length=32, description="BCP 47, preferred first."
    )
    formats: tuple[Format, ...] = Field(
        default=("video",), min_length=1, max_length=4, description="Ways to meet."
    )
    cadence: Rrule | None = Field(
        default=None, description="Wished recurrence of meetings; the program's when absent."
    )
    readiness: tuple[Readiness, ...] = Field(
        default=(), max_length=6, description="What moves the mentee to ask."
    )
    goals: tuple[Goal, ...] = Field(
        default=(), max_length=32, description="What the mentee wants to reach."
    )
    team: Token = Field(description="The team, as an opaque id.")
    manager: Token | None = Field(default=None, description="The person reported to.")
    vocabulary: Code | None = Field(
        default=None,
        description="Vocabulary and version of skills and occupations, such as esco-1.2.0; absent: labels.",
    )


class Accepted(EventData):
    """A side accepts a proposal."""

    WORD = "accepted"
    KEY = "cycle"
    OWNER = "outside"

    proposal: Token = Field(description="The proposal.")
    by: Token = Field(description="The person who was asked.")
    reason: Code | None = Field(default=None, description="A code.")


class Declined(EventData):
    """A side declines a proposal; the request goes back to the pool with its place."""

    WORD = "declined"
    KEY = "cycle"
    OWNER = "outside"

    proposal: Token = Field(description="The proposal.")
    by: Token = Field(description="The person who was asked.")
    reason: Code | None = Field(default=None, description="A code; never shown to the other side.")


class Assigned(EventData):
    """A coordinator assigns a mentor."""

    WORD = "assigned"
    KEY = "cycle"
    OWNER = "outside"

    mentor: Token = Field(description="The mentor.")
    by: Token = Field(description="The coordinator.")
    overrides: tuple[HardRule, ...] = Field(
        default=(), max_length=6, description="Hard rules knowingly set aside."
    )


class Withdrawn(EventData):
    """A request, or a pair, is ended by somebody."""

    WORD = "withdrawn"
    KEY = "cycle"
    OWNER = "outside"

    by: Token = Field(description="The person who ends it.")
    role: Role = Field(description="The role in which.")
    rematch: Flag = Field(
        default=False, description="Ask for a successor cycle that keeps the place in the queue."
    )
    reason: Code | None = Field(default=None, description="A code; never a reason for leaving.")


class Agreed(EventData):
    """A side states the terms of the pair; in force when both have stated the same `terms`."""

    WORD = "agreed"
    KEY = "cycle"
    OWNER = "outside"

    terms: Token = Field(description="Version of the terms.")
    by: Token = Field(description="The person who states them.")
    planned_meetings: Meetings = Field(description="Meetings planned.")
    cadence: Rrule = Field(description="RFC 5545 recurrence of the meetings.")
    length: Length = Field(description="Length of a meeting.")
    format: Format = Field(description="Way to meet.")
    language: Language = Field(description="Language of the meetings, BCP 47.")
    topics: tuple[Code, ...] = Field(
        default=(), max_length=32, description="What to talk about, as codes."
    )
    goals: tuple[AgreedGoal, ...] = Field(default=(), max_length=32, description="What to reach.")
    confidentiality: Code = Field(
        default="standard", description="The agreed level of confidentiality."
    )


class Moved(EventData):
    """A side asks to move a meeting; the answer is `scheduled`."""

    WORD = "moved"
    KEY = "cycle"
    OWNER = "outside"

    meeting: Token = Field(description="The meeting.")
    sequence: Count = Field(description="The sequence of `scheduled` as the asker saw it.")
    by: Token = Field(description="The person who asks.")
    starts_at: Instant | None = Field(
        default=None, description="The wished start; absent: the next free slot."
    )
    reason: Code | None = Field(default=None, description="A code.")


class Cancelled(EventData):
    """A side asks to cancel a meeting; the answer is `scheduled` with status CANCELLED."""

    WORD = "cancelled"
    KEY = "cycle"
    OWNER = "outside"

    meeting: Token = Field(description="The meeting.")
    sequence: Count = Field(description="The sequence of `scheduled` as the asker saw it.")
    by: Token = Field(description="The person who asks.")
    reason: Code | None = Field(default=None, description="A code.")


class Attended(EventData):
    """Evidence that a person was present; an unknown meeting is an unplanned one."""

    WORD = "attended"
    KEY = "cycle"
    OWNER = "outside"

    meeting: Token = Field(description="The meeting.")
    person: Token = Field(description="Who was present.")
    joined_at: Instant = Field(description="When the person joined.")
    left_at: Instant | None = Field(
        default=None, description="When the person left; never before `joined_at`."
    )
    source: Literal["conference", "self", "other_side", "coordinator"] = Field(
        description="Who says so."
    )

    @field_validator("left_at")
    @classmethod
    def _not_before_joining(cls, value: datetime | None, info: ValidationInfo) -> datetime | None:
        if value is not None and "joined_at" in info.data and value < info.data["joined_at"]:
            raise broken("must not be before joined_at")
        return value


class Submitted(EventData):
    """A side's review of a meeting, sealed until `reviewed`; feedback's API seals and publishes it."""

    WORD = "submitted"
    KEY = "cycle"
    OWNER = "outside"

    meeting: Token = Field(
        description="The meeting, or `closing` for the review of the whole cycle."
    )
    side: Side = Field(description="Who reviews.")
    form: Token = Field(description="The form that was filled in.")
    sealed: Sealed = Field(description="Ratings and text, encrypted.")


class Progressed(EventData):
    """A goal's value was measured."""

    WORD = "progressed"
    KEY = "cycle"
    OWNER = "outside"

    goal: Token = Field(description="The goal.")
    value: Amount = Field(description="The value now, absolute.")
    unit: Code = Field(description="Its unit.")
    as_of: Instant = Field(description="When it was measured.")
    by: Token = Field(description="The person who states it.")


class Noted(EventData):
    """Something worth keeping happened in the pair; feedback's API seals and publishes it."""

    WORD = "noted"
    KEY = "cycle"
    OWNER = "outside"

    note: Token = Field(description="The note's id.")
    kind: Literal["introduction", "resource", "win", "setback", "action_item", "gratitude"] = Field(
        description="What kind of note."
    )
    by: Token = Field(description="The author.")
    about: Token | None = Field(default=None, description="The person that it is about.")
    sealed: Sealed = Field(description="The words, encrypted.")
