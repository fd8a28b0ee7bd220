"""What a coordinator states about a program: `opened` and the rules in it.

Every rule has a default, so that a small `opened` is legal. Which event binds which rule: see docs/events.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, ValidationInfo, field_validator

from shared.events.base import EventData, Value
from shared.events.errors import broken
from shared.events.types import (
    Capacity,
    Day,
    Duration,
    Flag,
    HardRule,
    Instant,
    Lasting,
    Length,
    LocalTime,
    Meetings,
    MeetingType,
    Ordinal,
    Part,
    Policy,
    Rating,
    Region,
    Rrule,
    Share,
    Side,
    Span,
    Token,
    Weight,
    Zone,
)


class OnCalendar(Value):
    """Rounds on a calendar."""

    rrule: Rrule = Field(
        description="RFC 5545 recurrence of the rounds, counted from the program's `starts_on`."
    )
    start: LocalTime = Field(default="09:00", description="Local time of day of each round.")
    zone: Zone | None = Field(
        default=None, description="Zone of the recurrence; the program's when absent."
    )


class OnThreshold(Value):
    """A round as soon as enough requests wait."""

    waiting: Ordinal = Field(description="How many waiting requests start a round.")


def _form_of_rounds(value: object) -> str | None:
    if value == "at_once":
        return "at_once"
    keys = value if isinstance(value, Mapping) else getattr(value, "__dict__", {})
    return next((form for form in ("rrule", "waiting") if form in keys), None)


Rounds = Annotated[
    Annotated[Literal["at_once"], Tag("at_once")]
    | Annotated[OnCalendar, Tag("rrule")]
    | Annotated[OnThreshold, Tag("waiting")],
    Discriminator(_form_of_rounds),
]
"""`at_once`, or {rrule, start, zone?}, or {waiting}."""


class FormItem(Value):
    """One question of a form, answered by a whole number."""

    id: Token = Field(description="What is rated, such as usefulness.")
    min: Rating = Field(default=1, description="The lowest answer.")
    max: Rating = Field(
        default=5, validate_default=True, description="The highest answer; above `min`."
    )
    audience: Literal["other", "program"] = Field(
        default="other",
        description="Who reads the answer: the other side too, or the program's report only.",
    )

    @field_validator("max")
    @classmethod
    def _above_min(cls, value: int, info: ValidationInfo) -> int:
        if value <= info.data.get("min", -1):
            raise broken("must be above min")
        return value


class Form(Value):
    """What one side is asked after a meeting."""

    id: Token = Field(description="The form's id; a new wording is a new id.")
    side: Side = Field(description="Who fills it in.")
    type: MeetingType | Literal["any"] = Field(
        default="any",
        description="The type of meeting that it is for; `any`: all that have no form of their own.",
    )
    items: tuple[FormItem, ...] = Field(min_length=1, max_length=32, description="The questions.")


class Risk(Value):
    """When a cycle is flagged; a rule that is null is off."""

    missed: Ordinal | None = Field(
        default=2, description="So many meetings missed one after the other."
    )
    rating_below: Share | None = Field(
        default=0.4, description="Mean of the last two revealed ratings of a side."
    )
    silence: Lasting | None = Field(
        default=Duration(21), description="Nothing heard of the cycle for so long."
    )
    standing_still: Lasting | None = Field(
        default=Duration(42), description="No goal moved for so long."
    )


def _form(side: Side) -> Form:
    asked = ("usefulness", "preparedness", "listening", "progress")
    return Form(id=f"standard-{side}", side=side, items=tuple(FormItem(id=item) for item in asked))


DEFAULT_FORMS = (_form("mentee"), _form("mentor"))
DEFAULT_WEIGHTS: dict[Part, float] = {
    "skills": 4.0,
    "gap": 2.0,
    "industry": 1.0,
    "transition": 1.0,
    "seniority": 1.0,
    "languages": 1.0,
    "time": 2.0,
    "wishes": 0.0,
    "ratings": 0.5,
    "waiting": 1.0,
}
DEFAULT_HARD: tuple[HardRule, ...] = ("language", "time", "format", "team", "reporting_line")


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
        default_factory=lambda: dict(DEFAULT_WEIGHTS),
        description="Weight of each part of the score, as a share of their sum; absent means 0. They may not sum to 0.",
    )
    hard: tuple[HardRule, ...] = Field(
        default=DEFAULT_HARD,
        description="Hard rules of choice. Capacity, absence, exclusions and earlier declines always hold.",
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
        default=DEFAULT_FORMS, max_length=64, description="Review forms by side and type."
    )
    review_within: Lasting = Field(
        default=Duration(7), description="How long after `met` a review may be submitted."
    )
    risk: Risk = Field(default=Risk(), description="When a cycle is flagged.")
    completes_at: Share = Field(
        default=0.8, description="Share of the planned meetings whose holding completes."
    )
    pay_it_forward: Flag = Field(
        default=False, description="Offer mentees who conclude well as mentors."
    )
    k: Ordinal = Field(default=5, description="Reports hide groups of fewer distinct persons.")

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

    @field_validator("overlap_min")
    @classmethod
    def _within_length(cls, value: Duration, info: ValidationInfo) -> Duration:
        if "length" in info.data and value.minutes > info.data["length"].minutes:
            raise broken("must not exceed length")
        return value
