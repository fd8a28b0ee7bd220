"""A program's report: what became of it as of a release, without anything that tells of fewer than k persons.

Everything here is shown to people and read by programs (JSON, CSV); nothing else of the log is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Unit = Literal["share", "days", "count"]
BreakdownName = Literal["cohort", "zone", "hours"]
ClockName = Literal["stored", "event"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Value(_Part):
    """One number. A rate says what it is made of; it is null when there is nothing to divide by."""

    name: str = Field(description="Within the metric: `rate`, `p50`, `median_of_all`.")
    title: str = Field(description="For people.")
    unit: Unit = Field(description="What the number counts; a share lies between 0 and 1.")
    value: float | None = Field(description="The number; null: there is none, or it is hidden.")
    count: int | None = Field(default=None, description="The numerator of a share.")
    of: int | None = Field(default=None, description="The denominator, or how many it sums up.")
    as_of: datetime | None = Field(
        default=None,
        description="Its release, where that differs from step to step: of the funnel.",
    )
    hidden: bool = Field(default=False, description="It would tell of fewer than k persons.")


class Bar(_Part):
    """One bar of a distribution; neighbours of fewer than k are one bar."""

    label: str = Field(description="For people: `1 to 3 days`.")
    low: float | None = Field(default=None, description="From, included; null: no bound.")
    high: float | None = Field(default=None, description="To, excluded; null: no bound.")
    count: int = Field(description="How many.")
    as_of: datetime | None = Field(default=None, description="As of a value.")


class Point(_Part):
    """A point of a Kaplan-Meier curve."""

    at: float = Field(description="Days.")
    waiting: float = Field(description="Share that still waits then, 0 to 1.")


class Group(_Part):
    """A metric of everybody, or of one group of mentees."""

    label: str = Field(description="Which: `all`, `2026-01`, `UTC+0 to UTC+2`.")
    as_of: datetime = Field(
        description="The release that it is of; a group may stand at an older one than the total."
    )
    persons: int = Field(description="Distinct persons whose events are in it.")
    values: tuple[Value, ...] = Field(description="Always the same ones, in the same order.")
    bars: tuple[Bar, ...] = Field(default=(), description="Its distribution, where it has one.")
    curve: tuple[Point, ...] = Field(default=(), description="Of waits: who still waits after.")


class Past(_Part):
    """What a metric was for everybody at an earlier release, as it was shown then."""

    as_of: datetime = Field(description="The release.")
    values: tuple[Value, ...] = Field(description="As in `total`.")


class Metric(_Part):
    """A metric with its definition."""

    name: str = Field(description="For programs: `match_rate`.")
    title: str = Field(description="For people.")
    definition: str = Field(description="What is counted, so that two people get the same number.")
    as_of: datetime | None = Field(
        description="The release that it is of; earlier than the report's when renewing it would have told of fewer than k persons; null: never shown yet."
    )
    why: str = Field(default="", description="Why it is hidden, or older than the report.")
    total: Group | None = Field(default=None, description="Of everybody; null while hidden.")
    groups: Mapping[BreakdownName, tuple[Group, ...]] = Field(
        default_factory=dict,
        description="By cohort (month of the first request), zone and weekly hours of the mentee.",
    )
    past: tuple[Past, ...] = Field(default=(), description="Earlier releases, one per month.")


class Report(_Part):
    """The report of a program as of the last release at or before the instant asked for."""

    program: str
    zone: str = Field(description="The program's zone, in which its weeks and months are counted.")
    asked: datetime = Field(description="The instant asked for.")
    released: datetime | None = Field(
        description="The release that is shown: a Monday, 00:00 in the program's zone; null: none yet."
    )
    position: int = Field(description="Sequence of the last event that counts; 0: none.")
    clock: ClockName = Field(description="Whose instants: of storing, or the events' own times.")
    k: int = Field(description="Nothing tells of fewer distinct persons.")
    log: str = Field(description="Identity of the log.")
    funnel: Metric = Field(
        description="Bars: requests that came so far, through every step before."
    )
    outcomes: Metric = Field(description="Bars: how cycles were concluded.")
    metrics: tuple[Metric, ...]
    notes: tuple[str, ...] = Field(description="Sentences: what is hidden, and why.")

    def metric(self, name: str) -> Metric:
        """The metric of this name; KeyError when there is none."""
        for each in (self.funnel, self.outcomes, *self.metrics):
            if each.name == name:
                return each
        raise KeyError(name)
