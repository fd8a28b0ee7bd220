"""The choice among some pairs as a flow of least cost, solved exactly in integers by OR-tools.

A unit leaves each row and goes to a column for minus the pair's value, or past everybody for nothing. Where
several rows of one person have the same column, they pass through a gate of one unit on their way to it.

A goal may have been reached by rows that must be paired, columns that must be full and gates that must be used
(`fair` chooses in stages): a row then cannot go past, and column and gate themselves take what is due to them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from services.matching.assignment.flow import flows
from services.matching.assignment.market import Market
from services.matching.assignment.pairing import Index, Pairs, Whole
from shared.heavy import heavy

Marks = NDArray[np.bool_]
LIMIT = 2**62
HEAVY = 50_000
"""So many arcs take longer than others should wait, about 50 ms."""


@dataclass(frozen=True, slots=True)
class Gates:
    """[g] each: the column behind, and any one row of the person before."""

    column: Index
    row: Index


@dataclass(frozen=True, slots=True)
class Due:
    """What must be used: rows [n], columns [m], gates [g]."""

    rows: Marks
    columns: Marks
    gates: Marks


@dataclass(frozen=True, slots=True)
class Network:
    """Some pairs of a market, each with the node to which it leads: columns 0 to m - 1, then gates."""

    pairs: Pairs
    capacity: Whole
    rows: int
    head: Index
    gates: Gates
    due: Due = field(repr=False)

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return len(self.capacity)

    def among(self, which: Marks, value: Whole, due: Due) -> Network:
        """Only the pairs that are marked, worth this now [k], behind the same gates."""
        pairs = replace(self.pairs, value=value).only(which)
        return replace(self, pairs=pairs, head=self.head[which], due=due)

    @property
    def heads(self) -> int:
        """How many columns and gates there are."""
        return self.columns + len(self.gates.column)


def network(market: Market, pairs: Pairs, due: Due | None = None) -> Network:
    """The network of these pairs."""
    head, gates = _gates(market, pairs)
    columns, rows = len(market.capacity), len(market.mentee)
    return Network(
        pairs, market.capacity, rows, head, gates, due or nothing(rows, columns, len(gates.column))
    )


def nothing(rows: int, columns: int, gates: int) -> Due:
    """Nothing must be used."""
    return Due(np.zeros(rows, np.bool_), np.zeros(columns, np.bool_), np.zeros(gates, np.bool_))


def _gates(market: Market, pairs: Pairs) -> tuple[Index, Gates]:
    """Where each pair leads, and the gates."""
    columns = len(market.capacity)
    person = market.mentee.astype(np.intp)
    several = np.bincount(person, minlength=1)[person] > 1
    shared = np.flatnonzero(several[pairs.row])
    doors = person[pairs.row[shared]] * columns + pairs.column[shared]
    _, first, door, count = np.unique(
        doors, return_index=True, return_inverse=True, return_counts=True
    )
    gated = count > 1
    number = np.cumsum(gated) - 1
    head = pairs.column.copy()
    led = shared[gated[door]]
    head[led] = columns + number[door[gated[door]]]
    one = shared[first[gated]]
    return head, Gates(pairs.column[one], pairs.row[one])


def solve(net: Network) -> Marks:
    """[k] Which pairs are chosen: their total value is the greatest that these pairs allow."""
    pairs, sink = net.pairs, net.rows + net.heads
    if not len(pairs):
        return np.zeros(0, np.bool_)
    free = np.flatnonzero(~net.due.rows)
    take = _taken(net)
    through = np.flatnonzero(~net.due.gates)
    open_ = np.flatnonzero(~net.due.columns)
    _check_range(net, sink + 1)
    arcs = (
        (pairs.row, net.rows + net.head, np.ones(len(pairs), np.int64)),
        (free, np.full(len(free), sink), np.ones(len(free), np.int64)),
        (
            net.rows + net.columns + through,
            net.rows + net.gates.column[through],
            np.ones(len(through), np.int64),
        ),
        (net.rows + open_, np.full(len(open_), sink), take[open_]),
    )
    tails, heads, capacities = (np.concatenate(part) for part in zip(*arcs, strict=True))
    costs = np.zeros(len(tails), np.int64)
    costs[: len(pairs)] = -pairs.value
    supplies = _supplies(net, take)
    if len(tails) < HEAVY:
        flowing = flows(tails, heads, capacities, costs, supplies)
    else:
        flowing = heavy(flows, tails, heads, capacities, costs, supplies)
    return flowing[: len(pairs)] > 0


def _taken(net: Network) -> Whole:
    """[m] What the columns take, less what gates that must be used take of it."""
    used = net.gates.column[net.due.gates]
    return net.capacity - np.bincount(used, minlength=net.columns)


def _supplies(net: Network, take: Whole) -> Whole:
    """[nodes] A unit leaves each row; columns and gates that must be used keep theirs, the rest the sink."""
    asked = np.where(net.due.columns, take, 0)
    supplies = np.concatenate(
        [np.ones(net.rows, np.int64), -asked, -net.due.gates.astype(np.int64), [0]]
    )
    supplies[-1] = -supplies.sum()
    return supplies


def _check_range(net: Network, nodes: int) -> None:
    """The solver multiplies costs by the number of nodes, in 64 bits."""
    greatest = int(np.abs(net.pairs.value).max())
    if greatest * (nodes + 1) * 8 >= LIMIT:
        raise OverflowError(f"values: {greatest} is too great for {nodes} nodes")
