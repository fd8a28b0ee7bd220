"""A pool of people who might be real: careers of ESCO, zones, weeks, languages, trades, ranks, teams.

Everything is drawn from one seed. In a tight market mentors differ in breadth, from 0 to 1, and few have much of it:
of many skills and languages, free at most hours and rated high, so that nearly everybody scores these few highest.
No person asks twice and nobody both asks and offers, because the peers could not state what follows from that.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from services.matching.model import Cycle, Mentor, Open, Person
from services.matching.ratings import UNIT
from services.matching.record import Ratings
from shared.events.outside import Available, Offered, Opened, Preferred, Requested
from shared.events.people import HeldOccupation, OfferedSkill, WeeklyWindow
from shared.events.types import Duration, Format, Part, Weekday
from shared.world import Row, World
from tests.bench.matching.careers import Careers
from tests.bench.matching.settings import Setting, places

PROGRAM = "acme"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
NARROW, STEEP = 0.15, 6
"""The breadth of everybody in a loose market; and how much rarer the broadest are in a tight one."""
_WEIGHTS: dict[Part, float] = {
    "skills": 0.35,
    "gap": 0.1,
    "industry": 0.05,
    "transition": 0.05,
    "seniority": 0.05,
    "languages": 0.05,
    "time": 0.1,
    "wishes": 0.05,
    "ratings": 0.2,
    "waiting": 0.05,
}
_ZONES = {
    "Europe/Berlin": ("de", 30),
    "Europe/Paris": ("fr", 14),
    "Europe/Madrid": ("es", 10),
    "Europe/Warsaw": ("pl", 8),
    "Europe/London": ("en", 14),
    "America/New_York": ("en", 12),
    "America/Sao_Paulo": ("pt", 5),
    "Africa/Nairobi": ("sw", 3),
    "Asia/Kolkata": ("hi", 4),
}
"""The language at home, and how many of a hundred live there."""
_TONGUES = ("de", "fr", "es", "pl", "pt", "it", "nl", "tr", "hi")
_TRADES = ("62", "6201", "6202", "63", "J", "58", "61", "26", "64", "6419", "65", "K", "70", "7022", "72", "84",
           "85", "86", "47", "35")  # fmt: skip
_DAYS: tuple[tuple[Weekday, ...], ...] = (
    ("MO", "TU", "WE", "TH", "FR"),
    ("MO", "TU", "WE", "TH"),
    ("MO", "WE", "FR"),
    ("TU", "TH"),
    ("WE",),
    ("SA", "SU"),
)
_STARTS = ("07:30", "08:00", "09:00", "11:30", "12:00", "12:00", "15:00", "16:30", "17:00", "17:00", "18:00",
           "19:00")  # fmt: skip
_LENGTHS = (60, 90, 90, 120, 180)
_WORKDAY = WeeklyWindow(byday=_DAYS[0], start="07:00", duration=Duration(clock=14 * 60))
_FORMATS: tuple[tuple[Format, ...], ...] = (
    ("video",),
    ("video", "in_person"),
    ("video", "audio", "chat"),
    ("video", "audio"),
    ("in_person",),
)
_TEAM = 25
"""People in a team."""


def rules() -> Opened:
    """All hard rules, all parts, and a floor below which nobody is paired."""
    return Opened(
        rules="r1",
        effective_at=NOW,
        starts_on=date(2026, 3, 1),
        ends_on=date(2026, 8, 31),
        zone="Europe/Berlin",
        weights=_WEIGHTS,
        hard=("language", "time", "format", "team", "reporting_line", "seniority"),
        floor=0.1,
        capacity=50,
    )


def world_of(rows: list[Row]) -> World:
    """A world in which they are known, at the hour of the round."""
    world = World()
    world.now = NOW
    world.apply(rows)
    return world


def people(setting: Setting) -> list[Row]:
    """The mentors, open requests, persons and ratings of a market; the same for the same setting."""
    town = _Town(setting)
    mentors = [row for number in range(setting.mentors) for row in town.mentor(number)]
    mentees = [row for number in range(setting.requests) for row in town.mentee(number)]
    return [_ratings(mentors), *mentors, *mentees]


class _Town:
    """Draws people one after the other."""

    def __init__(self, setting: Setting) -> None:
        self._chance = Random(f"{setting.seed} {setting.name}")
        self._setting = setting
        self._places = places(setting, self._chance)
        self._careers = Careers(self._chance)
        self._teams = (setting.requests + setting.mentors) // _TEAM + 1

    def mentor(self, number: int) -> list[Row]:
        is_tight = self._setting.is_tight
        breadth = self._chance.random() ** STEEP if is_tight else NARROW
        career = self._careers.career(breadth)
        zone = self._zone()
        offer = Offered(
            capacity=self._places[number],
            skills=tuple(map(_offered, career.skills)),
            occupations=tuple(map(_held, career.occupations)),
            seniority=self._chance.randint(4, 10),
            **self._common(zone, breadth),
        )
        name = f"mentor-{number:06}"
        opinions = round(4 + 60 * breadth)
        liked = self._chance.uniform(0.3, 0.5) + 0.5 * breadth
        mentor = Mentor(
            program=PROGRAM,
            mentor=name,
            offer=offer,
            ratings_sum=round(opinions * liked * UNIT),
            ratings_count=opinions,
        )
        return [Person(PROGRAM, name, time=self._time(zone, breadth)), mentor.offering()]

    def mentee(self, number: int) -> list[Row]:
        path = self._careers.path()
        zone = self._zone()
        name = f"mentee-{number:06}"
        wishes = Requested(
            mentee=name,
            request=f"request-{number:06}",
            wanted_skills=path.wanted,
            held_skills=path.held,
            occupation=path.occupation,
            target_occupation=path.target,
            seniority=self._chance.randint(0, 5),
            manager=self._somebody() if self._happens(0.3) else None,
            **self._common(zone, NARROW),
        )
        time = self._time(zone, NARROW)
        person = Person(PROGRAM, name, time=time, likes=self._likes())
        return [person, _cycle(number, name, wishes)]

    def _common(self, zone: str, breadth: float) -> dict[str, Any]:
        return {
            "industry": self._chance.choice(_TRADES),
            "languages": self._languages(zone, breadth),
            "formats": self._chance.choice(_FORMATS),
            "team": f"team-{self._chance.randrange(self._teams)}",
        }

    def _zone(self) -> str:
        shares = [share for _, share in _ZONES.values()]
        return self._chance.choices(list(_ZONES), shares)[0]

    def _languages(self, zone: str, breadth: float) -> tuple[str, ...]:
        home = _ZONES[zone][0]
        spoken = [home, *(("en",) if self._happens(0.85) else ())]
        spoken += self._chance.sample(_TONGUES, round(self._chance.random() + 3 * breadth))
        return tuple(dict.fromkeys(spoken))

    def _time(self, zone: str, breadth: float) -> Available:
        windows = [self._window() for _ in range(self._chance.randint(2, 5))]
        everyday = [_WORKDAY] if self._happens(breadth) else []
        return Available(zone=zone, weekly=(*windows, *everyday))

    def _window(self) -> WeeklyWindow:
        return WeeklyWindow(
            byday=self._chance.choice(_DAYS),
            start=self._chance.choice(_STARTS),
            duration=Duration(clock=self._chance.choice(_LENGTHS)),
        )

    def _likes(self) -> Preferred | None:
        """One in ten wishes for somebody, one in thirty avoids somebody."""
        prefer = (self._somebody(),) if self._happens(0.1) else ()
        avoid = (self._somebody(),) if self._happens(0.03) else ()
        return Preferred(prefer=prefer, avoid=avoid) if prefer or avoid else None

    def _somebody(self) -> str:
        return f"mentor-{self._chance.randrange(self._setting.mentors):06}"

    def _happens(self, share: float) -> bool:
        return self._chance.random() < share


def _ratings(rows: list[Row]) -> Ratings:
    mentors = [row for row in rows if isinstance(row, Mentor)]
    return Ratings(
        PROGRAM,
        sum(mentor.ratings_sum for mentor in mentors),
        sum(mentor.ratings_count for mentor in mentors),
    )


@cache
def _offered(skill: str) -> OfferedSkill:
    return OfferedSkill(id=skill)


@cache
def _held(occupation: str) -> HeldOccupation:
    return HeldOccupation(id=occupation)


def _cycle(number: int, mentee: str, wishes: Requested) -> Cycle:
    return Cycle(
        program=PROGRAM,
        cycle=f"cycle-{number:06}",
        mentee=mentee,
        request=wishes.request,
        seat=1,
        place=number,
        since=NOW - timedelta(days=7),
        expires_at=NOW + timedelta(days=60),
        wishes=wishes,
        state=Open(),
    )
