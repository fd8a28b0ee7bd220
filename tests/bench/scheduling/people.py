"""A program as scheduling knows it: rules, people who live in many zones, and the pairs to be planned.

Everything is drawn from one seed. All times fall on quarters of an hour and windows do not reach over midnight, so
that a search that looks at quarter starts and compares wall clocks finds what a planner finds who can do more. A pair
has some common time in most cases, as matching sees to; some have little or none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from services.scheduling.model import Cycle, Person, Rules, Running, Terms
from shared.events.people import TimeException, WeeklyWindow
from shared.events.types import Duration, Weekday
from shared.intervals import WEEK, intersect, weekly_times
from tests.bench.scheduling.settings import (
    BEGIN,
    ENDS_ON,
    MEETINGS,
    PROGRAM,
    ROUNDS,
    STARTS_ON,
    Setting,
)

DAY, QUARTER = timedelta(days=1), timedelta(minutes=15)
LENGTHS = (45, 60, 60, 90)
"""Minutes of a meeting, by cycle."""
LONGEST = timedelta(minutes=max(LENGTHS))
DRAWS = 60
"""How often somebody is looked for who can meet a mentor at all."""
_LIVES: dict[tuple[str, str], int] = {
    ("Europe/Berlin", "DE-BE"): 24,
    ("Europe/Madrid", "ES-MD"): 10,
    ("Europe/London", "GB-ENG"): 14,
    ("America/New_York", "US-NY"): 14,
    ("America/Los_Angeles", "US-CA"): 8,
    ("America/Sao_Paulo", "BR-SP"): 6,
    ("Africa/Nairobi", "KE"): 5,
    ("Asia/Kolkata", "IN-KA"): 8,
    ("Asia/Kathmandu", "NP"): 2,
    ("Asia/Tokyo", "JP"): 4,
    ("Australia/Adelaide", "AU-SA"): 3,
    ("Pacific/Auckland", "NZ-AUK"): 2,
}
"""Zones and regions of holidays, and how many of a hundred live there."""
_REGIONS = dict(_LIVES.keys())
_DAYS: tuple[tuple[Weekday, ...], ...] = (
    ("MO", "TU", "WE", "TH", "FR"),
    ("MO", "TU", "WE", "TH"),
    ("MO", "WE", "FR"),
    ("TU", "TH"),
    ("WE",),
    ("SA", "SU"),
)
_STARTS = ("06:30", "07:30", "08:00", "09:00", "11:30", "12:00", "15:00", "16:30", "17:00", "18:00", "19:00",
           "20:00")  # fmt: skip
_LENGTHS = (60, 90, 90, 120, 180)
_CADENCES = ("FREQ=WEEKLY", "FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2")


@dataclass(frozen=True)
class Program:
    """What is handed to a contestant: its cycles in the order in which they are to be planned.

    Each is planned at its anchor, knowing the meetings of the same two persons that were planned before.
    """

    rules: Rules
    people: dict[str, Person]
    cycles: list[Cycle]

    def of_mentors(self, count: int) -> Program:
        """The same with the cycles of so many mentors alone, popular ones and others: their plans are those of the whole.

        A mentee has one cycle, so nothing else has a say in them.
        """
        every = sorted({cycle.mentor for cycle in self.cycles})
        mentors = set(every[:: max(1, len(every) // count)][:count])
        return Program(self.rules, self.people, [c for c in self.cycles if c.mentor in mentors])


def program(setting: Setting) -> Program:
    """The program of a setting; the same for the same setting."""
    town = _Town(Random(f"{setting.seed} {setting.cycles} {setting.mentors}"))
    mentors = [town.person(f"mentor-{n:06}") for n in range(setting.mentors)]
    pairs = [
        (town.mentee(n, mentor := town.one_of(mentors)), mentor) for n in range(setting.cycles)
    ]
    people = [*mentors, *(mentee for mentee, _ in pairs)]
    cycles = [town.cycle(n, *pair) for n, pair in enumerate(pairs)]
    ordered = sorted(cycles, key=lambda each: (_anchor(each), each.cycle))
    return Program(rules(), {each.person: each for each in people}, ordered)


def rules() -> Rules:
    """All rules that have a say in a slot."""
    return Rules(
        program=PROGRAM,
        version="r1",
        place=0,
        event="6f0c2d5e-6a0e-4e6c-8f0d-1d3f4a5b6c7d",
        effective_at=BEGIN,
        zone="Europe/Berlin",
        starts_on=STARTS_ON,
        ends_on=ENDS_ON,
        holidays=("DE",),
        evidence="one",
        overlap_min=15,
        dispute=Duration(2),
        notice=Duration(clock=24 * 60),
        buffer=15,
        weekly_max=5,
        reminders=(Duration(1),),
    )


def running(cycle: Cycle) -> Running:
    """The state of a cycle that is to be planned."""
    if not isinstance(cycle.state, Running):
        raise TypeError(f"{cycle.cycle} has ended")
    return cycle.state


def _anchor(cycle: Cycle) -> datetime:
    return running(cycle).anchor


def _can_meet(one: Person, other: Person) -> bool:
    """Whether the first week has a stretch long enough for any meeting in windows of both."""
    times = (weekly_times(each.weekly, each.zone, BEGIN, BEGIN + WEEK) for each in (one, other))
    return any(end - start >= LONGEST for start, end in intersect(*times))


class _Town:
    """Draws people one after the other."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance

    def one_of(self, people: list[Person]) -> Person:
        """Some mentors are asked for more often than others."""
        return people[int(len(people) * self._chance.random() ** 1.2)]

    def person(self, name: str, home: tuple[str, str] | None = None) -> Person:
        zone, region = home or self._home()
        return Person(
            PROGRAM,
            name,
            stated=True,
            zone=zone,
            region=region if self._happens(0.7) else None,
            weekly=tuple(self._window() for _ in range(self._chance.randint(3, 6))),
            exceptions=tuple(sorted(self._exceptions(), key=lambda each: each.start)),
        )

    def mentee(self, number: int, mentor: Person) -> Person:
        """Somebody whom matching would pair with this mentor: of his zone, as a rule, and free when he is."""
        name = f"mentee-{number:06}"
        for _ in range(DRAWS):
            found = self._somebody(name, mentor)
            if _can_meet(found, mentor):
                return found
        return self._somebody(name, mentor)

    def _somebody(self, name: str, mentor: Person) -> Person:
        is_near = self._happens(0.5)
        return self.person(name, (mentor.zone, _REGIONS[mentor.zone]) if is_near else None)

    def cycle(self, number: int, mentee: Person, mentor: Person) -> Cycle:
        terms = Terms(
            planned_meetings=MEETINGS,
            cadence=self._chance.choice(_CADENCES),
            length=self._chance.choice(LENGTHS),
            format="video",
        )
        anchor = BEGIN + self._chance.randrange(ROUNDS) * DAY
        return Cycle(
            program=PROGRAM,
            cycle=f"cycle-{number:06}",
            mentee=mentee.person,
            mentor=mentor.person,
            rules="r1",
            status="running",
            state=Running(terms, anchor, 1, "paired"),
        )

    def _home(self) -> tuple[str, str]:
        return self._chance.choices(list(_LIVES), list(_LIVES.values()))[0]

    def _window(self) -> WeeklyWindow:
        return WeeklyWindow(
            byday=self._chance.choice(_DAYS),
            start=self._chance.choice(_STARTS),
            duration=Duration(clock=self._chance.choice(_LENGTHS)),
        )

    def _exceptions(self) -> Iterator[TimeException]:
        """A vacation or two, some hours taken by something else, some hours more than usual."""
        for _ in range(self._chance.randint(0, 2)):
            yield self._exception("away", timedelta(days=self._chance.randint(3, 16)))
        for _ in range(self._chance.randint(0, 6)):
            yield self._exception("busy", self._chance.randint(4, 16) * QUARTER)
        for _ in range(self._chance.randint(0, 3)):
            yield self._exception("extra", self._chance.randint(4, 12) * QUARTER)

    def _exception(self, kind: str, length: timedelta) -> TimeException:
        quarters = (ENDS_ON - STARTS_ON) // QUARTER
        start = BEGIN + self._chance.randrange(quarters) * QUARTER
        return TimeException.model_validate({"start": start, "end": start + length, "kind": kind})

    def _happens(self, share: float) -> bool:
        return self._chance.random() < share
