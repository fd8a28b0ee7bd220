"""A pass over the whole market at given prices: who finds something better than he has, and what.

A row's net of a column is value minus price. A pass computes all of them, block by block in buffers that stay
in the processor's cache, and keeps what it is asked for: each row's greatest net, and of the rows that find
more than their floor the pairs above it, about `want` of the best.

The best of a row are found without sorting it. Its columns stand in groups of 16; the `want`-th greatest of the
groups' maxima is a mark that at least `want` columns reach, and seldom many more. Equal nets are taken from a
place that differs from row to row, or all rows would want the same columns. Nothing depends on how a sort breaks
ties, so that the same pairs are found on every machine.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from services.matching.assignment.market import Market
from services.matching.assignment.pairing import Index, Pairs, Whole, joined

BLOCK = 2_000_000
"""So many pairs are asked of the market at once."""
WORKERS = 2
"""So many blocks at once are looked at; numpy lets go of the interpreter while it computes."""
CACHED = 160_000
"""So many of them are looked at together: 640 KB of nets."""
GROUP = 16
"""Columns of a group."""
PLENTY = 3
"""A row keeps so many times the pairs that it wants where many are equal; the rest of the equals goes."""
LEAST = np.iinfo(np.int32).min
MOST = np.iinfo(np.int32).max
STRIDE = 7919
"""Where a row begins among equals: its number times this prime."""

Block = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Extra:
    """[e] each: what single pairs cost beyond the price of their column; in the order of rows."""

    row: Index
    column: Index
    price: Whole

    def within(self, start: int, stop: int) -> Extra:
        """Those of the rows from `start` to before `stop`, counted from `start`."""
        first, last = np.searchsorted(self.row, [start, stop])
        part = slice(first, last)
        return Extra(self.row[part] - start, self.column[part], self.price[part])


FREE = Extra(np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0, np.int64))


@dataclass(frozen=True, slots=True)
class Found:
    """What a pass found: each row's greatest net, and pairs above the floors."""

    best: Whole
    pairs: Pairs


@dataclass(frozen=True, slots=True)
class Prices:
    """[m] what each column costs, 0 to 2^31 - 1, and what single pairs cost beyond it."""

    column: Whole
    extra: Extra = FREE


def blocks(market: Market) -> Iterator[tuple[int, Block]]:
    """The market's values, some rows after the other: the first row's number, [b, m]."""
    rows, columns = len(market.mentee), len(market.capacity)
    step = max(1, BLOCK // max(1, columns))
    for start in range(0, rows, step):
        yield start, market.values(slice(start, min(rows, start + step)))


Work = TypeVar("Work")


def each(market: Market, work: Callable[[int, Block], Work]) -> Iterator[tuple[int, Block, Work]]:
    """What work comes to for each block, in order: two blocks are worked on while the next is asked for."""
    if len(market.mentee) * len(market.capacity) <= BLOCK:
        for start, block in blocks(market):
            yield start, block, work(start, block)
        return
    with ThreadPoolExecutor(WORKERS) as pool:
        begun: deque[tuple[int, Block, Future[Work]]] = deque()
        for start, block in blocks(market):
            begun.append((start, block, pool.submit(work, start, block)))
            if len(begun) > WORKERS:
                yield _ended(*begun.popleft())
        while begun:
            yield _ended(*begun.popleft())


def _ended(start: int, block: Block, future: Future[Work]) -> tuple[int, Block, Work]:
    return start, block, future.result()


Also = Callable[[int, Block, Whole, Pairs], Pairs]
"""More pairs of a block: its first row, its values, greatest nets of its rows and the pairs found there."""


def sweep(
    market: Market, prices: Prices, floor: Whole, want: int, also: Also | None = None
) -> Found:
    """Each row's greatest net, and for rows above their `floor` the pairs above it, some `want` each."""
    best = np.zeros(len(market.mentee), np.int64)
    found: list[Pairs] = []
    more: list[Pairs] = []

    def look(begin: int, block: Block) -> tuple[Whole, Pairs]:
        return _swept(block, prices, floor[begin : begin + len(block)], want, begin)

    for begin, block, (gains, pairs) in each(market, look):
        best[begin : begin + len(block)] = gains
        found.append(pairs)
        if also:
            more.append(also(begin, block, gains, pairs))
    in_order = _in_a_row(found)
    return Found(best, joined([in_order, *more]) if also else in_order)


def _swept(
    block: Block, prices: Prices, floor: Whole, want: int, begin: int
) -> tuple[Whole, Pairs]:
    """The same for a block whose first row is `begin`."""
    rows, columns = block.shape
    step = max(1, CACHED // max(1, columns))
    buffer = np.empty((min(step, rows), columns), np.int32)
    price = prices.column.astype(np.int32)
    best = np.zeros(rows, np.int64)
    found: list[Pairs] = []
    for start in range(0, rows, step):
        values = block[start : start + step]
        some = slice(start, start + len(values))
        net = np.subtract(values, price, out=buffer[: len(values)])
        _charge(net, prices.extra.within(begin + start, begin + start + len(values)))
        best[some], pairs = _look(values, net, floor[some], want, begin + start)
        found.append(pairs)
    return best, _in_a_row(found)


def _in_a_row(found: list[Pairs]) -> Pairs:
    """Pairs of ever greater rows."""
    some = [pairs for pairs in found if len(pairs)]
    if not some:
        return joined([])
    return Pairs(
        np.concatenate([pairs.row for pairs in some]),
        np.concatenate([pairs.column for pairs in some]),
        np.concatenate([pairs.value for pairs in some]),
    )


def _charge(net: Block, extra: Extra) -> None:
    if len(extra.row):
        charged = net[extra.row, extra.column] - extra.price
        net[extra.row, extra.column] = np.maximum(charged, LEAST + 1)


def greatest(values: Block, want: int) -> tuple[Index, Index]:
    """Row and column of each row's greatest values, some `want` of them; all above the least of these."""
    tops = _tops(values)
    everyone = np.arange(len(values))
    mark = _marks(tops, np.zeros(len(values), np.int64), want)
    return _reaching(values, tops, everyone, mark)


def _look(values: Block, net: Block, floor: Whole, want: int, start: int) -> tuple[Whole, Pairs]:
    """Greatest nets of some rows, and their pairs above the floors."""
    tops = _tops(net)
    best = tops.max(axis=1, initial=LEAST).astype(np.int64)
    seek = np.flatnonzero(best > floor)
    if not len(seek):
        return best, joined([])
    mark = _marks(tops[seek], floor[seek], want)
    row, column = _reaching(net, tops, seek, mark)
    allowed = values[row, column] > 0
    row, column = row[allowed], column[allowed]
    scarce = _scarce(np.bincount(row, minlength=len(values))[seek], mark, want)
    if scarce.any():
        row, column = _again(values, net, floor, want, (row, column), seek[scarce])
    row, column = _thin(row, column, net, want, start)
    return best, Pairs(row + start, column, values[row, column].astype(np.int64))


def _tops(net: Block) -> Block:
    """[b, groups] The greatest net of each group; columns that fill no group stand alone."""
    rows, columns = net.shape
    groups = columns // GROUP
    tops = np.empty((rows, groups + columns % GROUP), np.int32)
    shaped = net[:, : groups * GROUP].reshape(rows, GROUP, groups)
    np.max(shaped, axis=1, out=tops[:, :groups])
    tops[:, groups:] = net[:, groups * GROUP :]
    return tops


def _marks(tops: Block, floor: Whole, want: int) -> Whole:
    """What a net must reach: the `want`-th greatest of the groups, and more than the floor."""
    last = tops.shape[1] - want
    if last <= 0:
        return np.maximum(floor + 1, LEAST + 2)
    reached = np.partition(tops, last, axis=1)[:, last].astype(np.int64)
    return np.maximum(np.maximum(reached, floor + 1), LEAST + 2)


def _reaching(net: Block, tops: Block, seek: Index, mark: Whole) -> tuple[Index, Index]:
    """The pairs of these rows that reach their marks, in order."""
    width, columns = tops.shape[1], net.shape[1]
    groups = columns // GROUP
    hits = np.flatnonzero(tops[seek] >= mark[:, None])
    which, group = np.divmod(hits, width)
    whole = group < groups
    rows = np.repeat(which[whole], GROUP)
    members = (group[whole, None] + groups * np.arange(GROUP)).ravel()
    rows = np.concatenate([rows, which[~whole]])
    members = np.concatenate([members, group[~whole] - groups + groups * GROUP])
    reached = net[seek[rows], members] >= mark[rows]
    flat = np.sort(seek[rows[reached]] * columns + members[reached])
    row, column = np.divmod(flat, columns)
    return row, column


def _scarce(kept: Index, mark: Whole, want: int) -> NDArray[np.bool_]:
    """Rows whose mark may have been reached by pairs that are not allowed: their nets are 0 at most."""
    return (kept < want) & (mark <= 0)


def _again(
    values: Block,
    net: Block,
    floor: Whole,
    want: int,
    found: tuple[Index, Index],
    rows: Index,
) -> tuple[Index, Index]:
    """Look at these rows once more, without the pairs that are not allowed."""
    apart = np.where(values[rows] > 0, net[rows], LEAST)
    tops = _tops(apart)
    everyone = np.arange(len(rows))
    row, column = _reaching(apart, tops, everyone, _marks(tops, floor[rows], want))
    other = ~np.isin(found[0], rows)
    flat = np.concatenate(
        [
            found[0][other] * net.shape[1] + found[1][other],
            rows[row] * net.shape[1] + column,
        ]
    )
    both = np.divmod(np.sort(flat), net.shape[1])
    return both[0], both[1]


def _thin(row: Index, column: Index, net: Block, want: int, start: int) -> tuple[Index, Index]:
    """Of rows with far too many pairs keep the better ones, and of the equal ones at the end some."""
    count = np.bincount(row, minlength=len(net))
    crowded = np.flatnonzero(count > PLENTY * want)
    if not len(crowded):
        return row, column
    keep = np.ones(len(row), np.bool_)
    first = np.cumsum(count) - count
    for index in crowded.tolist():
        part = slice(first[index], first[index] + count[index])
        nets = net[index, column[part]]
        last = np.partition(nets, len(nets) - want)[len(nets) - want]
        equal = np.flatnonzero(nets == last)
        some = _from(equal, (index + start) * STRIDE, PLENTY * want - int((nets > last).sum()))
        keep[part] = nets > last
        keep[first[index] + some] = True
    return row[keep], column[keep]


def _from(equal: Index, place: int, some: int) -> Index:
    """Some of these, from a place on and around."""
    return equal[(place + np.arange(min(some, len(equal)))) % len(equal)]
