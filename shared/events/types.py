"""The types that the contract's fields are made of: bounded, normalised, each with its JSON Schema."""

from __future__ import annotations

import re
import string
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticKnownError

from shared.events.duration import Duration
from shared.events.errors import broken
from shared.events.recurrence import PATTERN as RRULE_PATTERN
from shared.events.recurrence import read_rrule

__all__ = ["Duration"]

TOKEN_PATTERN = "^[A-Za-z0-9_-]{1,64}$"  # noqa: S105  a name, not a secret
UUID_PATTERN = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
INSTANT_RULE = (
    "must be an RFC 3339 instant with an offset such as 2026-03-01T09:00:00Z, between 1970 and 2999"
)
DAY_RULE = "must be a date such as 2026-03-01, between 1970 and 2999"
FIRST_YEAR, LAST_YEAR = 1970, 2999

INSTANT_PATTERN = (
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?"
    "([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
SEALED_PATTERN = "^[A-Za-z0-9_=.-]{1,49152}$"
DAY_PATTERN = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"

_INSTANT = re.compile(INSTANT_PATTERN)
_SEALED = (string.ascii_letters + string.digits + "_=.-").encode()
_DAY = re.compile(DAY_PATTERN)
FIRST = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
END = datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)


def read_instant(value: object) -> datetime:
    """Return RFC 3339 text, or an aware datetime, as an instant in UTC; a naive one is refused."""
    if isinstance(value, str):
        if _INSTANT.fullmatch(value) is None:
            raise broken(INSTANT_RULE)
        try:
            value = datetime.fromisoformat(value if value[-1] != "z" else value.upper())
        except ValueError:
            raise broken(INSTANT_RULE) from None
    elif not isinstance(value, datetime) or value.tzinfo is None:
        raise broken(INSTANT_RULE)
    if value.tzinfo is not UTC:
        value = _in_utc(value)
    if not FIRST <= value < END:
        raise broken(INSTANT_RULE)
    return value


def _in_utc(value: datetime) -> datetime:
    if value.utcoffset() is None:
        raise broken(INSTANT_RULE)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise broken(INSTANT_RULE) from None


def read_day(value: object) -> date:
    """Return ISO 8601 text, or a date, as a date; a datetime is refused."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            value = date.fromisoformat(value)
        except ValueError:
            raise broken(DAY_RULE) from None
    if type(value) is not date or not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise broken(DAY_RULE)
    return value


@lru_cache(maxsize=2048)
def _is_zone(name: str) -> bool:
    if name.startswith(("posix/", "right/")):
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _read_zone(name: str) -> str:
    if not _is_zone(name):
        raise broken("must be an IANA time zone such as Europe/Berlin")
    return name


@lru_cache(maxsize=2048)
def _language(tag: str) -> str:
    """Write a tag as BCP 47 (RFC 5646, section 2.1.1) recommends: en-Latn-GB."""
    first, *rest = tag.lower().split("-")
    return "-".join([first, *(_subtag(part) for part in rest)])


def _subtag(part: str) -> str:
    if part.isalpha() and len(part) == 4:  # noqa: PLR2004  a script
        return part.title()
    return part.upper() if len(part) == 2 else part  # noqa: PLR2004  a region


def _read_sealed(text: str) -> str:
    """What the pattern says, without the 10 µs that pydantic takes for one with so high a bound."""
    if not (text and text.isascii()) or text.encode().translate(None, _SEALED):
        raise PydanticKnownError("string_pattern_mismatch", {"pattern": SEALED_PATTERN})
    return text


def _lasting(duration: Duration) -> Duration:
    if not duration:
        raise broken("must last at least a minute")
    return duration


def _exact(duration: Duration) -> Duration:
    if duration.days:
        raise broken("must be given in hours and minutes")
    return duration


def _within_a_day(duration: Duration) -> Duration:
    if duration.minutes > 24 * 60:
        raise broken("must last 24 hours at most")
    return duration


Token = Annotated[str, StringConstraints(pattern=TOKEN_PATTERN, max_length=64)]
"""An opaque id: a person, a cycle, a meeting, a version of rules."""

EventId = Annotated[str, StringConstraints(pattern=UUID_PATTERN, max_length=36, to_lower=True)]
"""The id of an event: a UUID (RFC 9562), written in lower case."""

Instant = Annotated[
    datetime,
    BeforeValidator(read_instant),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": INSTANT_PATTERN}),
]
"""RFC 3339 with offset; UTC in memory and on the wire."""

Day = Annotated[
    date,
    BeforeValidator(read_day),
    WithJsonSchema({"type": "string", "format": "date", "pattern": DAY_PATTERN}),
]
"""A calendar day, in the zone of what it belongs to."""

Lasting = Annotated[Duration, AfterValidator(_lasting)]
"""A duration that is not empty."""

Span = Annotated[Duration, AfterValidator(_exact)]
"""An exact duration, in hours and minutes; may be empty."""

Length = Annotated[
    Duration, AfterValidator(_exact), AfterValidator(_lasting), AfterValidator(_within_a_day)
]
"""An exact duration of a minute to 24 hours."""

Zone = Annotated[
    str,
    StringConstraints(pattern="^[A-Z][A-Za-z0-9_+/-]{1,63}$", max_length=64),
    AfterValidator(_read_zone),
]
"""The name of an IANA time zone."""

Language = Annotated[
    str,
    StringConstraints(
        pattern=r"^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*$",
        max_length=35,
    ),
    AfterValidator(_language),
]
"""BCP 47: language, script, region, variants; extensions and private use are refused."""

Region = Annotated[str, StringConstraints(pattern="^[A-Z]{2}(-[A-Z0-9]{1,3})?$", max_length=6)]
"""ISO 3166-1 country or 3166-2 subdivision, whose public holidays count."""

Industry = Annotated[str, StringConstraints(pattern="^([A-U]|[0-9]{2,4})$", max_length=4)]
"""ISIC Rev. 4: a section (A to U), a division, a group or a class."""

_VOCABULARY = r"^[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]{0,126}[^\s\x00-\x1f\x7f])?$"
SkillId = Annotated[str, StringConstraints(pattern=_VOCABULARY, max_length=128)]
"""A skill: its id in the vocabulary (ESCO), or a normalised label."""

OccupationId = Annotated[str, StringConstraints(pattern=_VOCABULARY, max_length=128)]
"""An occupation: its id in the vocabulary (ESCO), or a normalised label."""

Code = Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9_.-]{0,63}$", max_length=64)]
"""A short lower-case code: a reason, a unit, a topic."""

Rrule = Annotated[
    str, StringConstraints(pattern=RRULE_PATTERN, max_length=256), AfterValidator(read_rrule)
]
"""An RFC 5545 recurrence (see recurrence.py), on the clock of the program's zone."""

LocalTime = Annotated[
    str, StringConstraints(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", max_length=5)
]
"""A time of day, HH:MM, on the clock of a zone."""

Sealed = Annotated[
    str,
    StringConstraints(max_length=49152),
    AfterValidator(_read_sealed),
    WithJsonSchema({"type": "string", "pattern": SEALED_PATTERN, "maxLength": 49152}),
]
"""Encrypted text, base64url; only feedback can open it."""

Uid = Annotated[str, StringConstraints(pattern="^[A-Za-z0-9._@-]{1,255}$", max_length=255)]
"""The UID of an iCalendar event (RFC 5545)."""

Pointer = Annotated[
    str, StringConstraints(pattern="^(/[A-Za-z0-9_~.-]{0,64}){0,16}$", max_length=256)
]
"""A JSON Pointer (RFC 6901) into an event; empty for the event as a whole."""

Share = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
Weight = Annotated[float, Field(strict=True, ge=0, le=1000, allow_inf_nan=False)]
Amount = Annotated[float, Field(strict=True, ge=-1e12, le=1e12, allow_inf_nan=False)]
Flag = Annotated[bool, Field(strict=True)]
Count = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
Many = Annotated[int, Field(strict=True, ge=0, le=1_000_000_000_000)]
"""A count that may pass a million, such as one of pairs."""
Total = Annotated[float, Field(strict=True, ge=0, le=1e6, allow_inf_nan=False)]
"""A sum of shares."""
Load = Annotated[float, Field(strict=True, ge=0, le=1000, allow_inf_nan=False)]
"""Open pairs as a share of a mentor's capacity; above 1 when the capacity has been lowered since."""
Milliseconds = Annotated[float, Field(strict=True, ge=0, le=1e9, allow_inf_nan=False)]
Ordinal = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
Meetings = Annotated[int, Field(strict=True, ge=1, le=200)]
Capacity = Annotated[int, Field(strict=True, ge=0, le=1000)]
Rating = Annotated[int, Field(strict=True, ge=0, le=100)]
Seniority = Annotated[int, Field(strict=True, ge=0, le=10)]
"""The level on a common ladder: 0 first job, 5 senior or lead, 10 head of a large organisation."""

Weekday = Literal["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
Side = Literal["mentee", "mentor"]
Role = Literal["mentee", "mentor", "coordinator"]
Format = Literal["video", "audio", "in_person", "chat"]
Readiness = Literal[
    "stagnant", "unclear_direction", "skill_gap", "network_gap", "transition", "setback"
]
Policy = Literal["optimal", "stable", "fair", "first_come"]
Part = Literal[
    "skills",
    "gap",
    "industry",
    "transition",
    "seniority",
    "languages",
    "time",
    "wishes",
    "ratings",
    "waiting",
]
"""The parts of a score, each in [0, 1]."""
HardRule = Literal["language", "time", "format", "team", "reporting_line", "seniority"]
"""The hard rules that a program may choose; capacity, absence, exclusions and earlier declines always hold."""
MeetingType = Literal[
    "introduction",
    "goal_setting",
    "regular",
    "mock_interview",
    "portfolio_review",
    "transition_preparation",
    "shadowing",
    "closing",
]
