"""How well a mentor suits a request: parts in [0, 1], weighed as the program says.

    score = sum(weight * part) / sum(weight)          over the parts about which the request says something

A part of which the request says nothing is left out with its weight. `waiting` is no part of the score, so
that ageing never lifts a pair over the floor; it counts when pairs compete (`value`). Wishes count and are
never shown. Figures are rounded to 6 digits, so that they are the same wherever they are computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from services.matching import overlap
from services.matching.industry import closeness
from services.matching.pool import Guide, Scored, Seeker
from shared.events.matching import Reason
from shared.events.outside import Opened
from shared.events.types import Part

DIGITS = 6
MICRO = 1_000_000
PLENTY = 4
"""So many meetings' worth of common time a week is as good as more."""
GAP_ENOUGH = 5
"""So many missing skills are as much as one cycle closes."""
BEST_STEPS = 3
"""The best distance in seniority: far enough to have seen more, near enough to remember."""
WIDEST_STEPS = 4
SPREAD = 64
"""Between equal pairs the mentor with less to carry goes first; finer than any difference of score."""

Measure = Callable[[Seeker, Guide, Opened], float | None]


def skills(seeker: Seeker, guide: Guide, rules: Opened) -> float | None:
    """The wanted skills that the mentor offers; a near one counts as the square of its cosine."""
    del rules
    wanted = seeker.wanted
    return covered(wanted, guide) / len(wanted) if wanted else None


def gap(seeker: Seeker, guide: Guide, rules: Opened) -> float | None:
    """What the target occupation takes and the mentee lacks, as far as the mentor offers it."""
    del rules
    missing = seeker.missing
    if not missing:
        return None
    return min(1.0, covered(missing, guide) / min(len(missing), GAP_ENOUGH))


def covered(asked: Iterable[str], guide: Guide) -> float:
    """How many of these skills the mentor covers, near ones counted in part."""
    cover = guide.cover
    return sum([cover[skill] for skill in asked if skill in cover])


def industry(seeker: Seeker, guide: Guide, rules: Opened) -> float | None:
    """How close the industries are (ISIC Rev. 4)."""
    del rules
    return closeness(seeker.wishes.industry, guide.mentor.offer.industry)


def transition(seeker: Seeker, guide: Guide, rules: Opened) -> float | None:
    """1 when the mentor went from the mentee's occupation to the target, half when only arrived there."""
    del rules
    target = seeker.wishes.target_occupation
    if target is None:
        return None
    held = {occupation.id for occupation in guide.mentor.offer.occupations}
    if target not in held:
        return 0.0
    return 1.0 if seeker.wishes.occupation in held else 0.5


def seniority(seeker: Seeker, guide: Guide, rules: Opened) -> float | None:
    """How near the distance in seniority is to the best one; 0 when the mentor does not stand above."""
    del rules
    steps = guide.mentor.offer.seniority - seeker.wishes.seniority
    return max(0.0, 1 - abs(steps - BEST_STEPS) / WIDEST_STEPS) if steps > 0 else 0.0


def languages(seeker: Seeker, guide: Guide, rules: Opened) -> float | None:
    """The share of the mentee's languages that the mentor speaks."""
    del rules
    return len(seeker.languages & guide.languages) / len(seeker.languages)


def time(seeker: Seeker, guide: Guide, rules: Opened) -> float | None:
    """Common minutes a week, measured by the program's length of a meeting."""
    minutes = overlap.minutes(overlap.common(seeker.weeks, guide.weeks))
    return min(1.0, minutes / (PLENTY * rules.length.minutes))


def wishes(seeker: Seeker, guide: Guide, rules: Opened) -> float | None:
    """Half for being preferred by either side; left out when the mentee prefers nobody."""
    del rules
    mine, yours = seeker.person.likes, guide.person.likes
    if mine is None or not mine.prefer:
        return None
    by_mentee = guide.mentor.mentor in mine.prefer
    by_mentor = yours is not None and seeker.cycle.mentee in yours.prefer
    return (by_mentee + by_mentor) / 2


MEASURES: Mapping[Part, Measure] = {
    "skills": skills,
    "gap": gap,
    "industry": industry,
    "transition": transition,
    "seniority": seniority,
    "languages": languages,
    "time": time,
    "wishes": wishes,
}
HIDDEN: frozenset[Part] = frozenset({"wishes"})


def score(seeker: Seeker, guide: Guide, rules: Opened) -> Scored:
    """The score of a pair under the weights of a program."""
    total = weight = 0.0
    parts: dict[Part, float] = {}
    for name, measure in MEASURES.items():
        share = rules.weights.get(name, 0.0)
        part = measure(seeker, guide, rules) if share else None
        if part is not None:
            parts[name] = round(part, DIGITS)
            total += share * parts[name]
            weight += share
    return Scored(round(min(1.0, total / weight), DIGITS) if weight else 0.0, parts, weight)


def value(scored: Scored, waiting: float, load: int, rules: Opened) -> int:
    """What a pair is worth to a round: its score and the mentee's waiting, as a positive whole number."""
    ageing = rules.weights.get("waiting", 0.0)
    whole = scored.weight + ageing
    worth = (scored.score * scored.weight + waiting * ageing) / whole if whole else 0.0
    return (round(worth * MICRO) + 1) * SPREAD - min(load, SPREAD - 1)


def public(parts: Mapping[Part, float]) -> dict[Part, float]:
    """The parts that may be shown."""
    return {name: part for name, part in parts.items() if name not in HIDDEN}


def reasons(seeker: Seeker, guide: Guide, parts: Mapping[Part, float]) -> tuple[Reason, ...]:
    """Why this pair, as codes with figures: the parts above nothing, the greatest first."""
    figures = _figures(seeker, guide)
    shown = [name for name, part in public(parts).items() if part > 0]
    return tuple(
        Reason(code=name, figures=figures.get(name, {}))
        for name in sorted(shown, key=lambda name: (-parts[name], name))
    )


def _figures(seeker: Seeker, guide: Guide) -> Mapping[Part, Mapping[str, float]]:
    cover, wanted, missing = guide.cover, seeker.wanted, seeker.missing
    exact = sum(cover.get(skill) == 1 for skill in wanted)
    near = sum(0 < cover.get(skill, 0.0) < 1 for skill in wanted)
    minutes = overlap.minutes(overlap.common(seeker.weeks, guide.weeks))
    return {
        "skills": {"wanted": len(wanted), "exact": exact, "near": near},
        "gap": {"missing": len(missing), "covered": sum(skill in cover for skill in missing)},
        "seniority": {"steps": guide.mentor.offer.seniority - seeker.wishes.seniority},
        "languages": {"common": len(seeker.languages & guide.languages)},
        "time": {"minutes": minutes},
    }
