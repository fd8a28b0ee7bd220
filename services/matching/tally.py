"""What a round came to, in figures: pairs that would both rather have each other, and how the load is spread."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import permutations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching import scoring
from services.matching.assignment.market import NOBODY, Choice, Market
from services.matching.pool import Pool
from shared.events.envelope import Event
from shared.events.matching import Loads, Tallied

BLOCK = 2_000_000
"""So many pairs are looked at together: 8 MB of values."""
COUNTED = 50_000_000
"""Blocking pairs of a larger pool are not counted: it takes as long as working out every value once more."""

Columns = NDArray[np.int32]


def blocks(requests: int, mentors: int, pairs: int | None = None) -> Iterator[slice]:
    """Ranges of rows that hold about so many pairs each."""
    rows = max(1, (pairs or BLOCK) // max(1, mentors))
    return (slice(start, min(start + rows, requests)) for start in range(0, requests, rows))


def tallied(event: Event, pool: Pool, market: Market, choice: Choice, said: int) -> Tallied:
    """What a whole round came to; `said` of its pairs are said with it. How long it took is not its to know."""
    column = choice.column
    scores = _scores(pool, column)
    chosen = np.bincount(column[column != NOBODY], minlength=pool.mentors)
    carried = np.array([mentor.load for mentor in pool.guides.mentors], np.int64) + chosen
    limits = [min(one.offer.capacity, pool.rules.capacity) for one in pool.guides.mentors]
    return Tallied(
        rules=pool.rules.rules,
        round=event.id,
        policy=pool.rules.policy,
        waiting=pool.requests,
        mentors=pool.mentors,
        places=int(pool.room.sum()),
        matched=len(scores),
        said=said,
        unmatched=pool.requests - len(scores),
        total=round(math.fsum(scores), scoring.DIGITS),
        worst=min(scores, default=None),
        blocking=blocking(market, column),
        reached=reached(choice),
        loads=loads(carried, np.array(limits, np.int64)),
    )


def reached(choice: Choice) -> float | None:
    """The choice's value as a share of its bound, rounded down: 1 only where it is proven to be the best."""
    if choice.bound is None:
        return None
    if choice.certified:
        return 1.0
    unit = float(10**scoring.DIGITS)
    return math.floor(choice.value / choice.bound * unit) / unit


def _scores(pool: Pool, column: Columns) -> list[float]:
    """The scores of the chosen pairs, in the order of the queue."""
    has = np.flatnonzero(column != NOBODY)
    found: list[float] = []
    for block in blocks(len(has), pool.mentors):
        rows = has[block]
        scores = scoring.scores(pool, rows)
        found += scores[np.arange(len(rows)), column[rows]].tolist()
    return found


def blocking(market: Market, column: Columns) -> int | None:
    """How many allowed pairs would both rather have each other than what the choice gives them.

    A mentee would rather have whoever is worth more to him than the mentor he has; a mentor with a place
    left anybody, a full one whoever is worth more than the least of his. Pairs that may not be because of
    another chosen pair (a mentor once for a mentee, nobody the mentor of his own mentor) do not count.
    None for a pool too large to count.
    """
    n, m = len(column), len(market.capacity)
    if n * m > COUNTED:
        return None
    own = _worth(market, column)
    least, out = _least(market, column, own), _ruled_out(market, column)
    found = 0
    for rows in blocks(n, m):
        values = market.values(rows)
        rather = (values > own[rows, None]) & (values > least)
        found += int(np.count_nonzero(rather)) - out.among(rows, rather)
    return found


def _worth(market: Market, column: Columns) -> NDArray[np.int32]:
    """[n] What each row's chosen pair is worth; 0 without one."""
    own = np.zeros(len(column), np.int32)
    for rows in blocks(len(column), len(market.capacity)):
        chosen = column[rows]
        has = np.flatnonzero(chosen != NOBODY)
        if has.size:
            own[rows.start + has] = market.values(rows)[has, chosen[has]]
    return own


def _least(market: Market, column: Columns, own: NDArray[np.int32]) -> NDArray[np.int32]:
    """[m] What a pair has to be worth more than, to be rather had by the mentor."""
    m = len(market.capacity)
    has = column != NOBODY
    taken = np.bincount(column[has], minlength=m)
    least = np.full(m, np.iinfo(np.int32).max, np.int32)
    np.minimum.at(least, column[has], own[has])
    least[taken < market.capacity] = 0
    return least


class _RuledOut(NamedTuple):
    """Pairs that another chosen pair rules out, by row and column."""

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]

    def among(self, rows: slice, pairs: NDArray[np.bool_]) -> int:
        """How many of these pairs, of this range of rows, are ruled out."""
        here = (self.rows >= rows.start) & (self.rows < rows.stop)
        return int(np.count_nonzero(pairs[self.rows[here] - rows.start, self.columns[here]]))


def _ruled_out(market: Market, column: Columns) -> _RuledOut:
    found = sorted({*_had_by_another_seat(market, column), *_reciprocal(market, column)})
    rows, columns = zip(*found, strict=True) if found else ((), ())
    return _RuledOut(np.array(rows, np.intp), np.array(columns, np.intp))


def _had_by_another_seat(market: Market, column: Columns) -> Iterator[tuple[int, int]]:
    """Each row of a person with the mentors whom the person's other rows have."""
    _, where, count = np.unique(market.mentee, return_inverse=True, return_counts=True)
    rows_of: dict[int, list[int]] = {}
    for row in np.flatnonzero(count[where] > 1).tolist():
        rows_of.setdefault(int(market.mentee[row]), []).append(row)
    for rows in rows_of.values():
        for one, other in permutations(rows, 2):
            if column[other] != NOBODY:
                yield one, int(column[other])


def _reciprocal(market: Market, column: Columns) -> Iterator[tuple[int, int]]:
    """Each row of a person who mentors somebody in this round, with the column that this somebody is."""
    asks = np.flatnonzero(market.as_mentor != NOBODY)
    rows_of: dict[int, list[int]] = {}
    for row, own in zip(asks.tolist(), market.as_mentor[asks].tolist(), strict=True):
        rows_of.setdefault(own, []).append(row)
    for mentee in asks.tolist():
        for row in rows_of.get(int(column[mentee]), ()):
            yield row, int(market.as_mentor[mentee])


def loads(load: NDArray[np.int64], capacity: NDArray[np.int64]) -> Loads | None:
    """The least, the median (nearest rank) and the greatest load as a share of capacity; None without mentors."""
    if not len(load):
        return None
    shares = np.sort(load / np.maximum(capacity, 1)).round(6)
    middle = (len(shares) - 1) // 2
    return Loads(least=float(shares[0]), median=float(shares[middle]), most=float(shares[-1]))
