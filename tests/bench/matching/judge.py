"""What a choice is worth, and whether it is one: looked at by the bench itself, the same way for everybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from services.matching.assignment.market import NOBODY, Market
from tests.bench.check import Wrong

UNIT = 64_000_000
"""The value of a pair of score 1."""
PAIRS = 4_000_000
"""So many are looked at together, by each of two threads."""
T = TypeVar("T")
Columns: TypeAlias = NDArray[np.int32]
_NEVER = np.iinfo(np.int32).max


@dataclass(frozen=True, slots=True)
class Figures:
    """What a choice comes to.

    Attributes:
        total: the sum of the values of its pairs.
        matched: its pairs.
        unmatched: requests without a mentor.
        worst: the least value of a pair; 0 without pairs.
        blocking: allowed pairs whose both sides would rather have each other; of a large market about so many.
        idle: the share of the mentors with places who got nobody.
        spread: the standard deviation of load ÷ capacity over the mentors with places.
    """

    total: int
    matched: int
    unmatched: int
    worst: int
    blocking: int
    idle: float
    spread: float


def judge(market: Market, choices: Mapping[str, Columns], every: int = 1) -> dict[str, Figures]:
    """The figures of each choice, all of them in two passes over the values.

    Blocking pairs are looked for in every so manieth range of rows, and multiplied.

    Raises:
        Wrong: somebody chose a pair that is not allowed, or gave a mentor more than he has places for.
    """
    own = {name: np.zeros(len(column), np.int32) for name, column in choices.items()}
    for name, column in choices.items():
        _check_places(name, market, column)

    def look(rows: slice) -> None:
        values = market.values(rows)
        for name, column in choices.items():
            own[name][rows] = _own(name, values, column[rows])

    both(look, ranges(market))
    least = {name: _least(market, choices[name], own[name]) for name in choices}

    def compare(rows: slice) -> Counter[str]:
        values = market.values(rows)
        return Counter(
            {
                name: int(
                    np.count_nonzero((values > own[name][rows, None]) & (values > least[name]))
                )
                for name in choices
            }
        )

    some = ranges(market)[::every]
    scale = len(market.mentee) / sum(rows.stop - rows.start for rows in some)
    blocking = sum(both(compare, some), Counter[str]())
    return {
        name: _figures(market, choices[name], own[name], round(blocking[name] * scale))
        for name in choices
    }


def both(look: Callable[[slice], T], rows: Sequence[slice]) -> list[T]:
    """What is found in these rows, in their order; two threads look."""
    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(look, rows))


def ranges(market: Market) -> list[slice]:
    """All rows, in ranges of about so many pairs."""
    count, step = len(market.mentee), max(1, PAIRS // max(1, len(market.capacity)))
    return [slice(start, min(count, start + step)) for start in range(0, count, step)]


def blocks(market: Market) -> Iterator[tuple[slice, NDArray[np.int32]]]:
    """The values, block by block of rows."""
    for rows in ranges(market):
        yield rows, market.values(rows)


def _own(name: str, values: NDArray[np.int32], column: Columns) -> NDArray[np.int32]:
    """[b] What each row's pair is worth, 0 without one."""
    paired = column != NOBODY
    own = np.where(paired, values[np.arange(len(column)), column], 0).astype(np.int32)
    if (own[paired] < 1).any():
        raise Wrong(f"{name}: a pair that is not allowed")
    return own


def _check_places(name: str, market: Market, column: Columns) -> None:
    if (_loads(market, column) > market.capacity).any():
        raise Wrong(f"{name}: a mentor with more mentees than places")


def _loads(market: Market, column: Columns) -> NDArray[np.int64]:
    return np.bincount(column[column != NOBODY], minlength=len(market.capacity))


def _least(market: Market, column: Columns, own: NDArray[np.int32]) -> NDArray[np.int32]:
    """[m] What a pair must exceed for the mentor to want it: the least he has, 0 with a place left."""
    least = np.full(len(market.capacity), _NEVER, np.int32)
    paired = column != NOBODY
    np.minimum.at(least, column[paired], own[paired])
    least[_loads(market, column) < market.capacity] = 0
    return least


def _figures(market: Market, column: Columns, own: NDArray[np.int32], blocking: int) -> Figures:
    paired = column != NOBODY
    able = market.capacity > 0
    shares = _loads(market, column)[able] / market.capacity[able]
    return Figures(
        total=int(own.sum(dtype=np.int64)),
        matched=int(paired.sum()),
        unmatched=int((~paired).sum()),
        worst=int(own[paired].min(initial=_NEVER)) if paired.any() else 0,
        blocking=blocking,
        idle=float((shares == 0).mean()) if len(shares) else 0.0,
        spread=float(shares.std()) if len(shares) else 0.0,
    )
