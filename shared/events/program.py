"""What a coordinator states about a program: `opened` and the rules in it.

Every rule has a default, so that a small `opened` is legal. Which event binds which rule: see docs/events.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import chain
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from shared.events.base import EventData
from shared.events.errors import broken
from shared.events.protected import Protected, protected_by
from shared.events.rules import (
    DEFAULT_FORMS,
    DEFAULT_HARD,
    DEFAULT_RISK,
    DEFAULT_WEIGHTS,
    Form,
    Risk,
    Rounds,
)
from shared.events.types import (
    Capacity,
    Code,
    Day,
    Duration,
    Flag,
    HardRule,
    Instant,
    Lasting,
    Length,
    Meetings,
    Ordinal,
    Part,
    Policy,
    Region,
    Rrule,
    Share,
    Span,
    Token,
    Weight,
    Zone,
)


class Opened(EventData):
    """A program is opened, or its rules replaced by a newer version; replaces the whole earlier statement."""

    WORD = "opened"
    KEY = "program"
    OWNER = "outside"

    rules: Token = Field(
        description="Version of these rules; cycles name the version that binds them."
    )
    effective_at: Instant = Field(description="From when these rules apply.")
    starts_on: Day = Field(description="First day of the program, in its zone.")
    ends_on: Day = Field(description="Last day of the program, in its zone; after `starts_on`.")
    zone: Zone = Field(description="Zone in which the program counts days.")
    holidays: tuple[Region, ...] = Field(
        default=(),
        max_length=64,
        description="Countries (ISO 3166-1) or subdivisions (3166-2) with their holidays.",
    )
    rounds: Rounds = Field(
        default="at_once",
        description="When matching pairs: at_once, {rrule, start, zone?}, or {waiting}.",
    )
    policy: Policy = Field(
        default="optimal", description="How a round chooses among the allowed pairs."
    )
    weights: Mapping[Part, Weight] = Field(
        default=DEFAULT_WEIGHTS,
        description="Weight of each part of the score, as a share of their sum; a part that is not named weighs 0. Without `weights`: skills 4, gap and time 2, ratings 0.5, wishes 0, the others 1. They may not sum to 0. `wishes` and `waiting` are in no score: they add to it when requests compete.",
    )
    hard: tuple[HardRule, ...] = Field(
        default=DEFAULT_HARD,
        description="Hard rules of choice; all but `seniority` when absent. Capacity, absence, exclusions and earlier declines always hold.",
    )
    floor: Share = Field(default=0.0, description="No pair scores below this: rather wait.")
    acceptance: Literal["none", "mentor", "both"] = Field(
        default="none", description="Who must accept a proposal."
    )
    accept_within: Lasting = Field(default=Duration(3), description="How long a proposal stands.")
    request_expires: Lasting = Field(
        default=Duration(60), description="How long a request waits until `unmatched`."
    )
    on_mentor_left: Literal["rematch", "conclude"] = Field(
        default="rematch", description="What happens to a pair whose mentor leaves."
    )
    capacity: Capacity = Field(
        default=3, description="Most open pairs of one mentor, however many are offered."
    )
    planned_meetings: Meetings = Field(default=6, description="Meetings planned for a pair.")
    cadence: Rrule = Field(
        default="FREQ=WEEKLY;INTERVAL=2", description="RFC 5545 recurrence of a pair's meetings."
    )
    length: Length = Field(default=Duration(clock=60), description="Length of a meeting.")
    overlap_min: Length = Field(
        default=Duration(clock=15),
        description="Common presence that makes a meeting held; at most `length`.",
    )
    evidence: Literal["system", "both", "one"] = Field(
        default="one",
        description="What proves presence: the conference system alone, both sides' word, or any one source.",
    )
    dispute: Duration = Field(
        default=Duration(2), description="How long after a verdict evidence may correct it."
    )
    notice: Duration = Field(
        default=Duration(1), description="A meeting that is nearer is not moved by re-planning."
    )
    buffer: Span = Field(
        default=Duration(clock=15), description="Least gap between two meetings of a person."
    )
    weekly_max: Ordinal = Field(
        default=3, description="Most meetings of a person in a calendar week."
    )
    reminders: tuple[Lasting, ...] = Field(
        default=(Duration(1), Duration(clock=60)),
        max_length=8,
        description="How long before a meeting to remind.",
    )
    forms: tuple[Form, ...] = Field(
        default=DEFAULT_FORMS,
        max_length=64,
        description="Review forms by side and type; a side's ids differ. Without `forms`: each side rates usefulness, preparedness, listening and progress from 1 to 5, and may write a `message` to the other side and `confidential` words to the program.",
    )
    review_within: Lasting = Field(
        default=Duration(7), description="How long after `met` a review may be submitted."
    )
    risk: Risk = Field(
        default=DEFAULT_RISK,
        description="When a cycle is flagged. Without `risk`: missed 2, rating_below 0.4, rating_falls 0.25, silence P3W, standing_still P6W, one_sided 3; in a `risk` that is given, a rule that it does not name is off.",
    )
    completes_at: Share = Field(
        default=0.8, description="Share of the planned meetings whose holding completes."
    )
    pay_it_forward: Flag = Field(
        default=False, description="Offer mentees who conclude well as mentors."
    )
    k: Ordinal = Field(default=5, description="Reports hide groups of fewer distinct persons.")
    vocabulary: Code = Field(
        default="esco-ict",
        description="Vocabulary that tells which skills are near each other and what an occupation takes; `none`: only equal ones match.",
    )
    protected: tuple[Protected, ...] = Field(
        default=(),
        max_length=18,
        description="Protected attributes that the program states it may lawfully ask wishes about.",
    )
    wishes: tuple[Code, ...] | None = Field(
        default=None,
        max_length=64,
        description="The closed vocabulary of background wishes that people may state; absent: none counts. One that names a protected attribute needs it in `protected`.",
    )

    @field_validator("ends_on")
    @classmethod
    def _after_start(cls, value: date, info: ValidationInfo) -> date:
        if "starts_on" in info.data and value <= info.data["starts_on"]:
            raise broken("must be after starts_on")
        return value

    @field_validator("weights")
    @classmethod
    def _weigh_something(cls, value: Mapping[Part, float]) -> Mapping[Part, float]:
        if not sum(value.values()) > 0:
            raise broken("must not sum to nothing")
        return value

    @field_validator("wishes")
    @classmethod
    def _nothing_protected(
        cls, value: tuple[str, ...] | None, info: ValidationInfo
    ) -> tuple[str, ...] | None:
        lawful = info.data.get("protected", ())
        for named in chain.from_iterable(map(protected_by, value or ())):
            if named not in lawful:
                raise broken(
                    f"must not name the protected attribute {named} unless `protected` states it"
                )
        return value

    @field_validator("overlap_min")
    @classmethod
    def _within_length(cls, value: Duration, info: ValidationInfo) -> Duration:
        if "length" in info.data and value.minutes > info.data["length"].minutes:
            raise broken("must not exceed length")
        return value
