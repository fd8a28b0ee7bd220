"""What is told of one pair: its parts, its score, and the reasons with the figures that their sentences need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from services.matching import scoring
from services.matching.pool import Pool
from services.matching.scoring import COMPONENTS, HIDDEN
from services.matching.skills import MICRO, cover, missing, wanted
from services.matching.table import primary
from shared.events.matching import Reason
from shared.events.types import Part

ONE = slice(0, 1)
FIRST = np.zeros(1, np.intp)


class Told(NamedTuple):
    """Skills of a pair, as they are compared, in the request's order.

    `exact` and `near` are wanted ones that the mentor offers or comes near to; `missing` are those that the target
    occupation takes and the mentee lacks, `covered` those of them that the mentor covers.
    """

    exact: tuple[str, ...]
    near: tuple[str, ...]
    missing: tuple[str, ...]
    covered: tuple[str, ...]


def told(pool: Pool, row: int, column: int) -> Told:
    """The skills behind a pair's score."""
    vocabulary, asked = pool.seekers.setting.vocabulary, pool.seekers.wishes[row]
    offer = pool.guides.mentors[column].offer
    has = cover(vocabulary, [skill.id for skill in offer.skills])
    asked_for, lacks = wanted(vocabulary, asked), missing(vocabulary, asked)
    return Told(
        exact=tuple(skill for skill in asked_for if has.get(skill) == MICRO),
        near=tuple(skill for skill in asked_for if 0 < has.get(skill, 0) < MICRO),
        missing=lacks,
        covered=tuple(skill for skill in lacks if skill in has),
    )


def score(pool: Pool, row: int, column: int) -> float:
    """The score of a pair."""
    return float(scoring.scores(pool.pair(row, column), ONE)[0, 0])


def parts(pool: Pool, row: int, column: int) -> dict[Part, float]:
    """The parts of a pair's score that have a weight and of which the request says something, 6 digits."""
    one, found = pool.pair(row, column), {}
    for name, component in COMPONENTS.items():
        part = float(component(one, ONE)[0, 0]) if pool.rules.weights.get(name, 0.0) else np.nan
        if not np.isnan(part):
            found[name] = float(np.rint(part * MICRO) / MICRO)  # as scoring does
    return found


def weight(pool: Pool, row: int) -> float:
    """The weight of what a request speaks of; 0 when there is no mentor to speak of."""
    if not pool.mentors:
        return 0.0
    found = parts(pool, row, 0)
    return sum(pool.rules.weights[name] for name in public(found))


def public(found: Mapping[Part, float]) -> dict[Part, float]:
    """The parts that may be shown."""
    return {name: part for name, part in found.items() if name not in HIDDEN}


def reasons(
    pool: Pool, row: int, column: int, found: Mapping[Part, float], minutes: int | None = None
) -> tuple[Reason, ...]:
    """Why this pair, as codes with figures: the parts above nothing, the greatest first.

    `minutes` that the two have in common a week are worked out where they are not at hand.
    """
    figures = _figures(pool, row, column, minutes)
    shown = [name for name, part in public(found).items() if part > 0]
    return tuple(
        Reason(code=name, figures=figures.get(name, {}))
        for name in sorted(shown, key=lambda name: (-found[name], name))
    )


def _figures(
    pool: Pool, row: int, column: int, minutes: int | None
) -> Mapping[Part, Mapping[str, float]]:
    asked, mentor = pool.seekers.wishes[row], pool.guides.mentors[column]
    have, offer = told(pool, row, column), mentor.offer
    common = primary(asked.languages) & primary(offer.languages)
    count = {
        "wanted": int(pool.seekers.wanted[row]),
        "exact": len(have.exact),
        "near": len(have.near),
    }
    return {
        "skills": count,
        "gap": {"missing": len(have.missing), "covered": len(have.covered)},
        "seniority": {"steps": offer.seniority - asked.seniority},
        "languages": {"common": len(common)},
        "time": {"minutes": _minutes(pool, row, column) if minutes is None else minutes},
        "ratings": {"count": mentor.ratings_count if mentor.ratings_count >= pool.rules.k else 0},
    }


def _minutes(pool: Pool, row: int, column: int) -> int:
    if pool.requests == 1:
        return int(scoring.minutes(pool, ONE)[0, column])
    return int(scoring.minutes(pool.pair(row, column), ONE)[0, 0])
