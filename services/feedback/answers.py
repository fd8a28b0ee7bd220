"""What feedback's queries answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from services.feedback.model import Outcome, Side
from shared.events.rules import Form


class SubmittedSeen(BaseModel):
    """What one side submitted, as far as the reader may see it."""

    form: str | None = Field(description="The form that was filled in; null: not for this reader.")
    ratings: dict[str, int] = Field(default_factory=dict, description="By item of the form.")
    texts: dict[str, str] = Field(default_factory=dict, description="By text of the form.")
    text: str = Field(
        default="", description="Words of before forms asked in words; own ones only."
    )
    late: bool = Field(default=False, description="After the reveal: it does not count.")
    unreadable: bool = Field(default=False, description="A key is gone: nobody can read it.")


class ReviewSeen(BaseModel):
    """A meeting's reviews, as far as the reader may see them."""

    meeting: str = Field(description="The meeting, or `closing` for the whole cycle.")
    status: Literal["blind", "revealed", "for_report"]
    deadline: datetime | None = Field(description="While it is blind: until when both may submit.")
    by: Literal["both", "deadline"] | None = Field(description="What revealed it.")
    submitted: list[Side] = Field(
        description="Who is in; before the reveal the other side is not told of."
    )
    missing: list[Side] = Field(description="Who was silent when it was revealed.")
    sides: dict[Side, SubmittedSeen] = Field(description="What the reader may see, by side.")


class ReviewOpen(BaseModel):
    """A review that awaits somebody."""

    cycle: str
    meeting: str = Field(description="The meeting, or `closing` for the whole cycle.")
    starts_at: datetime | None = Field(description="When the meeting was; null for `closing`.")
    deadline: datetime = Field(description="Until when it is taken.")
    forms: list[Form] = Field(description="One of these is to be filled in.")


class NoteSeen(BaseModel):
    """A note that the reader may see."""

    note: str
    kind: str
    by: str
    about: str
    at: datetime
    goal: str | None
    due_on: date | None
    done: bool
    audience: Literal["author", "pair"]
    text: str | None = Field(description="The words; null when they are unreadable.")
    unreadable: bool = Field(default=False, description="A key is gone: nobody can read it.")


class ConclusionSeen(BaseModel):
    """How a cycle ended. What a pair is told of is null for a cycle that never was one."""

    cycle: str
    outcome: Outcome
    planned: int | None = Field(description="Meetings planned.")
    held: int | None = Field(description="Planned meetings that were held.")
    unplanned: int | None = Field(description="Other meetings that were held.")
    overlap_minutes: int | None = Field(description="Minutes together in all of them.")
    goals_agreed: int | None
    goals_reached: int | None
    satisfaction: dict[Side, float] = Field(
        description="Mean of a side's revealed ratings as a share of the scale, 0 to 1; a person sees the own one."
    )
    paired_at: datetime | None
    concluded_at: datetime | None


class FlagSeen(BaseModel):
    """A flag that stands, and the events that it follows from."""

    cycle: str
    mentee: str
    mentor: str | None
    flag: str
    rule: str
    side: Side | None = Field(description="Whose ratings, for the rules about ratings.")
    evidence: list[str] = Field(description="Ids of events, the newest last.")


class FinishedSeen(BaseModel):
    """A cycle that a candidate concluded well."""

    cycle: str
    outcome: Outcome
    planned: int
    held: int
    goals_agreed: int
    goals_reached: int
    concluded_at: datetime


class CandidateSeen(BaseModel):
    """Somebody who was mentored well, and is willing to mentor others."""

    person: str
    mentors: int = Field(description="Open pairs in which the person is the mentor already.")
    finished: list[FinishedSeen]
