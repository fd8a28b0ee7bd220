"""Common time of two persons, in layers: what they stated, without holidays, without absences.

The layers make it possible to say which constraint fails when a meeting finds no slot.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from services.scheduling.calendar import down_to_minute, public_holidays, up_to_minute
from services.scheduling.model import Person, Rules
from shared.intervals import Interval, clip, intersect, merge, subtract, unite, weekly_times


@dataclass(frozen=True)
class Hours:
    """A person's time within [start, end), on the working days of the program and of the person's region.

    Meetings begin and end at whole minutes; of a minute that an exception cuts in two the person has no time.
    """

    person: Person
    rules: Rules
    start: datetime
    end: datetime

    @cached_property
    def stated(self) -> list[Interval]:
        """Weekly windows, and time that the person has added to them."""
        return unite(self._weekly, self._extra)

    @cached_property
    def working(self) -> list[Interval]:
        """The same without the windows of public holidays; added time stays."""
        if not self._closed:
            return self.stated
        return unite(subtract(self._weekly, self._closed), self._extra)

    @cached_property
    def present(self) -> list[Interval]:
        """The same without the times when the person is away or taken by something else."""
        taken = self._exceptions("away", "busy")
        return subtract(self.working, merge((down_to_minute(a), up_to_minute(b)) for a, b in taken))

    @cached_property
    def _weekly(self) -> list[Interval]:
        return weekly_times(self.person.weekly, self.person.zone, self.start, self.end)

    @cached_property
    def _extra(self) -> list[Interval]:
        return merge((up_to_minute(a), down_to_minute(b)) for a, b in self._exceptions("extra"))

    def _exceptions(self, *kinds: str) -> list[Interval]:
        found = ((one.start, one.end) for one in self.person.exceptions if one.kind in kinds)
        return clip(merge(found), self.start, self.end)

    @cached_property
    def _closed(self) -> list[Interval]:
        """The public holidays of the program, each on its clock, and those of the person's region."""
        person, rules = self.person, self.rules
        of_person = (person.region,) if person.region else ()
        return unite(
            public_holidays(rules.holidays, rules.zone, self.start, self.end),
            public_holidays(of_person, person.zone, self.start, self.end),
        )


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
