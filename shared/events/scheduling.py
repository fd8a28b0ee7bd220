"""What scheduling says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from shared.events.base import PairData
from shared.events.errors import broken
from shared.events.types import (
    Code,
    Count,
    EventId,
    Flag,
    Format,
    Instant,
    Lasting,
    MeetingType,
    Ordinal,
    Side,
    SkillId,
    Span,
    Token,
    Uid,
    Zone,
)

Source = Literal["conference", "self", "other_side", "coordinator"]


class Scheduled(PairData):
    """A meeting stands as given; a higher `sequence` replaces it (RFC 5546)."""

    WORD = "scheduled"
    KEY = "cycle"
    OWNER = "scheduling"

    meeting: Token = Field(description="The meeting.")
    uid: Uid = Field(description="UID of the calendar event; it never changes.")
    sequence: Count = Field(description="SEQUENCE of the calendar event.")
    status: Literal["CONFIRMED", "CANCELLED"] = Field(description="STATUS of the calendar event.")
    starts_at: Instant = Field(description="Start.")
    ends_at: Instant = Field(description="End; after `starts_at`.")
    zone: Zone = Field(description="Zone in which to show it when the reader has none.")
    number: Count = Field(description="Number within the plan, from 1; 0 for an unplanned meeting.")
    type: MeetingType = Field(description="What the meeting is for.")
    format: Format = Field(description="Way to meet.")
    planned: Flag = Field(description="Part of the plan.")
    replaces: Token | None = Field(
        default=None, description="The missed or cancelled meeting that it makes up for."
    )
    cause: Code = Field(
        description="Why it was said, such as planned, moved, cancelled, replanned."
    )
    by: Token | None = Field(
        default=None, description="Who asked for the change; absent: nobody, it followed."
    )
    reason: Code | None = Field(default=None, description="The code that this person gave.")
    outside: Mapping[Side, Span] = Field(
        default_factory=dict,
        description="For each side, how much of it lies outside 08:00 to 18:00 on that side's own clock; empty: not said.",
    )
    skills: tuple[SkillId, ...] = Field(
        default=(), max_length=8, description="Skills that it is to work on."
    )

    @field_validator("ends_at")
    @classmethod
    def _has_length(cls, value: datetime, info: ValidationInfo) -> datetime:
        if "starts_at" in info.data and value <= info.data["starts_at"]:
            raise broken("must be after starts_at")
        return value


class Unplaced(PairData):
    """No slot was found for a planned meeting."""

    WORD = "unplaced"
    KEY = "cycle"
    OWNER = "scheduling"

    number: Ordinal = Field(description="Number within the plan.")
    constraint: Code = Field(
        description="What stood in the way, such as no_common_time or weekly_max."
    )
    until: Instant = Field(description="The end of the time that was searched.")


class Reminded(PairData):
    """The persons named are to be reminded of a meeting."""

    WORD = "reminded"
    KEY = "cycle"
    OWNER = "scheduling"

    meeting: Token = Field(description="The meeting.")
    sequence: Count = Field(description="The sequence of `scheduled` that it is about.")
    starts_at: Instant = Field(description="Start of the meeting.")
    zone: Zone = Field(description="Zone in which to show it when the reader has none.")
    to: tuple[Token, ...] = Field(min_length=1, max_length=2, description="The persons.")
    lead: Lasting = Field(description="How long before the start.")


class Met(PairData):
    """A meeting was held: both were present long enough."""

    WORD = "met"
    KEY = "cycle"
    OWNER = "scheduling"

    meeting: Token = Field(description="The meeting.")
    number: Count = Field(description="Number within the plan, from 1; 0 for an unplanned meeting.")
    type: MeetingType = Field(description="What the meeting was for.")
    starts_at: Instant = Field(
        description="Start, as scheduled; of an unplanned one, when both were there."
    )
    overlap: Span = Field(description="Common presence, in whole minutes.")
    sources: Mapping[Side, tuple[Source, ...]] = Field(
        default_factory=dict, description="For each side, who says that it was present."
    )
    planned: Flag = Field(description="Part of the plan.")
    corrects: EventId | None = Field(
        default=None, description="Id of the `missed` that late evidence corrects."
    )
    contradicted: tuple[Token, ...] = Field(
        default=(),
        max_length=2,
        description="The persons about whose presence the sources disagree.",
    )


class Missed(PairData):
    """A meeting was not held. Evidence before `final_at` may still correct it to `met`."""

    WORD = "missed"
    KEY = "cycle"
    OWNER = "scheduling"

    meeting: Token = Field(description="The meeting.")
    number: Count = Field(description="Number within the plan, from 1; 0 for an unplanned meeting.")
    starts_at: Instant = Field(description="Start, as scheduled.")
    reason: Literal["absent", "too_short", "no_evidence"] = Field(description="Why not.")
    absent: tuple[Token, ...] = Field(
        default=(), max_length=2, description="The persons shown to be absent."
    )
    final_at: Instant = Field(description="When the verdict becomes final.")
    contradicted: tuple[Token, ...] = Field(
        default=(),
        max_length=2,
        description="The persons about whose presence the sources disagree.",
    )
