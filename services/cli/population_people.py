"""Who takes part: mentors and mentees with ESCO occupations and skills, in real zones, with habits.

Drawn from a seed. A mentee's target occupation shares skills with the present one, as real careers do; the
wanted skills are some of those that the target takes and the mentee lacks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from services.cli.population_chance import Chance, likely
from services.cli.population_places import Place, languages_of, place_of
from shared.events.outside import Available, Goal, Offered, Requested
from shared.events.people import HeldOccupation, OfferedSkill, TimeException, WeeklyWindow
from shared.events.types import Duration, Format, Readiness, Weekday
from shared.vocabulary import ESCO_ICT, Occupation, Vocabulary, load

TEAMS = 24
INDUSTRIES = ("J", "62", "6201", "63", "K", "C", "M", "P", "Q", "O")
WEEKDAYS: tuple[Weekday, ...] = ("MO", "TU", "WE", "TH", "FR")
FORMATS: tuple[Format, ...] = ("video", "audio", "in_person")
MOVED_BY: tuple[Readiness, ...] = (
    "stagnant",
    "unclear_direction",
    "skill_gap",
    "network_gap",
    "transition",
    "setback",
)
_STARTS = ("08:00", "09:00", "11:30", "13:00", "15:00", "16:30", "17:30")
_MIN_SKILLS = 15
NAMES_MANAGER, TAKES_WEEKS_OFF, ALSO_MEETS_SO = 0.5, 0.4, 0.3
SILENT_BELOW = 0.6


@dataclass(frozen=True, slots=True)
class Habits:
    """How somebody behaves, each a probability but `slow` (hours) and `kind` (mean rating).

    Attributes:
        comes: is there when a meeting begins.
        reviews: reviews a meeting.
        accepts: accepts a proposal.
        moves: asks to move a meeting.
        slow: hours until a typical answer.
        kind: the mean of the ratings given, 1 to 5.
    """

    comes: float
    reviews: float
    accepts: float
    moves: float
    slow: float
    kind: float


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who takes part, as stated at the beginning."""

    id: str
    place: Place
    available: Available
    habits: Habits


@dataclass(frozen=True, slots=True)
class Mentor(Person):
    """A mentor with the first offer."""

    offer: Offered


@dataclass(frozen=True, slots=True)
class Mentee(Person):
    """A mentee with the wishes of the first request."""

    wishes: Requested


class People:
    """Everybody who takes part.

    Args:
        chance: what they are drawn from.
        mentors, mentees: how many.
        first, last: days of the program, for the holidays that people take.
    """

    def __init__(self, chance: Chance, mentors: int, mentees: int, first: date, last: date) -> None:
        self._chance = chance
        self._first, self._last = first, last
        self._vocabulary = load(ESCO_ICT)
        self._occupations = _common(chance.of("occupations"), self._vocabulary)
        self.mentors = {each.id: each for each in map(self._mentor, range(mentors))}
        self.mentees = {each.id: each for each in map(self._mentee, range(mentees))}

    def __getitem__(self, person: str) -> Person:
        """The person of this id."""
        return self.mentors.get(person) or self.mentees[person]

    def everybody(self) -> list[Person]:
        """Mentors first."""
        return [*self.mentors.values(), *self.mentees.values()]

    def _mentor(self, number: int) -> Mentor:
        chance = self._chance.of("mentor", number)
        place = place_of(chance)
        return Mentor(
            id=self._chance.token("mentor", number),
            place=place,
            available=self.available(chance, place),
            habits=_habits(chance),
            offer=self._offer(chance, place),
        )

    def _offer(self, chance: Random, place: Place) -> Offered:
        career = chance.sample(self._occupations, chance.choice((1, 2, 2, 3)))
        known = list(dict.fromkeys(skill for each in career for skill in each.skills))
        taught = chance.sample(known, round(len(known) * chance.uniform(0.5, 0.9)))
        return Offered(
            capacity=chance.choice((1, 2, 2, 3, 3)),
            skills=tuple(OfferedSkill(id=each, level=chance.randint(5, 10)) for each in taught),
            occupations=tuple(HeldOccupation(id=each.id) for each in career),
            industry=chance.choice(INDUSTRIES),
            seniority=chance.randint(4, 8),
            languages=languages_of(chance, place),
            formats=_formats(chance),
            team=f"team-{chance.randrange(TEAMS)}",
            vocabulary=ESCO_ICT,
        )

    def _mentee(self, number: int) -> Mentee:
        chance = self._chance.of("mentee", number)
        place = place_of(chance)
        return Mentee(
            id=self._chance.token("mentee", number),
            place=place,
            available=self.available(chance, place),
            habits=_habits(chance),
            wishes=self._wishes(chance, place, number),
        )

    def _wishes(self, chance: Random, place: Place, number: int) -> Requested:
        present, target = self._aspiration(chance)
        held = tuple(chance.sample(present.skills, round(len(present.skills) * 0.7)))
        missing = self._vocabulary.gap(target.id, held)
        wanted = tuple(chance.sample(missing, min(len(missing), chance.randint(2, 5))))
        goals = tuple(
            Goal(id=f"goal-{nth}", kind=("short_term", "long_term")[nth - 1], skill=skill)
            for nth, skill in enumerate(wanted[: chance.randint(1, 2)], 1)
        )
        return Requested(
            mentee=self._chance.token("mentee", number),
            request=self._chance.token("request", number),
            wanted_skills=wanted,
            held_skills=held,
            occupation=present.id,
            target_occupation=target.id,
            industry=chance.choice(INDUSTRIES),
            seniority=chance.randint(0, 4),
            languages=languages_of(chance, place),
            formats=_formats(chance),
            readiness=tuple(sorted(chance.sample(MOVED_BY, chance.randint(1, 2)))),
            goals=goals,
            team=f"team-{chance.randrange(TEAMS)}",
            manager=chance.choice(list(self.mentors)) if likely(chance, NAMES_MANAGER) else None,
            vocabulary=ESCO_ICT,
        )

    def _aspiration(self, chance: Random) -> tuple[Occupation, Occupation]:
        """The present occupation and the one aspired to: of some, the one nearest to it."""
        present, *others = chance.sample(self._occupations, 6)
        held = set(present.skills)
        return present, max(others, key=lambda each: (len(held & set(each.skills)), each.id))

    def available(self, chance: Random, place: Place) -> Available:
        """Weekly windows, and for some people weeks away."""
        windows = tuple(
            WeeklyWindow(
                byday=tuple(
                    sorted(chance.sample(WEEKDAYS, chance.randint(2, 4)), key=WEEKDAYS.index)
                ),
                start=start,
                duration=Duration(clock=chance.choice((120, 150, 180, 240))),
            )
            for start in sorted(chance.sample(_STARTS, chance.randint(2, 3)))
        )
        return Available(
            zone=place.zone,
            region=place.region,
            weekly=windows,
            exceptions=(self.away(chance, self._first),) if likely(chance, TAKES_WEEKS_OFF) else (),
        )

    def away(self, chance: Random, after: date) -> TimeException:
        """One or two weeks away, some time after a day."""
        left = max(1, (self._last - after).days - 14)
        start = datetime.combine(after, time(), UTC) + timedelta(days=chance.randrange(left))
        return TimeException(
            start=start, end=start + timedelta(days=chance.choice((7, 7, 14))), kind="away"
        )


def _common(chance: Random, vocabulary: Vocabulary) -> list[Occupation]:
    """The occupations of this program's people: some of those with many skills."""
    broad = [each for each in vocabulary.occupations.values() if len(each.skills) >= _MIN_SKILLS]
    return chance.sample(sorted(broad, key=lambda each: each.id), 30)


def _formats(chance: Random) -> tuple[Format, ...]:
    return tuple(each for each in FORMATS if each == "video" or likely(chance, ALSO_MEETS_SO))


def _habits(chance: Random) -> Habits:
    """Who would review least hardly ever reviews anything."""
    comes, reviews = chance.betavariate(30, 1.5), chance.betavariate(8, 2)
    return Habits(
        comes=comes,
        reviews=reviews if reviews > SILENT_BELOW else reviews / 8,
        accepts=chance.betavariate(18, 2),
        moves=chance.betavariate(2, 30),
        slow=chance.uniform(3, 40),
        kind=min(5.0, max(2.0, chance.gauss(4.1, 0.5))),
    )
