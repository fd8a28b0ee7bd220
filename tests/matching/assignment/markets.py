"""Small markets to draw, larger ones to make, and what any choice must keep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from services.matching.assignment.market import NOBODY, Choice, Dense, dense

Matrix = NDArray[np.int32]
drawn = settings(max_examples=80, deadline=None, print_blob=True)
"""How many markets are drawn; one that fails says how to draw it again."""


@st.composite
def plain(draw: st.DrawFn, rows: int = 6, columns: int = 5, most: int = 30) -> Dense:
    """Everybody a person of his own: loose or tight, with pairs that are not allowed, and ties."""
    n, m = draw(st.integers(1, rows)), draw(st.integers(1, columns))
    values = st.integers(0, draw(st.sampled_from([1, 3, most])))
    matrix = [draw(st.lists(values, min_size=m, max_size=m)) for _ in range(n)]
    places = draw(st.lists(st.integers(0, 3), min_size=m, max_size=m))
    return dense(np.array(matrix, np.int32), np.array(places, np.int64))


@st.composite
def mixed(draw: st.DrawFn, rows: int = 4, columns: int = 4) -> Dense:
    """As plain ones, but persons with several rows, and persons who are columns too."""
    market = draw(plain(rows, columns))
    n, m = market.matrix.shape
    persons = np.array(draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)), np.int32)
    columns_of = draw(st.permutations([*range(m), NOBODY, NOBODY, NOBODY, NOBODY]))
    own = np.array([columns_of[person] for person in persons], np.int32)
    matrix = market.matrix.copy()
    rows_too = np.flatnonzero(own != NOBODY)
    matrix[rows_too, own[rows_too]] = 0
    return Dense(matrix, market.capacity, persons, own)


def popular(n: int, m: int, seed: int, share: float = 0.6) -> Dense:
    """Some few columns are everybody's favourites, and there are places for `share` of the rows."""
    print(f"popular market: seed {seed}")
    random = np.random.default_rng(seed)
    quality = random.random(m) ** 2
    score = 0.8 * quality + 0.2 * random.random((n, m))
    matrix = ((np.round(score * 1e6) + 1) * 64).astype(np.int32)
    matrix[random.random((n, m)) < 0.4] = 0
    places = random.multinomial(int(share * n), np.full(m, 1 / m))
    return dense(matrix, places.astype(np.int64))


def scattered(n: int, m: int, seed: int, share: float = 1.5) -> Dense:
    """Everybody has favourites of his own, and there are places for `share` of the rows."""
    print(f"scattered market: seed {seed}")
    random = np.random.default_rng(seed)
    matrix = random.integers(0, 2**31 - 1, (n, m), dtype=np.int32)
    return dense(matrix, np.full(m, int(share * n / m) + 1, np.int64))


def coarse(n: int, m: int, seed: int, kinds: int = 4) -> Dense:
    """A few values only: nearly everything is a tie."""
    print(f"coarse market: seed {seed}")
    random = np.random.default_rng(seed)
    matrix = random.integers(0, kinds, (n, m), dtype=np.int32)
    return dense(matrix, random.integers(0, 4, m))


def households(n: int, m: int, seed: int) -> Dense:
    """Every person has two or three rows, and values that the rows of a person share."""
    print(f"market of persons with several rows: seed {seed}")
    random = np.random.default_rng(seed)
    persons = np.sort(random.integers(0, n // 2, n)).astype(np.int32)
    matrix = random.integers(0, 1000, (n // 2, m), dtype=np.int32)[persons]
    return Dense(matrix, random.integers(0, 4, m), persons, np.full(n, NOBODY, np.int32))


def worth(market: Dense, choice: Choice) -> int:
    """What the chosen pairs are worth together."""
    rows = np.flatnonzero(choice.column != NOBODY)
    return int(market.matrix[rows, choice.column[rows]].sum(dtype=np.int64))


def broken(market: Dense, column: NDArray[np.int32]) -> list[str]:
    """What a choice does that no choice may do."""
    rows = np.flatnonzero(column != NOBODY).tolist()
    pairs = [(int(market.mentee[row]), int(column[row])) for row in rows]
    own = [(int(market.as_mentor[row]), int(column[row])) for row in rows]
    loads = Counter(got for _, got in pairs)
    found = {
        "a pair that is not allowed": any(market.matrix[row, column[row]] <= 0 for row in rows),
        "a column over its capacity": any(loads[got] > market.capacity[got] for got in loads),
        "a column twice for one person": len(set(pairs)) < len(pairs),
        "the mentor of one's own mentor": any((got, mine) in own for mine, got in own if mine >= 0),
    }
    return [what for what, happened in found.items() if happened]


def every_choice(market: Dense) -> Iterator[NDArray[np.int32]]:
    """All choices that may be."""

    def extend(chosen: list[int]) -> Iterator[NDArray[np.int32]]:
        if len(chosen) == n:
            yield np.array(chosen, np.int32)
            return
        for column in range(NOBODY, m):
            if column == NOBODY or _possible(market, chosen, column):
                yield from extend([*chosen, column])

    n, m = market.matrix.shape
    return extend([])


def _possible(market: Dense, chosen: list[int], column: int) -> bool:
    row = len(chosen)
    trial = np.full(len(market.mentee), NOBODY, np.int32)
    trial[:row] = chosen
    trial[row] = column
    return bool(market.matrix[row, column]) and not broken(market, trial)
