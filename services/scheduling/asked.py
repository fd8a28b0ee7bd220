"""What scheduling's API may be asked: the queries' parameters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, ClassVar

from pydantic import BaseModel, Field

from shared.events.types import Instant, Length, Token, Zone
from shared.intervals import Interval
from shared.refusals import Refused

LONGEST_PAGE = 1000
FURTHEST = timedelta(days=366)
"""How long a time may be whose hours are worked out."""

Page = Annotated[int, Field(ge=1, le=LONGEST_PAGE, description="At most so many.")]
Who = Annotated[Token, Field(description="A person.")]


class Clock(BaseModel):
    """Whose clock the times are told on."""

    zone: Zone | None = Field(None, description="IANA zone whose clock the times are told on.")


class Times(Clock):
    """A time."""

    AHEAD: ClassVar[timedelta] = timedelta(days=14)

    since: Instant | None = Field(None, alias="from", description="Begin; now unless given.")
    until: Instant | None = Field(None, alias="to", description="End; 14 days on unless given.")

    def interval(self) -> Interval:
        """The time that is asked about.

        Raises:
            Refused: it has no length.
        """
        start = self.since or datetime.now(UTC)
        end = self.until or start + self.AHEAD
        if end <= start:
            raise Refused(422, "/to", "must be after from")
        return start, end

    def bounded(self) -> Interval:
        """The same, of a time whose hours are worked out.

        Raises:
            Refused: it has no length, or is longer than a year.
        """
        start, end = self.interval()
        if end - start > FURTHEST:
            raise Refused(422, "/to", f"must be at most {FURTHEST.days} days after from")
        return start, end


class Agenda(Times):
    """A time of an agenda."""

    AHEAD: ClassVar[timedelta] = timedelta(days=90)

    until: Instant | None = Field(None, alias="to", description="End; 90 days on unless given.")
    limit: Page = LONGEST_PAGE


class Slots(Times):
    """Two persons, and a meeting of theirs."""

    a: Who
    b: Who
    length: Length | None = Field(
        None,
        description="ISO 8601 duration; of `moving`, of the pair's meetings, or an hour, unless given.",
    )
    moving: Token | None = Field(
        None, description="A meeting of theirs that is to be moved: its own time is free."
    )
    limit: Page = 100

    def pair(self) -> tuple[str, str]:
        """The two.

        Raises:
            Refused: they are one.
        """
        if self.a == self.b:
            raise Refused(422, "/b", "must be another person than a")
        return self.a, self.b
