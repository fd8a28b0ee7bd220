"""Skills as they are compared: exact, near by the vocabulary's neighbours, missing for an occupation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from pydantic import TypeAdapter, ValidationError

from shared.events.outside import Opened, Requested
from shared.events.types import SkillId
from shared.vocabulary import Vocabulary, load, plain

MICRO = 1_000_000
"""A skill that is offered itself counts so much; a near one the square of its cosine, in millionths."""
TAUGHT = 8
"""So many skills of a pair are named at most."""
NEAR_ENOUGH = MICRO // 2
"""From so much on a mentor is said to teach a skill that is near to one of those offered: a cosine of 0.71."""

_SKILL_ID: TypeAdapter[str] = TypeAdapter(SkillId)


def vocabulary_of(rules: Opened) -> Vocabulary:
    """The vocabulary that a program compares skills by.

    Raises:
        InvalidVocabulary: it is neither shipped nor in the operator's folder, or malformed.
    """
    return load(rules.vocabulary)


@lru_cache(maxsize=65_536)
def normal(vocabulary: Vocabulary, name: str) -> str:
    """What a skill is compared by: its id in the vocabulary, else its plain label."""
    return vocabulary.skill(name) or plain(name)


@lru_cache(maxsize=16_384)
def normal_occupation(vocabulary: Vocabulary, name: str) -> str:
    """What an occupation is compared by, as with skills."""
    return vocabulary.occupation(name) or plain(name)


def normalised(vocabulary: Vocabulary, names: Iterable[str]) -> tuple[str, ...]:
    """Each skill once, in this order."""
    return tuple(dict.fromkeys([normal(vocabulary, name) for name in names]))


def wanted(vocabulary: Vocabulary, wishes: Requested) -> tuple[str, ...]:
    """The skills that a request asks for."""
    return normalised(vocabulary, wishes.wanted_skills)


def missing(vocabulary: Vocabulary, wishes: Requested) -> tuple[str, ...]:
    """What the target occupation takes beyond the held skills."""
    target = wishes.target_occupation
    if target is None:
        return ()
    held = normalised(vocabulary, wishes.held_skills)
    return vocabulary.gap(normal_occupation(vocabulary, target), held)


def cover(vocabulary: Vocabulary, offered: Iterable[str]) -> Mapping[str, int]:
    """The skills that an offer covers and how well, in millionths: the nearest of near ones counts."""
    own = normalised(vocabulary, offered)
    near: dict[str, int] = {}
    for skill in own:
        for other, amount in _near(vocabulary, skill):
            if amount > near.get(other, 0):
                near[other] = amount
    return near | dict.fromkeys(own, MICRO)


def taught(vocabulary: Vocabulary, wishes: Requested, offered: Iterable[str]) -> tuple[str, ...]:
    """Return what a pair has to work on: skills that are wanted, or missing for the target occupation, and taught.

    Best first: what is offered itself, then what is near enough to that; of those alike the wanted ones, in the
    request's order. Each is named as it is compared or, where that can be no skill's id in an event, as the request names it.
    """
    has = cover(vocabulary, offered)
    sought = dict.fromkeys((*wanted(vocabulary, wishes), *missing(vocabulary, wishes)))
    best = sorted(
        (one for one in sought if has.get(one, 0) >= NEAR_ENOUGH), key=lambda skill: -has[skill]
    )
    asked = {normal(vocabulary, name): name for name in reversed(wishes.wanted_skills)}
    named = (skill if _is_id(skill) else asked.get(skill) for skill in best)
    return tuple(skill for skill in named if skill is not None)[:TAUGHT]


@lru_cache(maxsize=16_384)
def _is_id(name: str) -> bool:
    """Whether an event can name a skill so: an operator's vocabulary may have longer ids."""
    try:
        _SKILL_ID.validate_python(name)
    except ValidationError:
        return False
    return True


@lru_cache(maxsize=16_384)
def _near(vocabulary: Vocabulary, skill: str) -> tuple[tuple[str, int], ...]:
    found = ((other, round(cosine**2 * MICRO)) for other, cosine in vocabulary.near(skill).items())
    return tuple((other, amount) for other, amount in found if amount > 0)
