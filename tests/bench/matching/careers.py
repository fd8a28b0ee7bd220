"""Careers of ESCO: what people have learnt, what they want to learn, and from whom they could."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random

from shared.vocabulary import Occupation, load

LEAST_SKILLS, MOST_SKILLS = 12, 250
"""Of a mentor of no breadth, and of the broadest."""
NEARBY = 8
"""Mentees aspire to one of so many occupations that share most skills with theirs."""


@dataclass(frozen=True, slots=True)
class Path:
    """A mentee's way: occupations by id, skills held and wanted."""

    occupation: str
    target: str
    held: tuple[str, ...]
    wanted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Career:
    """A mentor's past: occupations by id, the last one last, and skills."""

    occupations: tuple[str, ...]
    skills: tuple[str, ...]


class Careers:
    """Draws them from the vocabulary, with a chance that is handed in."""

    def __init__(self, chance: Random) -> None:
        vocabulary = load()
        self._chance = chance
        self._known = [each for each in vocabulary.occupations.values() if len(each.skills) > 5]
        taken = Counter(skill for each in self._known for skill in each.skills)
        self._asked = [skill for skill, _ in taken.most_common()]
        self._near = {each.id: self._nearest(each) for each in self._known}

    def path(self) -> Path:
        """Half of the present occupation's skills, and some of what the next one takes beyond it."""
        chance = self._chance
        now = chance.choice(self._known)
        then = chance.choice(self._near[now.id])
        held = chance.sample(now.skills, len(now.skills) // 2)
        beyond = [skill for skill in then.skills if skill not in now.skills] or list(then.skills)
        wanted = chance.sample(beyond, min(len(beyond), chance.randint(2, 6)))
        return Path(now.id, then.id, tuple(held), tuple(wanted))

    def career(self, breadth: float) -> Career:
        """One to three occupations, each near the one before, and their skills; breadth in [0, 1] adds what most jobs take."""
        chance = self._chance
        steps = [chance.choice(self._known)]
        for _ in range(chance.choice((0, 1, 1, 2)) + round(5 * breadth)):
            steps.append(chance.choice(self._near[steps[-1].id]))
        learnt = list(dict.fromkeys(skill for step in steps for skill in step.skills))
        chance.shuffle(learnt)
        most = LEAST_SKILLS + round((MOST_SKILLS - LEAST_SKILLS) * breadth)
        skills = tuple(dict.fromkeys([*learnt, *self._asked]))[:most]
        return Career(tuple(dict.fromkeys(step.id for step in steps)), skills)

    def _nearest(self, one: Occupation) -> list[Occupation]:
        has = frozenset(one.skills)
        others = [each for each in self._known if each.id != one.id]
        return sorted(others, key=lambda other: (-len(has.intersection(other.skills)), other.id))[
            :NEARBY
        ]
