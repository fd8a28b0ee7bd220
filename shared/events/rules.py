"""The values that a program's rules are made of: rounds, forms, risk, and the defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, ValidationInfo, field_validator

from shared.events.base import Value
from shared.events.errors import broken
from shared.events.types import (
    Duration,
    Flag,
    HardRule,
    Lasting,
    LocalTime,
    MeetingType,
    Ordinal,
    Part,
    Rating,
    Rrule,
    Share,
    Side,
    Token,
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


_FORMS = {"rrule": "calendar", "waiting": "threshold"}


def _form_of_rounds(value: object) -> str | None:
    if value == "at_once":
        return "at_once"
    keys = value if isinstance(value, Mapping) else getattr(value, "__dict__", {})
    return next((form for key, form in _FORMS.items() if key in keys), None)


Rounds = Annotated[
    Annotated[Literal["at_once"], Tag("at_once")]
    | Annotated[OnCalendar, Tag("calendar")]
    | Annotated[OnThreshold, Tag("threshold")],
    Discriminator(_form_of_rounds),
]
"""`at_once`, or {rrule, start, zone?}, or {waiting}."""


Audience = Literal["other", "program"]
_AUDIENCE = "Who reads the answer: the other side too, or the program's report only."


class FormItem(Value):
    """One question of a form, answered by a whole number."""

    id: Token = Field(description="What is rated, such as usefulness.")
    min: Rating = Field(default=1, description="The lowest answer.")
    max: Rating = Field(
        default=5, validate_default=True, description="The highest answer; above `min`."
    )
    audience: Audience = Field(default="other", description=_AUDIENCE)
    required: Flag = Field(default=False, description="Whether it must be answered.")

    @field_validator("max")
    @classmethod
    def _above_min(cls, value: int, info: ValidationInfo) -> int:
        if value <= info.data.get("min", -1):
            raise broken("must be above min")
        return value


class FormText(Value):
    """One question of a form, answered in words; its wording belongs to whoever shows the form."""

    id: Token = Field(description="What is asked, such as message.")
    required: Flag = Field(default=False, description="Whether it must be answered.")
    max_length: Annotated[int, Field(strict=True, ge=1, le=8000)] = Field(
        default=4000, description="The longest answer, in characters."
    )
    audience: Audience = Field(default="other", description=_AUDIENCE)


class Form(Value):
    """What one side is asked after a meeting."""

    id: Token = Field(description="The form's id; a new wording is a new id.")
    side: Side = Field(description="Who fills it in.")
    type: MeetingType | Literal["any"] = Field(
        default="any",
        description="The type of meeting that it is for; `any`: all that have no form of their own.",
    )
    items: tuple[FormItem, ...] = Field(
        min_length=1, max_length=32, description="What is answered by a number; ids are unique."
    )
    texts: tuple[FormText, ...] = Field(
        default=(),
        max_length=8,
        description="What is answered in words; ids differ from those of the items too.",
    )

    @field_validator("texts")
    @classmethod
    def _texts_differ(
        cls, value: tuple[FormText, ...], info: ValidationInfo
    ) -> tuple[FormText, ...]:
        """Two items of one id are for matching to refuse: logs from before that was a rule may hold them."""
        asked = {item.id for item in info.data.get("items", ())}
        if len(asked.union(each.id for each in value)) < len(asked) + len(value):
            raise broken("must not ask under the same id twice")
        return value


class Risk(Value):
    """When a cycle is flagged; a rule that is absent is off."""

    missed: Ordinal | None = Field(
        default=None, description="So many meetings missed one after the other."
    )
    rating_below: Share | None = Field(
        default=None, description="The mean of a side's last two revealed ratings is lower."
    )
    silence: Lasting | None = Field(
        default=None, description="Nothing is heard of the cycle for so long."
    )
    standing_still: Lasting | None = Field(default=None, description="No goal moves for so long.")
    rating_falls: Share | None = Field(
        default=None,
        description="The mean of a side's last two revealed ratings lies so much below that of its two before.",
    )
    one_sided: Ordinal | None = Field(
        default=None, description="So many reviews in a row that only one side had submitted."
    )


def _form(side: Side) -> Form:
    asked = ("usefulness", "preparedness", "listening", "progress")
    texts = (FormText(id="message"), FormText(id="confidential", audience="program"))
    items = tuple(FormItem(id=item) for item in asked)
    return Form(id=f"standard-{side}", side=side, items=items, texts=texts)


DEFAULT_RISK = Risk(
    missed=2,
    rating_below=0.4,
    rating_falls=0.25,
    silence=Duration(21),
    standing_still=Duration(42),
    one_sided=3,
)
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
