"""Nobody becomes the mentor of his own mentor: where a choice makes two persons each other's, one pair goes.

Which one is tried both ways as long as there are few such clashes, and the better outcome stays; the bound is the
greater of both. Of more clashes the lesser pair goes at once, and the bound remains what it was with both: so a
choice may be the best without being certified, and is never certified without being the best.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from services.matching.assignment.market import NOBODY, Barred, Choice, Market, person_rows
from services.matching.assignment.optimal import LARGE, Best, improved, optimal

TRIES = 4
"""So many clashes are tried both ways."""

Clash = tuple[int, int]


def optimal_choice(market: Market) -> Choice:
    """The greatest total value, with nobody his own mentor's mentor."""
    large = len(market.mentee) * len(market.capacity) > LARGE
    return _resolved(market, optimal(market), 0 if large else TRIES)


def clashes(market: Market, column: NDArray[np.int32]) -> list[Clash]:
    """The rows of two persons who would be each other's mentors, in order; the lesser row first."""
    own = market.as_mentor.astype(np.int64)
    rows = np.flatnonzero((own != NOBODY) & (column != NOBODY))
    width = len(market.capacity)
    given = own[rows] * width + column[rows]
    back = column[rows].astype(np.int64) * width + own[rows]
    _, one, other = np.intersect1d(given, back, return_indices=True)
    pairs = zip(rows[one].tolist(), rows[other].tolist(), strict=True)
    return sorted(pair for pair in pairs if pair[0] < pair[1])


def _resolved(market: Market, best: Best, tries: int) -> Choice:
    choice = best.choice
    found = clashes(market, choice.column)
    if not found:
        return choice
    if tries < 1:
        lesser = [_by_value(market, choice, clash)[0] for clash in found]
        fewer, left = _without(market, best, choice, lesser)
        return replace(_resolved(fewer, left, 0), bound=choice.bound)
    return _both_ways(market, best, found[0], tries)


def _both_ways(market: Market, best: Best, clash: Clash, tries: int) -> Choice:
    choice = best.choice
    outcome: Choice | None = None
    for row in _by_value(market, choice, clash):
        fewer, left = _without(market, best, choice, [row])
        if outcome and left.bound <= outcome.value:
            return replace(outcome, bound=max(_bound(outcome), left.bound))
        other = _resolved(fewer, left, tries - 1)
        outcome = _better(outcome, other) if outcome else other
    if outcome is None:
        raise AssertionError("a clash has two rows")
    return replace(outcome, bound=min(_bound(outcome), _bound(choice)))


def _better(one: Choice, other: Choice) -> Choice:
    better = other if other.value > one.value else one
    return replace(better, bound=max(_bound(one), _bound(other)))


def _bound(choice: Choice) -> int:
    return choice.value if choice.bound is None else choice.bound


def _by_value(market: Market, choice: Choice, clash: Clash) -> list[int]:
    """The row of the lesser pair first; of equals the later one."""
    values = {row: int(market.values(np.array([row]))[0, choice.column[row]]) for row in clash}
    return sorted(clash, key=lambda row: (values[row], -row))


def _without(
    market: Market, best: Best, choice: Choice, rows: Iterable[int]
) -> tuple[Market, Best]:
    """The market without the pairs that these rows' persons have there, and its best."""
    found = [(mine, choice.column[row]) for row in rows for mine in person_rows(market, row)]
    row, column = (np.array(part, np.intp) for part in zip(*found, strict=True))
    pairs, width = best.net.pairs, len(market.capacity)
    gone = np.isin(pairs.row * width + pairs.column, row * width + column)
    fewer = Barred(market, row, column)
    return fewer, improved(fewer, pairs.only(~gone))
