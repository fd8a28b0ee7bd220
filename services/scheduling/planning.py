"""Finding slots: meetings are placed one after the other, each where the common time and the rules allow it.

Where a meeting fits it goes into the fair hours of both, as near to its target as it can. Where no start leaves both
in their fair hours, the two share the inconvenience: see `fairness`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from operator import itemgetter

from services.scheduling.availability import CommonHours
from services.scheduling.calendar import (
    QUARTER,
    calendar_week,
    down_to_quarter,
    up_to_quarter,
    week_interval,
)
from services.scheduling.fairness import Burden, fair_times, outside_of, outsides, shared, total
from services.scheduling.model import Person, Rules
from shared.intervals import MINUTE, Interval, clip, intersect, merge, subtract

Commitments = Mapping[str, Sequence[Interval]]
"""The meetings that stand, by person."""
Starts = tuple[datetime, datetime]
"""A meeting may start at the first, at the last, and at any instant between."""
NOTHING: Burden = (0, 0)


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a meeting goes, and how many minutes of it lie outside the fair hours of each of the two."""

    start: datetime
    end: datetime
    outside: Burden = NOTHING


@dataclass(frozen=True, slots=True)
class NoSlot:
    """Nothing was found up to `until`; `constraint` is the first rule that leaves no room."""

    constraint: str
    until: datetime


class Planner:
    """Places meetings of one length for one pair; what it has placed is taken for those that follow.

    Args:
        rules: the program's rules that bind the cycle (buffer, weekly limit, zone).
        hours: the common time of the two; the first of them is the mentee.
        length: how long a meeting lasts.
        commitments: the meetings of each of the two that stand already.
        burden: minutes outside fair hours that other meetings of the cycle ask of each already.
    """

    def __init__(
        self,
        rules: Rules,
        hours: CommonHours,
        length: timedelta,
        commitments: Commitments,
        burden: Burden = NOTHING,
    ) -> None:
        self._rules = rules
        self._hours = hours
        self._length = length
        self._buffer = timedelta(minutes=rules.buffer)
        self._burden = burden
        near = self._near(commitments)
        self._taken = [one for meetings in near.values() for one in meetings]
        self._load = {
            person: Counter(calendar_week(start, rules.zone) for start, _ in meetings)
            for person, meetings in near.items()
        }
        self._full = {
            week
            for load in self._load.values()
            for week, count in load.items()
            if count >= rules.weekly_max
        }
        self._free = subtract(hours.present, merge(map(self._padded, self._taken)))

    def _near(self, commitments: Commitments) -> Commitments:
        """The meetings of the weeks that the hours touch: a person may have had thousands of others."""
        zone, reach = self._rules.zone, self._buffer
        first, last = (
            calendar_week(at, zone) for at in (self._hours.one.start, self._hours.one.end)
        )
        start, end = week_interval(first, zone)[0] - reach, week_interval(last, zone)[1] + reach
        return {
            person: [one for one in meetings if one[1] > start and one[0] < end]
            for person, meetings in commitments.items()
        }

    def place(self, start: datetime, end: datetime, target: datetime) -> Slot | NoSlot:
        """Take the best slot within [start, end).

        A start at which neither is outside fair hours wins, the nearest to `target`; where there is none, the one
        that shares the inconvenience best. Of two starts equally near it is the earlier.
        """
        room, full = clip(self._free, start, end), self._full_weeks(start, end)
        fair = nearest(self._starts(intersect(room, self._fair), full), target)
        if fair is not None:
            return self._take(fair, NOTHING)
        found = self._least_unfair(self._starts(room, full), target)
        if found is None:
            return NoSlot(self._constraint(start, end), end)
        return self._take(found, self.outside(found))

    def starts(self, start: datetime, end: datetime) -> list[Starts]:
        """Return when a meeting could start that lies within [start, end) and keeps every rule, in order of time."""
        return self._starts(clip(self._free, start, end), self._full_weeks(start, end))

    def _starts(self, room: Iterable[Interval], full: Sequence[Interval]) -> list[Starts]:
        """When a meeting can start in some free time and in no week that is full."""
        starts = [(a, b - self._length) for a, b in room if a + self._length <= b]
        return list(_without(starts, full)) if full else starts

    def _least_unfair(self, starts: Iterable[Starts], target: datetime) -> datetime | None:
        possible = [one for first, last in starts for one in neat(first, last)]
        mentee, mentor = (outsides(fair, possible, self._length) for fair in self._fair_of_each)
        costs = (
            (shared(self._burden, (a, b)), abs(start - target), start)
            for start, a, b in zip(possible, mentee, mentor, strict=True)
        )
        best = min(costs, default=None)
        return best[-1] if best else None

    def outside(self, start: datetime) -> Burden:
        """Return the minutes outside fair hours, of each of the two, of a meeting that starts then."""
        end = start + self._length
        mentee, mentor = (outside_of(fair, start, end) for fair in self._fair_of_each)
        return mentee, mentor

    @cached_property
    def _fair(self) -> list[Interval]:
        """The fair hours of both."""
        mentee, mentor = self._fair_of_each
        return mentee if mentee is mentor else intersect(mentee, mentor)

    @cached_property
    def _fair_of_each(self) -> tuple[list[Interval], list[Interval]]:
        one, other = self._hours.one, self._hours.other
        zones = zone_of(one.person, self._rules), zone_of(other.person, self._rules)
        mentee = fair_times(zones[0], one.start, one.end)
        if zones[0] == zones[1]:
            return mentee, mentee
        return mentee, fair_times(zones[1], one.start, one.end)

    def _take(self, start: datetime, outside: Burden) -> Slot:
        slot = Slot(start, start + self._length, outside)
        meeting = (slot.start, slot.end)
        self._taken.append(meeting)
        self._free = subtract(self._free, [self._padded(meeting)])
        self._burden = total([self._burden, slot.outside])
        week = calendar_week(start, self._rules.zone)
        for load in self._load.values():
            load[week] += 1
            if load[week] >= self._rules.weekly_max:
                self._full.add(week)
        return slot

    def _full_weeks(self, start: datetime, end: datetime) -> list[Interval]:
        if not self._full:
            return []
        first, last = (calendar_week(each, self._rules.zone) for each in (start, end))
        near: list[date] = sorted(week for week in self._full if first <= week <= last)
        return merge(week_interval(week, self._rules.zone) for week in near)

    def _padded(self, meeting: Interval) -> Interval:
        return meeting[0] - self._buffer, meeting[1] + self._buffer

    def _constraint(self, start: datetime, end: datetime) -> str:
        """Name the first layer of constraints that leaves no room, from the persons' hours to the weekly limit."""
        if not (self._hours.one.person.stated and self._hours.other.person.stated):
            return "no_availability"
        layers = {
            "no_common_time": self._hours.stated,
            "holidays": self._hours.working,
            "absence": self._hours.present,
            "other_meetings": subtract(self._hours.present, merge(self._taken)),
            "buffer": self._free,
        }
        for constraint, layer in layers.items():
            if not self._starts(clip(layer, start, end), ()):
                return constraint
        return "weekly_max"


def zone_of(person: Person, rules: Rules) -> str:
    """Return the zone whose clock a person goes by; who has stated none goes by the program's."""
    return person.zone if person.stated else rules.zone


def nearest(starts: Sequence[Starts], target: datetime) -> datetime | None:
    """Return the start nearest to `target` of those that are possible, the earlier of two; None when none is.

    It falls on a quarter of an hour wherever the room allows it. `starts` are in order of time.
    """
    behind = bisect_right(starts, target, key=itemgetter(0))
    # All others lie behind one of these.
    around = starts[max(behind - 2, 0) : behind + 1]
    candidates = (_neat(first, last, target) for first, last in around)
    return min(candidates, key=lambda one: abs(one - target), default=None)


def neat(first: datetime, last: datetime) -> Iterator[datetime]:
    """Yield the quarters of an hour from `first` to `last`, both included; `first` alone when there is none."""
    start = up_to_quarter(first)
    if start > last:
        yield first
    while start <= last:
        yield start
        start += QUARTER


def _neat(first: datetime, last: datetime, target: datetime) -> datetime:
    """The one of `neat` that is nearest to the target, the earlier of two."""
    lowest, highest = up_to_quarter(first), down_to_quarter(last)
    if lowest > highest:
        return first
    wanted = min(max(target, lowest), highest)
    below = down_to_quarter(wanted)
    return below + QUARTER if wanted - below > QUARTER / 2 else below


def _without(starts: Iterable[Starts], weeks: Sequence[Interval]) -> Iterator[Starts]:
    """Leave out the starts that fall into some weeks: [week, next week), while `starts` include their last."""
    for first, last in starts:
        at = first
        for begins, ends in weeks:
            if at < begins <= last:
                yield at, max(at, begins - MINUTE)
            if begins <= last:
                at = max(at, ends)
        if at <= last:
            yield at, last
