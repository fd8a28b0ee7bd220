"""What the peers share, written without the service's code: when numbers are due, and what is taken already.

Of the service they know the rows that state what people want, and nothing else.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays as public

from services.scheduling.model import Cycle, Person, Rules
from shared.events.types import Weekday
from tests.bench.scheduling.people import Program, running

DAY, MINUTE, QUARTER = timedelta(days=1), timedelta(minutes=1), timedelta(minutes=15)
FAIR = time(8), time(18)
"""Hours on a person's own clock that are fair to meet in."""
Windows = list[list[tuple[time, time]]]
"""From when to when, on the person's own clock, by weekday."""
_DAYS: tuple[Weekday, ...] = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_YEARS = range(2026, 2028)
_WEEKS = {"FREQ=WEEKLY": 1, "FREQ=WEEKLY;INTERVAL=2": 2}


@dataclass(frozen=True, slots=True)
class Due:
    """A number of a plan: where it is due, and how many days after the first number."""

    start: datetime
    end: datetime
    days: int


@dataclass
class Rhythm:
    """The first meeting that a pair gets: the others keep its time of day, as many days apart as their periods."""

    zone: str
    began: datetime | None = None
    days: int = 0

    def target(self, due: Due) -> datetime:
        """When a number would best begin."""
        if self.began is None:
            return due.start
        local = self.began.astimezone(ZoneInfo(self.zone))
        return (local + timedelta(days=due.days - self.days)).astimezone(UTC)

    def keep(self, due: Due, start: datetime | None) -> None:
        """A number begins then, or has no slot."""
        if self.began is None:
            self.began, self.days = start, due.days


@dataclass
class Diary:
    """The meetings of everybody so far; a buffer is kept before and after each."""

    rules: Rules
    meetings: defaultdict[str, list[tuple[datetime, datetime]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    weeks: defaultdict[str, Counter[date]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, pair: tuple[Person, Person], start: datetime, end: datetime) -> None:
        """Both meet."""
        for person in pair:
            self.meetings[person.person].append((start, end))
            self.weeks[person.person][self.week(start)] += 1

    def week(self, instant: datetime) -> date:
        """The Monday of its week on the program's clock."""
        day = instant.astimezone(ZoneInfo(self.rules.zone)).date()
        return day - timedelta(days=day.weekday())

    def is_full(self, person: Person, monday: date) -> bool:
        """Whether the person meets often enough in a week."""
        return self.weeks[person.person][monday] >= self.rules.weekly_max


def pair_of(program: Program, cycle: Cycle) -> tuple[Person, Person]:
    """The mentee and the mentor."""
    return program.people[cycle.mentee], program.people[cycle.mentor]


def windows_of(person: Person) -> Windows:
    """The weekly windows of each weekday, from Monday on."""
    table: Windows = [[] for _ in _DAYS]
    for window in person.weekly:
        opens = time.fromisoformat(window.start)
        closes = (datetime.combine(date.min, opens) + window.duration.span).time()
        for day in window.byday:
            table[_DAYS.index(day)].append((opens, closes))
    return table


@cache
def days_off(regions: tuple[str, ...]) -> set[date]:
    """The public holidays of some regions in the years of the program."""
    found: set[date] = set()
    for region in regions:
        country, _, part = region.partition("-")
        found |= public.country_holidays(country, subdiv=part or None, years=_YEARS).keys()
    return found


def dues(rules: Rules, cycle: Cycle) -> list[Due]:
    """When each number of a cycle is due: whole weeks from the day of the pairing on, after the notice."""
    zone, state = ZoneInfo(rules.zone), running(cycle)
    days = 7 * _WEEKS[state.terms.cadence]
    first = state.anchor.astimezone(zone).date()
    earliest = state.anchor + DAY
    found = []
    for number in range(state.terms.planned_meetings):
        start, end = (
            datetime.combine(first + each * days * DAY, time.min, zone).astimezone(UTC)
            for each in (number, number + 1)
        )
        found.append(Due(max(start, earliest), end, number * days))
    return found
