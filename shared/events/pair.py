"""What the two sides of a pair, and their calendar and conference systems, state about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from shared.events.base import EventData, Value
from shared.events.errors import broken
from shared.events.types import (
    Amount,
    Code,
    Count,
    Day,
    Flag,
    Format,
    Instant,
    Language,
    Length,
    Meetings,
    Rrule,
    Sealed,
    Side,
    SkillId,
    Token,
)


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
    of: Token | None = Field(
        default=None, description="The goal of the same terms that this is a milestone of."
    )


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
        default="standard",
        description="What a coordinator may read: private (who has reviewed, and outcomes), standard (and revealed ratings, goals, words for the program) or shared (and words for the other side); another code counts as private.",
    )

    @field_validator("goals")
    @classmethod
    def _milestones_lead_to_goals(cls, value: tuple[AgreedGoal, ...]) -> tuple[AgreedGoal, ...]:
        parents = {goal.id: goal.of for goal in value}
        if any(goal.of is not None and not _ends(goal.of, parents) for goal in value):
            raise broken("must name in `of` another goal of the same terms, without a circle")
        return value


def _ends(goal: str, parents: Mapping[str, str | None]) -> bool:
    """Whether the way from milestone to goal leads to one that stands for itself, without a circle."""
    for _ in parents:
        if goal not in parents:
            return False
        above = parents[goal]
        if above is None:
            return True
        goal = above
    return False


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
    sealed: Sealed = Field(description="Ratings and texts, encrypted.")


class Progressed(EventData):
    """A goal's value was measured."""

    WORD = "progressed"
    KEY = "cycle"
    OWNER = "outside"

    goal: Token = Field(description="The goal.")
    value: Amount = Field(description="The value now, absolute.")
    unit: Code = Field(description="Its unit.")
    as_of: Instant = Field(description="When it was measured; not after it is stated.")
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
    goal: Token | None = Field(default=None, description="The goal that it serves.")
    due_on: Day | None = Field(
        default=None, description="The day by which to do it; of an action_item only."
    )
    done: Flag = Field(default=False, description="Whether it is done; of an action_item only.")
    audience: Literal["author", "pair"] = Field(
        default="author", description="Who reads the words: their author alone, or both sides."
    )
