"""What feedback says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from shared.events.base import EventData, PairData, Value
from shared.events.errors import broken
from shared.events.types import (
    Code,
    Count,
    EventId,
    Flag,
    Instant,
    Rating,
    Role,
    Side,
    Span,
    Token,
)


class Scale(Value):
    """Between what answers a rating lies."""

    min: Rating = Field(description="The lowest answer of the form's item.")
    max: Rating = Field(description="The highest answer; above `min`.")

    @field_validator("max")
    @classmethod
    def _above_min(cls, value: int, info: ValidationInfo) -> int:
        if value <= info.data.get("min", -1):
            raise broken("must be above min")
        return value


class Reviewed(PairData):
    """A meeting's reviews are revealed: both are in, or the deadline has passed."""

    WORD = "reviewed"
    KEY = "cycle"
    OWNER = "feedback"

    meeting: Token = Field(description="The meeting, or `closing`.")
    by: Literal["both", "deadline"] = Field(description="What revealed them.")
    ratings: Mapping[Side, Mapping[Token, Rating]] = Field(
        default_factory=dict,
        description="What each side rated; only items whose audience is the other side.",
    )
    missing: tuple[Side, ...] = Field(
        default=(), max_length=2, description="Sides that submitted nothing."
    )
    scales: Mapping[Side, Mapping[Token, Scale]] = Field(
        default_factory=dict,
        description="The scale of each rating, by the form that asked; absent before there was this field.",
    )


class GoalCount(Value):
    """Goals in figures."""

    agreed: Count = Field(
        default=0,
        description="Goals in force at the conclusion, and those dropped after a meeting.",
    )
    reached: Count = Field(default=0, description="Those of them that were reached.")


class Concluded(EventData):
    """A cycle has ended; every cycle ends in exactly one of these."""

    WORD = "concluded"
    KEY = "cycle"
    OWNER = "feedback"

    mentee: Token = Field(description="The person who is mentored.")
    mentor: Token | None = Field(
        default=None, description="The person who mentored; absent when never paired."
    )
    rules: Token | None = Field(
        default=None, description="The version of the rules that bound the pair."
    )
    outcome: Literal[
        "completed", "goals_reached", "ended_early", "withdrawn", "unmatched", "left"
    ] = Field(description="How it ended; left > ended_early > goals_reached > completed.")
    paired: Flag = Field(description="Whether there ever was a pair.")
    planned: Count = Field(default=0, description="Meetings planned.")
    held: Count = Field(default=0, description="Planned meetings held.")
    unplanned: Count = Field(default=0, description="Unplanned meetings held.")
    overlap_total: Span = Field(description="Common presence in all meetings.")
    goals: GoalCount = Field(default=GoalCount(), description="Goals agreed and reached.")
    first_met_at: Instant | None = Field(
        default=None, description="Start of the earliest meeting held."
    )
    ended_by: Role | None = Field(
        default=None, description="The role of who ended it, when somebody did."
    )
    continues_in: Token | None = Field(default=None, description="The successor cycle.")
    lasted: Span | None = Field(
        default=None, description="From the pairing to the end; absent when never paired."
    )


class Flagged(PairData):
    """A cycle is at risk by a rule of the program, or no longer."""

    WORD = "flagged"
    KEY = "cycle"
    OWNER = "feedback"

    flag: Token = Field(description="The flag's id; cleared under the same id.")
    rule: Code = Field(description="The rule, as in the program's `risk`.")
    status: Literal["raised", "cleared"] = Field(description="Whether it stands.")
    evidence: tuple[EventId, ...] = Field(
        default=(), max_length=64, description="Ids of the events that show it."
    )
    side: Side | None = Field(
        default=None, description="Whose ratings show it; absent when the rule is of no side."
    )
