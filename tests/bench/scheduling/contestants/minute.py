"""The straightforward way: look at every minute in which a number is due, and ask whether both are free in it.

A minute is free when it lies in a weekly window on the person's own clock, or in added time, and in no holiday, no
absence and no meeting or buffer. Enough free minutes in a row are a slot; every slot that starts on a quarter of an
hour is judged by the rule of fair hours, and the best one is taken. What a person states is read once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.scheduling.model import Cycle, Person
from tests.bench.scheduling.contestants.diary import (
    FAIR,
    MINUTE,
    Diary,
    Rhythm,
    Windows,
    days_off,
    dues,
    pair_of,
    windows_of,
)
from tests.bench.scheduling.contestants.plans import Plan, Plans
from tests.bench.scheduling.people import Program, running

_Rank = tuple[int, int, timedelta, datetime]


def plans(program: Program) -> Plans:
    """Plan every cycle of a program."""
    diary = Diary(program.rules)
    clocks: dict[str, _Clock] = {}
    found: dict[str, Plan] = {}
    for cycle in program.cycles:
        pair = pair_of(program, cycle)
        for person in pair:
            clocks.setdefault(person.person, _Clock(person, diary))
        both = clocks[cycle.mentee], clocks[cycle.mentor]
        found[cycle.cycle] = _Search(cycle, pair, both, diary).plan()
    return Plans(found)


class _Clock:
    """Tells of one person and one minute whether the person is free."""

    def __init__(self, person: Person, diary: Diary) -> None:
        self.zone = ZoneInfo(person.zone)
        self._person, self._diary = person, diary
        self._program = ZoneInfo(diary.rules.zone)
        self._windows: Windows = windows_of(person)
        self._own = days_off((person.region,) if person.region else ())
        self._closed = days_off(diary.rules.holidays)
        self._buffer = timedelta(minutes=diary.rules.buffer)

    def is_free(self, minute: datetime) -> bool:
        return self._has_time(minute) and not self._is_away(minute) and not self._is_taken(minute)

    def _has_time(self, minute: datetime) -> bool:
        return self._in_window(minute) or self._is_in("extra", minute)

    def _in_window(self, minute: datetime) -> bool:
        local = minute.astimezone(self.zone)
        clock = local.time()
        return any(
            opens <= clock < closes for opens, closes in self._windows[local.weekday()]
        ) and not self._is_off(local, minute)

    def _is_off(self, local: datetime, minute: datetime) -> bool:
        return local.date() in self._own or minute.astimezone(self._program).date() in self._closed

    def _is_away(self, minute: datetime) -> bool:
        return self._is_in("away", minute) or self._is_in("busy", minute)

    def _is_in(self, kind: str, minute: datetime) -> bool:
        return any(
            each.start <= minute < each.end and each.kind == kind
            for each in self._person.exceptions
        )

    def _is_taken(self, minute: datetime) -> bool:
        meetings = self._diary.meetings[self._person.person]
        return any(start - self._buffer <= minute < end + self._buffer for start, end in meetings)

    def outside(self, start: datetime, end: datetime) -> int:
        """Minutes of a meeting outside of fair hours."""
        count = 0
        while start < end:
            count += not FAIR[0] <= start.astimezone(self.zone).time() < FAIR[1]
            start += MINUTE
        return count


class _Search:
    """The plan of one cycle."""

    def __init__(
        self, cycle: Cycle, pair: tuple[Person, Person], both: tuple[_Clock, _Clock], diary: Diary
    ) -> None:
        self._cycle, self._pair, self._both, self._diary = cycle, pair, both, diary
        self._length = timedelta(minutes=running(cycle).terms.length)
        self._spent = [0, 0]

    def plan(self) -> Plan:
        rhythm = Rhythm(self._pair[1].zone)
        found: Plan = []
        for due in dues(self._diary.rules, self._cycle):
            start = self._place(due.start, due.end, rhythm.target(due))
            rhythm.keep(due, start)
            found.append(None if start is None else int(start.timestamp()))
        return found

    def _place(self, first: datetime, last: datetime, target: datetime) -> datetime | None:
        """The best start: the least inconvenient, then the nearest to the target, then the earlier; it is taken."""
        best: _Rank | None = None
        minute, since = first, first
        while minute < last:
            if not all(each.is_free(minute) for each in self._both):
                since = minute + MINUTE
            start = minute + MINUTE - self._length
            if start >= since and start.minute % 15 == 0 and not self._is_in_full_week(start):
                rank = self._rank(start, target)
                best = rank if best is None else min(best, rank)
            minute += MINUTE
        return self._take(best[-1]) if best else None

    def _is_in_full_week(self, start: datetime) -> bool:
        week = self._diary.week(start)
        return any(self._diary.is_full(person, week) for person in self._pair)

    def _rank(self, start: datetime, target: datetime) -> _Rank:
        outside = self._outside(start)
        if not any(outside):
            return 0, 0, abs(start - target), start
        spent = self._with(outside)
        return max(spent), sum(spent), abs(start - target), start

    def _take(self, start: datetime) -> datetime:
        self._spent = self._with(self._outside(start))
        self._diary.add(self._pair, start, start + self._length)
        return start

    def _outside(self, start: datetime) -> list[int]:
        return [each.outside(start, start + self._length) for each in self._both]

    def _with(self, outside: list[int]) -> list[int]:
        return [before + more for before, more in zip(self._spent, outside, strict=True)]
