"""What is stated about people: offers, time, preferences, departure."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from shared.events.base import EventData, Value
from shared.events.errors import broken
from shared.events.types import (
    Capacity,
    Code,
    Day,
    Flag,
    Format,
    Industry,
    Instant,
    Language,
    Length,
    LocalTime,
    OccupationId,
    Region,
    Seniority,
    Side,
    SkillId,
    Token,
    Weekday,
    Zone,
)


class OfferedSkill(Value):
    """A skill that a mentor can teach."""

    id: SkillId = Field(description="The skill, in the vocabulary named beside it.")
    level: Seniority | None = Field(default=None, description="Mastery, 0 to 10.")


class HeldOccupation(Value):
    """An occupation that a mentor has or had; two in a row are a transition made."""

    id: OccupationId = Field(description="The occupation, in the vocabulary named beside it.")
    since: Day | None = Field(
        default=None,
        validation_alias="from",
        serialization_alias="from",
        description="First day in it.",
    )
    to: Day | None = Field(default=None, description="Last day in it; absent: until now.")


class WeeklyWindow(Value):
    """A window that recurs weekly, as RFC 7953 has it: it keeps its local time across clock changes."""

    byday: tuple[Weekday, ...] = Field(
        min_length=1, max_length=7, description="Days on which it starts."
    )
    start: LocalTime = Field(description="Local time of day at which it starts.")
    duration: Length = Field(description="How long it lasts: a minute to 24 hours.")


class TimeException(Value):
    """An exception from the weekly windows."""

    start: Instant = Field(description="Its beginning, included.")
    end: Instant = Field(description="Its end, excluded; after `start`.")
    kind: Literal["away", "extra", "busy"] = Field(
        description="Absent, also available, or taken by something else."
    )

    @field_validator("end")
    @classmethod
    def _has_length(cls, value: datetime, info: ValidationInfo) -> datetime:
        if "start" in info.data and value <= info.data["start"]:
            raise broken("must be after start")
        return value


class Offered(EventData):
    """A mentor offers to mentor; replaces the mentor's whole earlier offer."""

    WORD = "offered"
    KEY = "mentor"
    OWNER = "outside"

    capacity: Capacity = Field(description="Most open pairs at a time; 0 takes none.")
    accepts_new: Flag = Field(
        default=True, description="False: keep the open pairs, take no new one."
    )
    paused_until: Instant | None = Field(default=None, description="No new pair before.")
    skills: tuple[OfferedSkill, ...] = Field(
        default=(), max_length=256, description="Skills that can be taught."
    )
    occupations: tuple[HeldOccupation, ...] = Field(
        default=(), max_length=64, description="Occupations held, by time."
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
    team: Token = Field(description="The team, as an opaque id.")
    manager: Token | None = Field(default=None, description="The person reported to.")
    vocabulary: Code | None = Field(
        default=None,
        description="Vocabulary and version of skills and occupations, such as esco-1.2.0; absent: labels.",
    )


class Available(EventData):
    """When a person can meet; replaces the whole earlier statement and is the only truth about the person's time."""

    WORD = "available"
    KEY = "person"
    OWNER = "outside"

    zone: Zone = Field(description="Zone of the weekly windows.")
    region: Region | None = Field(
        default=None, description="Where the person's public holidays are those of."
    )
    weekly: tuple[WeeklyWindow, ...] = Field(
        default=(), max_length=64, description="Windows that recur weekly."
    )
    exceptions: tuple[TimeException, ...] = Field(
        default=(), max_length=512, description="What differs from them."
    )


class Preferred(EventData):
    """What a person prefers; read by matching alone, never shown, never part of an explanation."""

    WORD = "preferred"
    KEY = "person"
    OWNER = "outside"

    prefer: tuple[Token, ...] = Field(
        default=(),
        max_length=64,
        description="Persons wished for; counts when pairs compete in a round, by the weight of `wishes`, and changes no score.",
    )
    avoid: tuple[Token, ...] = Field(
        default=(), max_length=256, description="Persons never to be paired with."
    )
    wishes: tuple[Code, ...] = Field(
        default=(),
        max_length=32,
        description="Background wishes, from the program's closed vocabulary.",
    )


class Left(EventData):
    """A person leaves the program, in some or all roles."""

    WORD = "left"
    KEY = "person"
    OWNER = "outside"

    roles: tuple[Side, ...] = Field(min_length=1, max_length=2, description="The roles given up.")
    effective_at: Instant = Field(description="When; a timer is set for it when it lies ahead.")


class Erased(EventData):
    """A person's data is to be erased: the person's key is deleted; `left` precedes it."""

    WORD = "erased"
    KEY = "person"
    OWNER = "outside"
    KEY_FIELD = "person"

    person: Token = Field(description="The person; the same as the key.")
    effective_at: Instant = Field(description="When the erasure was asked for.")


class Volunteered(EventData):
    """A person is willing, or no longer, to mentor others; read by feedback alone."""

    WORD = "volunteered"
    KEY = "person"
    OWNER = "outside"

    willing: Flag = Field(description="Whether the person is willing from now on.")


class Revoked(EventData):
    """The address of a person's calendar feed is withdrawn; the next one differs."""

    WORD = "revoked"
    KEY = "person"
    OWNER = "outside"

    what: Literal["calendar"] = Field(default="calendar", description="What is withdrawn.")
