"""A cycle on the planner's desk: what is read from the world once, and the bounds of every number's slot."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from services.scheduling.availability import CommonHours, common_hours
from services.scheduling.calendar import (
    days_interval,
    local_day,
    midnight,
    periods,
    shifted,
    up_to_quarter,
)
from services.scheduling.curriculum import Lesson, curriculum, lesson_of
from services.scheduling.fairness import Burden, outside_minutes, total
from services.scheduling.find import meetings_of, person_of, standing_of
from services.scheduling.model import Confirmed, Cycle, Held, Meeting, Person, Rules, Running
from services.scheduling.planning import NoSlot, Planner, Slot, zone_of
from shared.events.types import Format
from shared.frozen import replace
from shared.intervals import WEEK, Interval
from shared.world import World


@dataclass(frozen=True)
class Desk:
    """All that planning a running cycle needs. Lives for one input; never stored."""

    world: World
    cycle: Cycle
    state: Running
    rules: Rules

    @cached_property
    def mentee(self) -> Person:
        """The mentee's time."""
        return person_of(self.world, self.cycle.program, self.cycle.mentee)

    @cached_property
    def mentor(self) -> Person:
        """The mentor's time."""
        return person_of(self.world, self.cycle.program, self.cycle.mentor)

    @property
    def zone(self) -> str:
        """The zone whose clock the pair's meetings keep: the mentor's, who has several pairs in one week."""
        return zone_of(self.mentor, self.rules)

    @cached_property
    def meetings(self) -> list[Meeting]:
        """All meetings of the cycle so far."""
        return meetings_of(self.world, self.cycle)

    @cached_property
    def changeable(self) -> datetime:
        """Meetings that start earlier are within the notice and stay."""
        return self.rules.notice.after(self.world.now, self.rules.zone)

    @cached_property
    def earliest(self) -> datetime:
        """No new slot begins before: the end of the notice, or the program's first day."""
        return max(up_to_quarter(self.changeable), self.days[0])

    @cached_property
    def days(self) -> Interval:
        """From the beginning of the program's first day to the end of its last."""
        return days_interval(self.rules.starts_on, self.rules.ends_on, self.rules.zone)

    @property
    def closes(self) -> datetime:
        """When the program's last day is over."""
        return self.days[1]

    @property
    def length(self) -> timedelta:
        """How long a meeting lasts."""
        return timedelta(minutes=self.state.terms.length)

    @cached_property
    def lessons(self) -> Sequence[Lesson]:
        """What the meetings of the plan are for."""
        return curriculum(self.state.terms.planned_meetings, self.state.focus, self.state.skills)

    def terms_of(self, number: int) -> tuple[Lesson, Format]:
        """What a number is for, and how the two meet."""
        return lesson_of(number, self.lessons), self.state.terms.format

    @cached_property
    def periods(self) -> dict[int, Interval]:
        """When each number is due, by the cadence; numbers that the program's days do not reach are left out."""
        terms, first = self.state.terms, self.state.first
        count = terms.planned_meetings - first + 1
        found = periods(terms.cadence, self.state.anchor, count, self.rules.zone, self.closes)
        return dict(enumerate(found, first))

    @cached_property
    def until(self) -> datetime:
        """Nothing is placed later, and no meeting of the cycle ends later."""
        last = max((end for _, end in self.periods.values()), default=self.earliest)
        standing = max((row.ends_at for row in self.meetings), default=last)
        # A number that is late by then is given the length of a period more.
        until = max(last, standing, self.earliest + self.pace)
        return max(self.changeable, min(self.closes, until))

    @cached_property
    def hours(self) -> CommonHours:
        """The common time of the two for as long as anything may be placed."""
        return common_hours(self.mentee, self.mentor, self.rules, self.changeable, self.until)

    @cached_property
    def hours_on_request(self) -> CommonHours:
        """The same with public holidays: somebody may ask to meet on one."""
        return self._hours_on_request(self.changeable, self.until)

    @cached_property
    def pace(self) -> timedelta:
        """The length of a period, at least a week: for a pair that meets daily, tomorrow may be a Saturday."""
        start, end = next(iter(self.periods.values()), (self.earliest, self.earliest))
        return max(end - start, WEEK)

    def planner(self, without: Collection[str] = ()) -> Planner:
        """Return a planner beside all standing meetings of the two but those of this cycle named in `without`."""
        commitments, burden = self._commitments(without), self._burden(without)
        return Planner(self.rules, self.hours, self.length, commitments, burden)

    def range_of(self, number: int) -> Interval | NoSlot:
        """Return where a number is to be placed: the rest of its period or, when that is over, one from now on."""
        period = self.periods.get(number)
        if period is None and (number >= self.state.first or not self.periods):
            return NoSlot("program_days", self.closes)
        start, end = self.earliest, self.earliest + self.pace
        if period is not None and period[1] - self.length >= self.earliest:
            start, end = max(period[0], self.earliest), period[1]
        end = min(end, self.closes)
        return (start, end) if start < end else NoSlot("program_days", self.closes)

    def is_in_period(self, number: int, at: datetime) -> bool:
        """Whether a start is where the cadence has the number; one that is made up for late is not."""
        start, end = self.periods.get(number, (at, at))
        return start <= at < end

    def began(self, rows: Iterable[Meeting]) -> dict[int, datetime]:
        """Return where numbers were first placed, of those that lie in their periods: moves change no rhythm."""
        found: dict[int, datetime] = {}
        for row in rows:
            first = [one.starts_at for one in row.history[:1]]
            for at in (*first, row.starts_at):
                if self.is_in_period(row.number, at):
                    found.setdefault(row.number, at)
        return found

    def target_of(self, number: int, began: Mapping[int, datetime]) -> datetime | None:
        """Return when a number would best start: as the lowest in the plan began, as many days later as its period.

        Not as the one before: a single meeting beside a holiday would drag all later ones to its hour.
        """
        if number not in self.periods or not began:
            return None
        origin = min(began)
        a, b = (local_day(self.periods[each][0], self.rules.zone) for each in (origin, number))
        return shifted(began[origin], (b - a).days, self.zone)

    def next_slot(self, meeting: Meeting) -> Slot | NoSlot:
        """Find the next free slot after a meeting, within the length of a period.

        A public holiday is taken when nothing else is left: what is refused must not depend on the edition of
        the holiday tables, or a rebuild years later would judge otherwise.
        """
        start = max(self.earliest, up_to_quarter(meeting.ends_at))
        end = min(start + self.pace, self.closes)
        if start >= end:
            return NoSlot("program_days", self.closes)
        hours = common_hours(self.mentee, self.mentor, self.rules, start, end)
        slot = self._one(meeting, hours, (start, end))
        if isinstance(slot, Slot):
            return slot
        return self._one(meeting, self._hours_on_request(start, end), (start, end))

    def slot_at(self, meeting: Meeting, start: datetime) -> Slot | NoSlot:
        """Check one start for a meeting that is to be moved there."""
        end = start + meeting.length
        if start < self.days[0] or end > self.closes:
            return NoSlot("program_days", self.closes)
        return self._one(meeting, self._hours_on_request(start, end), (start, end))

    def _one(self, meeting: Meeting, hours: CommonHours, where: Interval) -> Slot | NoSlot:
        commitments, burden = self._commitments({meeting.meeting}), self._burden({meeting.meeting})
        planner = Planner(self.rules, hours, meeting.length, commitments, burden)
        return planner.place(*where, where[0])

    def _hours_on_request(self, start: datetime, end: datetime) -> CommonHours:
        mentee, mentor = replace(self.mentee, region=None), replace(self.mentor, region=None)
        return common_hours(mentee, mentor, replace(self.rules, holidays=()), start, end)

    def _commitments(self, without: Collection[str]) -> dict[str, list[Interval]]:
        """The standing meetings of each of the two, without some of this cycle."""
        program, cycle = self.cycle.program, self.cycle.cycle
        return {
            person: [
                (row.starts_at, row.ends_at)
                for row in standing_of(self.world, program, person)
                if row.cycle != cycle or row.meeting not in without
            ]
            for person in self.cycle.pair()
        }

    def _burden(self, without: Collection[str]) -> Burden:
        """What standing and held meetings of the plan ask of each side outside fair hours, without some of them."""
        return total(
            [
                self._outside(row)
                for row in self.meetings
                if row.planned
                and isinstance(row.state, Confirmed | Held)
                and row.meeting not in without
            ]
        )

    def _outside(self, row: Meeting) -> Burden:
        """As it was said; of a meeting from before that was said, by today's zones."""
        if row.outside_mentee is not None and row.outside_mentor is not None:
            return row.outside_mentee, row.outside_mentor
        mentee, mentor = (
            outside_minutes(row.starts_at, row.ends_at, zone_of(person, self.rules))
            for person in (self.mentee, self.mentor)
        )
        return mentee, mentor


def opening(rules: Rules, now: datetime) -> datetime:
    """Return from when a pair of this instant can plan: after the notice, from the program's first day on."""
    return max(rules.notice.after(now, rules.zone), midnight(rules.starts_on, rules.zone))
