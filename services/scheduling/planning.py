"""Finding slots: meetings are placed one after the other, each where the common time and the rules allow it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.scheduling.availability import CommonHours
from services.scheduling.calendar import (
    calendar_week,
    down_to_quarter,
    up_to_quarter,
    week_interval,
)
from services.scheduling.model import Rules
from shared.events.types import MeetingType, Readiness
from shared.intervals import Interval, clip, merge, subtract

Commitments = Mapping[str, Sequence[Interval]]
"""The meetings that stand, by person."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a meeting goes."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class NoSlot:
    """Nothing was found up to `until`; `constraint` is the first rule that leaves no room."""

    constraint: str
    until: datetime


class Planner:
    """Places meetings of one length for one pair; what it has placed is taken for those that follow.

    Args:
        rules: the program's rules that bind the cycle (buffer, weekly limit, zone).
        hours: the common time of the two.
        length: how long a meeting lasts.
        commitments: the meetings of each of the two that stand already.
    """

    def __init__(
        self, rules: Rules, hours: CommonHours, length: timedelta, commitments: Commitments
    ) -> None:
        self._rules = rules
        self._hours = hours
        self._length = length
        self._buffer = timedelta(minutes=rules.buffer)
        self._load = {
            person: Counter(calendar_week(start, rules.zone) for start, _ in meetings)
            for person, meetings in commitments.items()
        }
        self._free = subtract(hours.present, merge(map(self._padded, _all(commitments))))

    def place(self, start: datetime, end: datetime, target: datetime) -> Slot | NoSlot:
        """Take the slot within [start, end) whose start is nearest to `target`, the earlier of two."""
        room = self._room(start, end)
        found = nearest(room, self._length, target)
        if found is None:
            return NoSlot(self._constraint(start, end), end)
        self._take((found, found + self._length))
        return Slot(found, found + self._length)

    def _room(self, start: datetime, end: datetime) -> list[Interval]:
        """The free time of a range, without the weeks that are full."""
        return subtract(clip(self._free, start, end), self._full_weeks(start, end))

    def _take(self, meeting: Interval) -> None:
        self._free = subtract(self._free, [self._padded(meeting)])
        for load in self._load.values():
            load[calendar_week(meeting[0], self._rules.zone)] += 1

    def _full_weeks(self, start: datetime, end: datetime) -> list[Interval]:
        loads = self._load.values()
        weeks = {week for load in loads for week in load if load[week] >= self._rules.weekly_max}
        first, last = (calendar_week(each, self._rules.zone) for each in (start, end))
        near: list[date] = sorted(week for week in weeks if first <= week <= last)
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
            "other_meetings": self._free,
        }
        for constraint, layer in layers.items():
            if nearest(clip(layer, start, end), self._length, start) is None:
                return constraint
        return "weekly_max"


def nearest(room: Iterable[Interval], length: timedelta, target: datetime) -> datetime | None:
    """Return the start nearest to `target` of an interval of `length` within `room`; None when nothing fits.

    It falls on a quarter of an hour wherever the room allows it.
    """
    best: datetime | None = None
    for start, end in room:
        if start + length <= end:
            candidate = _neat(start, end - length, target)
            if best is None or abs(candidate - target) < abs(best - target):
                best = candidate
    return best


def _neat(first: datetime, last: datetime, target: datetime) -> datetime:
    wanted = min(max(target, first), last)
    below, above = down_to_quarter(wanted), up_to_quarter(wanted)
    if below >= first:
        return below
    return above if above <= last else wanted


def meeting_type(number: int, planned: int, focus: Sequence[Readiness]) -> MeetingType:
    """Return what a meeting of the plan is for: introduction first, then goals, the closing last."""
    if number == 1:
        return "introduction"
    if number >= planned:
        return "closing"
    if number == 2:  # noqa: PLR2004  right after the introduction
        return "goal_setting"
    if number == 3 and "transition" in focus:  # noqa: PLR2004  with time left to act on it
        return "transition_preparation"
    return "regular"


def _all(commitments: Commitments) -> Iterable[Interval]:
    for meetings in commitments.values():
        yield from meetings
