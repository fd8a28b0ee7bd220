"""What other systems, and the services' own APIs, state: about requests here, the rest beside it."""

from __future__ import annotations

from pydantic import Field

from shared.events.base import EventData, Value
from shared.events.pair import Agreed, Attended, Cancelled, Moved, Noted, Progressed, Submitted
from shared.events.people import (
    Available,
    Erased,
    Left,
    Offered,
    Preferred,
    Revoked,
    Volunteered,
)
from shared.events.program import Opened
from shared.events.types import (
    Code,
    Day,
    Flag,
    Format,
    HardRule,
    Industry,
    Language,
    OccupationId,
    Ordinal,
    Readiness,
    Role,
    Rrule,
    Seniority,
    SkillId,
    Token,
)

__all__ = [
    "Agreed",
    "Attended",
    "Available",
    "Cancelled",
    "Erased",
    "Left",
    "Moved",
    "Noted",
    "Offered",
    "Opened",
    "Preferred",
    "Progressed",
    "Revoked",
    "Submitted",
    "Volunteered",
]


class Goal(Value):
    """What a mentee wants to reach, as asked for."""

    id: Token = Field(description="The goal's id within the cycle.")
    kind: Code = Field(
        description="short_term, long_term, milestone, or a kind of the program's own."
    )
    skill: SkillId | None = Field(default=None, description="The skill that it is about.")
    target_on: Day | None = Field(default=None, description="The day by which to reach it.")


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
