"""Durations of the contract: nominal days, exact minutes (ISO 8601; RFC 5545 section 3.3.6)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Self
from zoneinfo import ZoneInfo

from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

from shared.events.errors import broken

PATTERN = r"^P(?:[0-9]{1,3}W|[0-9]{1,4}D(?:T(?:[0-9]{1,5}H)?(?:[0-9]{1,7}M)?)?|T(?:[0-9]{1,5}H)?(?:[0-9]{1,7}M)?)$"
TEXT = re.compile(r"P(?:(\d{1,3})W|(?:(\d{1,4})D)?(T(?:(\d{1,5})H)?(?:(\d{1,7})M)?)?)", re.ASCII)
MINUTES_A_DAY = 24 * 60
LONGEST_DAYS = 3660
RULE = "must be an ISO 8601 duration in weeks, days, hours and minutes such as P7D or PT1H30M, of ten years at most"


@dataclass(frozen=True, slots=True)
class Duration:
    """Whole days, nominal in a zone, then exact minutes; never negative, at most ten years.

    A day across a daylight-saving change lasts 23 or 25 hours; 24 hours always last 24 hours.
    So P1D and PT24H are different durations. P2W and P14D are the same one, as are PT1H and PT60M.
    """

    days: int = 0
    clock: int = 0
    """The part in minutes, hours included."""

    def __post_init__(self) -> None:
        """Refuse what no text of the contract can say."""
        if (
            self.days < 0
            or self.clock < 0
            or self.days * MINUTES_A_DAY + self.clock > LONGEST_DAYS * MINUTES_A_DAY
        ):
            raise ValueError(RULE)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ISO 8601 text; ValueError for months, years, seconds, signs and anything else."""
        return cls(*_parts(text))

    @classmethod
    def exactly(cls, span: timedelta) -> Self:
        """Return the exact duration of `span`, rounded down to minutes."""
        return cls(0, int(span.total_seconds() // 60))

    @property
    def minutes(self) -> int:
        """Exact minutes; ValueError when there are days, whose length depends on zone and date."""
        if self.days:
            msg = "a duration with days has no exact length"
            raise ValueError(msg)
        return self.clock

    @property
    def span(self) -> timedelta:
        """Exact length; ValueError as for `minutes`."""
        return timedelta(minutes=self.minutes)

    def after(self, instant: datetime, zone: str) -> datetime:
        """Return the instant (UTC) that lies this much later, its days counted on the clock of `zone`.

        A local time that does not exist is moved forward by the gap; of two, the first is meant (RFC 5545).
        """
        return _shift(instant, self.days, zone) + timedelta(minutes=self.clock)

    def before(self, instant: datetime, zone: str) -> datetime:
        """Return the instant (UTC) that lies this much earlier, its days counted on the clock of `zone`."""
        return _shift(instant, -self.days, zone) - timedelta(minutes=self.clock)

    def __bool__(self) -> bool:
        """Say whether it lasts at all."""
        return bool(self.days or self.clock)

    def __str__(self) -> str:
        """Return the canonical ISO 8601 text."""
        return _text(self.days, self.clock)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Let pydantic read the text (or an instance) and write the canonical text."""
        return core_schema.no_info_plain_validator_function(
            _read,
            serialization=core_schema.plain_serializer_function_ser_schema(
                str, return_schema=core_schema.str_schema()
            ),
            json_schema_input_schema=core_schema.str_schema(
                pattern=PATTERN,
                max_length=24,
                metadata={"pydantic_js_extra": {"format": "duration"}},
            ),
        )


@lru_cache(maxsize=4096)
def _parts(text: str) -> tuple[int, int]:
    match = TEXT.fullmatch(text)
    if match is None or match.group(0) in {"P", "PT"} or match.group(3) == "T":
        raise ValueError(RULE)
    weeks, days, _, hours, minutes = (
        int(part) if part and part.isdigit() else 0 for part in match.groups()
    )
    return weeks * 7 + days, hours * 60 + minutes


@lru_cache(maxsize=4096)
def _text(days: int, clock: int) -> str:
    if clock == 0 and days % 7 == 0 and 0 < days <= 999 * 7:
        return f"P{days // 7}W"
    hours, minutes = divmod(clock, 60)
    time = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if not days:
        return f"PT{time or '0M'}"
    return f"P{days}D" + (f"T{time}" if time else "")


@lru_cache(maxsize=4096)
def _known(text: str) -> Duration:
    return Duration.parse(text)


def _read(value: Any) -> Duration:  # noqa: ANN401  pydantic hands over whatever the event holds
    if type(value) is Duration:
        return value
    if not isinstance(value, str):
        raise broken(RULE)
    try:
        return _known(value)
    except ValueError:
        raise broken(RULE) from None


def _shift(instant: datetime, days: int, zone: str) -> datetime:
    if not days:
        return instant.astimezone(UTC)
    return (instant.astimezone(ZoneInfo(zone)) + timedelta(days=days)).astimezone(UTC)
