"""The parts of a score: components in [0, 1], each over the pairs of some rows of a pool."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from services.matching.pool import Pool, Rows
from services.matching.skills import MICRO
from shared.events.types import Part

F64 = NDArray[np.float64]
Component = Callable[[Pool, Rows], F64]
"""Of a pool and some rows: a part of each pair's score, shape (rows, mentors); a row of NaN says nothing."""

PLENTY = 4
"""So many meetings' worth of common time a week is as good as more."""
GAP_ENOUGH = 5
"""So many missing skills are as much as one cycle closes."""
BEST_STEPS = 3
"""The best distance in seniority: far enough to have seen more, near enough to remember."""
WIDEST_STEPS = 4


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
    by_mentee, by_mentor = pool.ties.preferred
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
