"""Small pools drawn at random, in which everything that rules and components look at happens."""

from __future__ import annotations

from random import Random
from typing import Any

from services.matching.model import Person
from services.matching.overlap import DAYS
from shared.events.outside import Available, Opened, Preferred
from shared.events.people import HeldOccupation, WeeklyWindow
from shared.events.types import Duration, Part
from shared.vocabulary import load
from tests.matching.people import EVERY_RULE, Able, Asking, ann, mia, rules

ESCO = load()
IDS = list(ESCO.skills)[:12]
SKILLS = [*IDS, *(other for skill in IDS for other in ESCO.near(skill))][:40]
LABELS = [ESCO.label(skill).upper() for skill in SKILLS[:10]]
JOBS = [*list(ESCO.occupations)[:4], "Beekeeper", "beekeeper"]
WISHES = ("parent", "rural", "remote", "sports")
PARTS: tuple[Part, ...] = (
    "skills", "gap", "industry", "transition", "seniority", "languages", "time", "wishes", "waiting",
)  # fmt: skip


def some(chance: Random, of: list[Any] | tuple[Any, ...], most: int) -> tuple[Any, ...]:
    return tuple(chance.sample(of, chance.randint(0, min(most, len(of)))))


def pool_of(seed: int) -> tuple[Opened, list[Asking], list[Able]]:
    """Rules, requests (some of one person) and mentors (some of whom ask themselves)."""
    chance = Random(seed)
    people = [f"p{number}" for number in range(8)]
    asking = [_asking(chance, people, place) for place in range(chance.randint(1, 6))]
    able = [_able(chance, people, mentor) for mentor in sorted(chance.sample(people, 5))]
    known: dict[str, Person] = {}
    same: list[Asking] = [(cycle, known.setdefault(one.person, one)) for cycle, one in asking]
    return _rules(chance), same, [(row, known.get(one.person, one)) for row, one in able]


def _rules(chance: Random) -> Opened:
    weights = {part: float(chance.choice([0, 1, 2.5, 4])) for part in PARTS}
    return rules(
        hard=some(chance, EVERY_RULE, 6),
        weights=weights | {"skills": 1.0},
        floor=chance.choice([0.0, 0.3]),
        capacity=chance.randint(1, 3),
        length=Duration(clock=chance.choice([30, 45, 60])),
        vocabulary=chance.choice(["esco-ict", "none"]),
        wishes=some(chance, WISHES, 3),
    )


def _person(chance: Random, people: list[str], person: str) -> dict[str, Any]:
    others = [other for other in people if other != person]
    named = some(chance, others, 4)
    likes = Preferred(prefer=named[:2], avoid=named[2:], wishes=some(chance, WISHES, 4))
    return {
        "time": _time(chance),
        "likes": chance.choice([None, likes]),
        "mentors": some(chance, others, 1),
    }


def _time(chance: Random) -> Available | None:
    if chance.random() < 0.1:
        return None
    zone = chance.choice(["Europe/Berlin", "Africa/Lagos", "America/New_York", "Asia/Kolkata"])
    windows = [
        WeeklyWindow(
            byday=some(chance, DAYS, 5) or ("MO",),
            start=f"{chance.choice([0, 8, 9, 17, 23]):02d}:{chance.choice([0, 30, 41]):02d}",
            duration=Duration(clock=chance.choice([30, 60, 240, 1440])),
        )
        for _ in range(chance.randint(0, 3))
    ]
    return Available(zone=zone, weekly=tuple(windows))


def _speaks(chance: Random) -> tuple[str, ...]:
    return some(chance, ("en-GB", "en", "de", "de-AT", "fr", "ja"), 3) or ("en-US",)


def _asking(chance: Random, people: list[str], place: int) -> Asking:
    person = chance.choice(people)
    return ann(
        mentee=person,
        place=place,
        never=some(chance, people, 1),
        wanted_skills=some(chance, [*SKILLS, *LABELS, "Bees", "  bees"[2:]], 5),
        held_skills=some(chance, [*SKILLS, *LABELS], 5),
        occupation=chance.choice([None, *JOBS]),
        target_occupation=chance.choice([None, *JOBS]),
        industry=chance.choice(["J", "62", "6201", "K"]),
        seniority=chance.randint(0, 10),
        languages=_speaks(chance),
        formats=some(chance, ("video", "chat", "audio"), 2) or ("video",),
        team=chance.choice("abc"),
        manager=chance.choice([None, *people]),
        **_person(chance, people, person),
    )


def _able(chance: Random, people: list[str], mentor: str) -> Able:
    return mia(
        mentor=mentor,
        load=chance.randint(0, 2),
        capacity=chance.randint(0, 3),
        left=chance.random() < 0.1,
        paused=chance.random() < 0.1,
        accepts_new=chance.random() < 0.9,
        skills=some(chance, [*SKILLS, *LABELS, "BEES"], 6),
        occupations=[HeldOccupation(id=job) for job in some(chance, JOBS, 3)],
        industry=chance.choice(["J", "62", "6201", "K"]),
        seniority=chance.randint(0, 10),
        languages=_speaks(chance),
        formats=some(chance, ("video", "chat", "audio"), 2) or ("video",),
        team=chance.choice("abc"),
        manager=chance.choice([None, *people]),
        **_person(chance, people, mentor),
    )
