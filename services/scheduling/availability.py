"""Common time of two persons, in layers: what they stated, without holidays, without absences.

The layers make it possible to say which constraint fails when a meeting finds no slot.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from services.scheduling.calendar import local_day, public_holidays
from services.scheduling.model import Person, Rules
from shared.intervals import Interval, intersect, local_days, merge, subtract, weekly_times


@dataclass(frozen=True)
class Hours:
    """A person's time within [start, end), on the working days of the program and of the person's region."""

    person: Person
    rules: Rules
    start: datetime
    end: datetime

    @cached_property
    def stated(self) -> list[Interval]:
        """Weekly windows, and time that the person has added to them."""
        return merge([*self._weekly, *self._extra])

    @cached_property
    def working(self) -> list[Interval]:
        """The same without the windows of public holidays; added time stays."""
        if not (self.person.region or self.rules.holidays):
            return self.stated
        return merge([*subtract(self._weekly, merge(self._holidays())), *self._extra])

    @cached_property
    def present(self) -> list[Interval]:
        """The same without the times when the person is away or taken by something else."""
        return subtract(self.working, merge(self._exceptions("away", "busy")))

    @cached_property
    def _weekly(self) -> list[Interval]:
        return weekly_times(self.person.weekly, self.person.zone, self.start, self.end)

    @cached_property
    def _extra(self) -> list[Interval]:
        return merge(self._exceptions("extra"))

    def _exceptions(self, *kinds: str) -> Iterator[Interval]:
        for one in self.person.exceptions:
            if one.kind in kinds:
                yield max(one.start, self.start), min(one.end, self.end)

    def _holidays(self) -> Iterator[Interval]:
        yield from self._closed(self.rules.holidays, self.rules.zone)
        if self.person.region:
            yield from self._closed((self.person.region,), self.person.zone)

    def _closed(self, regions: tuple[str, ...], zone: str) -> list[Interval]:
        margin = timedelta(days=1)
        first, last = local_day(self.start - margin, zone), local_day(self.end + margin, zone)
        return local_days(sorted(public_holidays(regions, first, last)), zone)


@dataclass(frozen=True)
class CommonHours:
    """The time of two persons together, by the same layers."""

    one: Hours
    other: Hours

    @cached_property
    def stated(self) -> list[Interval]:
        """In the stated hours of both."""
        return intersect(self.one.stated, self.other.stated)

    @cached_property
    def working(self) -> list[Interval]:
        """On a working day of both."""
        return intersect(self.one.working, self.other.working)

    @cached_property
    def present(self) -> list[Interval]:
        """Neither away nor busy."""
        return intersect(self.one.present, self.other.present)


def common_hours(
    one: Person, other: Person, rules: Rules, start: datetime, end: datetime
) -> CommonHours:
    """Return the common time of two persons within [start, end)."""
    return CommonHours(Hours(one, rules, start, end), Hours(other, rules, start, end))
