"""How well mentors suit requests: the components of some rows' pairs, weighed as the program says.

    score = sum(weight * part) / sum(weight)          over the parts about which the request says something

A part of which the request says nothing is left out with its weight. Two things are no part of the score and
only add when pairs compete (`values`): `waiting`, so that ageing never lifts a pair over the floor, and `wishes`,
so that nobody learns from a score and the parts that are shown who prefers whom.

Parts and scores are rounded to 6 digits: they are counted in millionths here, so that they are the same wherever
they are computed and whichever pairs are looked at together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from services.matching.components import COMPONENTS, F64, HIDDEN, minutes, wishes
from services.matching.pool import Pool, Rows
from services.matching.rules import allowed
from services.matching.skills import MICRO
from shared.events.types import Part

__all__ = ["COMPONENTS", "DIGITS", "HIDDEN", "Scored", "minutes", "scored", "scores", "values"]

DIGITS = 6
SPREAD = 64
"""Between equal pairs the mentor with less to carry goes first; finer than any difference of score."""
OLDEST = 2.0
"""Waiting is worth as much as two perfect scores at most: more than any newcomer's, and values stay int32."""
AT_ONCE = 2**18
"""So many pairs are worked on at a time: 2 MB a matrix, which stays in a processor's cache."""
LEAST = 32
"""So many rows at least, however many mentors: products of fewer take longer for each."""


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
    enough = worth >= _least(pool.rules.floor)
    enough &= allowed(pool, rows)
    whole = np.maximum(weight + aside + ageing, np.finfo(float).tiny)
    worth *= (weight / whole)[:, None]
    if aside:
        worth += np.nan_to_num(wishes(pool, rows)) * (aside * MICRO / whole)[:, None]
    worth += np.minimum(pool.ageing[rows] * (ageing / whole), OLDEST)[:, None] * MICRO
    return _whole(worth, pool.guides.load, enough)


def _least(floor: float) -> int:
    """The least score in millionths that is not below the floor, which may have more digits."""
    near = round(floor * MICRO)
    return near + (near / MICRO < floor)


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
