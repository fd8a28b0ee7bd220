"""How well mentors suit requests: components in [0, 1] over the pairs of some rows, weighed as the program says.

    score = sum(weight * part) / sum(weight)          over the parts about which the request says something

A part of which the request says nothing is left out with its weight. Two things are no part of the score and
only add when pairs compete (`values`): `waiting`, so that ageing never lifts a pair over the floor, and `wishes`,
so that nobody learns from a score and the parts that are shown who prefers whom.

Parts and scores are rounded to 6 digits: they are counted in millionths here, so that they are the same wherever
they are computed and whichever pairs are looked at together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from services.matching.pool import Pool, Rows
from services.matching.rules import allowed
from services.matching.skills import MICRO
from shared.events.types import Part

F64 = NDArray[np.float64]
Component = Callable[[Pool, Rows], F64]
"""Of a pool and some rows: a part of each pair's score, shape (rows, mentors); a row of NaN says nothing."""

DIGITS = 6
PLENTY = 4
"""So many meetings' worth of common time a week is as good as more."""
GAP_ENOUGH = 5
"""So many missing skills are as much as one cycle closes."""
BEST_STEPS = 3
"""The best distance in seniority: far enough to have seen more, near enough to remember."""
WIDEST_STEPS = 4
SPREAD = 64
"""Between equal pairs the mentor with less to carry goes first; finer than any difference of score."""
OLDEST = 2.0
"""Waiting is worth as much as two perfect scores at most: more than any newcomer's, and values stay int32."""
AT_ONCE = 2**18
"""So many pairs are worked on at a time: 2 MB a matrix, which stays in a processor's cache."""
LEAST = 32
"""So many rows at least, however many mentors: products of fewer take longer for each."""


def skills(pool: Pool, rows: Rows) -> F64:
    """The wanted skills that the mentor offers; a near one counts as the square of its cosine."""
    some, guides = pool.indices(rows), pool.guides
    covered = guides.table.skills.summed(pool.seekers.wanted_skills, some, guides.columns)
    return _share(covered, pool.seekers.wanted[some], MICRO)


def gap(pool: Pool, rows: Rows) -> F64:
    """What the target occupation takes and the mentee lacks, as far as the mentor offers it."""
    some, guides = pool.indices(rows), pool.guides
    covered = guides.table.skills.summed(pool.seekers.missing_skills, some, guides.columns)
    return _share(covered, np.minimum(pool.seekers.missing[some], GAP_ENOUGH), MICRO)


def _share(amounts: NDArray[np.generic], of: NDArray[np.int32], unit: int) -> F64:
    """Amounts as shares of so many units, 1 at most; NaN where there is none to have a share of."""
    whole = np.where(of > 0, of * float(unit), np.nan)[:, None]
    shares: F64 = amounts / whole
    return np.minimum(shares, 1.0, out=shares)


def industry(pool: Pool, rows: Rows) -> F64:
    """How close the industries are (ISIC Rev. 4)."""
    close = pool.closeness[pool.seekers.industry[rows]]
    return np.take(close, pool.guides.industry, axis=1)


def transition(pool: Pool, rows: Rows) -> F64:
    """1 when the mentor went from the mentee's occupation to the target, half when only arrived there."""
    some, guides, seekers = pool.indices(rows), pool.guides, pool.seekers
    if not seekers.aims[some].any():
        return np.full((len(some), pool.mentors), np.nan)
    held = guides.table.occupations
    there = held.summed(seekers.target, some, guides.columns)
    came = held.summed(seekers.occupation, some, guides.columns)
    part = there * (1 + came) / 2
    part[~seekers.aims[some]] = np.nan
    return part


def seniority(pool: Pool, rows: Rows) -> F64:
    """How near the distance in seniority is to the best one; 0 when the mentor does not stand above."""
    steps = pool.guides.seniority - pool.seekers.seniority[rows][:, None]
    return np.take(_BY_STEPS, steps, mode="wrap")


def _by_steps() -> F64:
    """The part for each distance from 0 to 10, then for those from -10 to -1, as a negative place finds them."""
    steps = np.array([*range(11), *range(-10, 0)])
    near = np.maximum(0.0, 1 - np.abs(steps - BEST_STEPS) / WIDEST_STEPS)
    return np.where(steps > 0, near, 0.0)


_BY_STEPS = _by_steps()


def languages(pool: Pool, rows: Rows) -> F64:
    """The share of the mentee's languages that the mentor speaks."""
    some, guides = pool.indices(rows), pool.guides
    common = guides.table.languages.summed(pool.seekers.languages, some, guides.columns)
    return _share(common, pool.seekers.spoken[some], 1)


def time(pool: Pool, rows: Rows) -> F64:
    """Common minutes a week, measured by the program's length of a meeting."""
    share = minutes(pool, rows) / float(PLENTY * pool.rules.length.minutes)
    return np.minimum(share, 1.0, out=share)


def minutes(pool: Pool, rows: Rows) -> F64:
    """Minutes a week that two have in common all the year, shape (rows, mentors); kept for a pool of one request."""
    if pool.requests != 1:
        return _minutes(pool, rows)
    if (known := _MINUTES.get(pool)) is None:
        known = _MINUTES[pool] = _minutes(pool, slice(0, 1))
    return known[rows]


_MINUTES: WeakKeyDictionary[Pool, F64] = WeakKeyDictionary()


def _minutes(pool: Pool, rows: Rows) -> F64:
    guides, hours, some = pool.guides, pool.seekers.hours, pool.indices(rows)
    common = np.full((len(some), pool.mentors), np.inf, np.float32)
    for season in pool.seasons:
        runs = hours.runs(season).of(some)
        there = guides.table.week(season).minutes(runs, len(some), guides.columns)
        np.minimum(common, there, out=common)
    return common.astype(np.float64)


def wishes(pool: Pool, rows: Rows) -> F64:
    """Half for being preferred by either side, and the share of the mentee's background wishes that both state.

    The mean of the two where the mentee states both; nothing where the mentee states none.
    """
    some = pool.indices(rows)
    by_mentee, by_mentor = pool.preferred
    mine, yours = pool.wishes_stated
    prefers = np.array([_prefers(pool, row) for row in some], bool)
    persons = np.zeros((len(some), pool.mentors))
    for marks in (by_mentee, by_mentor):
        place_column = marks.flat(some)
        persons[place_column] += 0.5
    asked = mine[some].sum(axis=1)
    shared = (mine[some] @ yours.T) / np.where(asked > 0, asked, 1)[:, None]
    stated = prefers.astype(float) + (asked > 0)
    total = persons * prefers[:, None] + shared
    whole = np.where(stated > 0, stated, np.nan)[:, None]
    part: F64 = total / whole
    return part


def _prefers(pool: Pool, row: int) -> bool:
    likes = pool.seekers.persons[row].likes
    return likes is not None and bool(likes.prefer)


def ratings(pool: Pool, rows: Rows) -> F64:
    """What past mentees said of the mentor (ratings.py); who has too few opinions to be shown stands at the mean."""
    known = pool.opinions
    part = np.full(pool.mentors, np.nan) if known is None else known
    return part[None, :].repeat(len(pool.indices(rows)), axis=0)


COMPONENTS: Mapping[Part, Component] = {
    "skills": skills,
    "gap": gap,
    "industry": industry,
    "transition": transition,
    "seniority": seniority,
    "languages": languages,
    "time": time,
    "ratings": ratings,
    "wishes": wishes,
}
HIDDEN: frozenset[Part] = frozenset({"wishes"})
"""Components that are never shown: they count when pairs compete, and in nothing that is said."""


class Scored(NamedTuple):
    """The scores of some rows.

    Attributes:
        scores: shape (rows, mentors), 6 digits, also of pairs that a rule forbids.
        weight: shape (rows,), the weight of the parts of which each request says something.
        parts: the shown parts that have a weight, each of the shape of `scores`, 6 digits; a row of NaN where the
            request says nothing.
    """

    scores: F64
    weight: F64
    parts: Mapping[Part, F64]


def scored(pool: Pool, rows: Rows) -> Scored:
    """Scores with their parts; as many matrices as parts, so not for many rows of a large pool at once.

    Of a pool of one request they are kept as long as the pool.
    """
    some = pool.indices(rows)
    if pool.requests == 1 == len(some) and (known := _KEPT.get(pool)):
        return known
    parts: dict[Part, F64] = {}
    total, weight = _weighed(pool, some, parts)
    total /= MICRO
    found = Scored(total, weight, parts)
    if pool.requests == 1 == len(some):
        _KEPT[pool] = found
    return found


_KEPT: WeakKeyDictionary[Pool, Scored] = WeakKeyDictionary()


def scores(pool: Pool, rows: Rows) -> F64:
    """The score of each pair, 6 digits, also of pairs that a rule forbids; shape (rows, mentors)."""
    some = pool.indices(rows)
    found = np.empty((len(some), pool.mentors))
    for part in _slices(pool, len(some)):
        np.divide(_weighed(pool, some[part])[0], MICRO, out=found[part])
    return found


def values(pool: Pool, rows: Rows) -> NDArray[np.int32]:
    """What each pair is worth to a round, shape (rows, mentors): 0 when it is not allowed or below the floor.

    The score, the mentee's waiting and the wishes, as a positive whole number; between equals the lesser load counts.
    """
    some = pool.indices(rows)
    found = np.empty((len(some), pool.mentors), np.int32)
    for part in _slices(pool, len(some)):
        found[part] = _values(pool, some[part])
    return found


def _values(pool: Pool, rows: NDArray[np.intp]) -> NDArray[np.int32]:
    weights = pool.rules.weights
    aside, ageing = weights.get("wishes", 0.0), weights.get("waiting", 0.0)
    if pool.requests == 1:
        known = scored(pool, rows)
        worth, weight = np.rint(known.scores * MICRO), known.weight
    else:
        worth, weight = _weighed(pool, rows)
    enough = worth >= round(pool.rules.floor * MICRO)
    enough &= allowed(pool, rows)
    whole = np.maximum(weight + aside + ageing, np.finfo(float).tiny)
    worth *= (weight / whole)[:, None]
    if aside:
        worth += np.nan_to_num(wishes(pool, rows)) * (aside * MICRO / whole)[:, None]
    worth += np.minimum(pool.ageing[rows] * (ageing / whole), OLDEST)[:, None] * MICRO
    return _whole(worth, pool.guides.load, enough)


def _whole(worth: F64, load: NDArray[np.int64], enough: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Millionths as positive whole numbers that leave room for the load; in place."""
    np.rint(worth, out=worth)
    worth += 1
    worth *= SPREAD
    worth -= np.minimum(load, SPREAD - 1)
    worth *= enough
    return worth.astype(np.int32)


def _weighed(
    pool: Pool, rows: NDArray[np.intp], parts: dict[Part, F64] | None = None
) -> tuple[F64, F64]:
    """Scores in millionths, shape (rows, mentors), and the weight of what each request speaks of.

    Args:
        pool: the pool.
        rows: which rows.
        parts: filled with the parts, when given.
    """
    total = np.zeros((len(rows), pool.mentors))
    weight = np.zeros(len(rows))
    for name, share in _shares(pool):
        part = COMPONENTS[name](pool, rows)
        if parts is not None:
            parts[name] = np.rint(part * MICRO) / MICRO
        said = ~np.isnan(part[:, 0]) if pool.mentors else np.ones(len(rows), bool)
        if not said.all():
            part[~said] = 0.0
        total += _times(share, part)
        weight += share * said
    total /= np.where(weight > 0, weight, 1.0)[:, None]
    np.rint(total, out=total)
    return np.minimum(total, MICRO, out=total), weight


def _shares(pool: Pool) -> Iterator[tuple[Part, float]]:
    """The parts that make up the score, with their weights."""
    for name in COMPONENTS:
        silent = name == "ratings" and pool.opinions is None
        share = pool.rules.weights.get(name, 0.0)
        if share and name not in HIDDEN and not silent:
            yield name, share


def _times(share: float, part: F64) -> F64:
    """A part in whole millionths times its weight; in place, for it is as large as the block."""
    part *= MICRO
    np.rint(part, out=part)
    part *= share
    return part


def _slices(pool: Pool, rows: int) -> Iterator[slice]:
    step = max(LEAST, AT_ONCE // max(1, pool.mentors))
    return (slice(at, min(at + step, rows)) for at in range(0, rows, step))
