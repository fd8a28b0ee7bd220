"""Prices that prove a choice among some pairs to be the best of them.

A row's gain is what its pair is worth less its column's price; without a pair it is 0. Prices prove a choice
when no row would gain more elsewhere, nobody pays more than his pair is worth, and columns that are not full cost
nothing: then gains plus prices of all places are worth exactly what the choice is, and no choice is worth more
than they are (duality of linear programs; Shapley and Shubik, 1971).

A row that has column a and could have b says price[b] >= price[a] + value(b) - value(a). Such differences are met
by longest paths (Bellman and Ford), from below for the least prices and from above for the greatest; there are no
cycles that grow, since the choice is the best. Both are whole numbers, and so is every price half-way, rounded
down: it meets the differences too (they form a lattice that is convex in that sense; Murota, 2003).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.matching.assignment.network import Marks, Network
from services.matching.assignment.pairing import Index, Whole, spans

FAR = 2**60


@dataclass(frozen=True, slots=True)
class Duals:
    """What rows gain [n], and what columns, then gates cost [m + g]: a gate with its column."""

    gain: Whole
    level: Whole

    def spare(self, net: Network) -> Whole:
        """[k] What each pair lacks to be as good for its row as the one that it has: 0 or more."""
        lacks: Whole = self.gain[net.pairs.row] + self.level[net.head] - net.pairs.value
        return lacks

    def price(self, net: Network) -> Whole:
        """[m] What columns cost."""
        return self.level[: net.columns]

    def beyond(self, net: Network) -> Whole:
        """[g] What gates cost beyond their columns."""
        more: Whole = self.level[net.columns :] - self.level[net.gates.column]
        return np.maximum(more, 0)


@dataclass(frozen=True, slots=True)
class _State:
    """Who has what: the node that each row has (the last one: nobody), what it is worth, which pairs."""

    held: Index
    worth: Whole
    taken: Marks


@dataclass(frozen=True, slots=True)
class _Differences:
    """price[head] >= price[tail] + rise."""

    tail: Index
    head: Index
    rise: Whole


def duals(net: Network, taken: Marks) -> Duals:
    """Prices half-way between the least and the greatest that prove this choice."""
    state = _state(net, taken)
    rules = _differences(net, state)
    price = (_least(net, rules) + _greatest(net, rules, state)) // 2
    gain = np.where(state.held < net.heads, state.worth - price[state.held], 0)
    return Duals(gain, price[:-1])


def _state(net: Network, taken: Marks) -> _State:
    held = np.full(net.rows, net.heads)
    worth = np.zeros(net.rows, np.int64)
    held[net.pairs.row[taken]] = net.head[taken]
    worth[net.pairs.row[taken]] = net.pairs.value[taken]
    return _State(held, worth, taken)


def _differences(net: Network, state: _State) -> _Differences:
    """What rows say of what they have and could have, and gates of their columns.

    A gate that is used may cost more than its column, one that is not may not.
    """
    pairs = net.pairs
    plain = np.flatnonzero(~net.due.gates)
    gate, column = net.columns + plain, net.gates.column[plain]
    used = np.bincount(net.head[state.taken], minlength=net.heads)[gate] > 0
    tail = np.concatenate([state.held[pairs.row], np.where(used, column, gate)])
    head = np.concatenate([net.head, np.where(used, gate, column)])
    rise = np.concatenate([pairs.value - state.worth[pairs.row], np.zeros(len(gate), np.int64)])
    says = tail != head
    return _Differences(tail[says], head[says], rise[says])


def _least(net: Network, rules: _Differences) -> Whole:
    """Raise prices from nothing until every difference is met."""
    price = np.zeros(net.heads + 1, np.int64)
    price[: net.columns][net.due.columns] = -FAR
    price[net.columns : -1][net.due.gates] = -FAR
    _settle(price, rules.tail, rules.head, rules.rise, np.maximum)
    return price


def _greatest(net: Network, rules: _Differences, state: _State) -> Whole:
    """Lower prices from what pairs are worth until every difference is met."""
    price = np.full(net.heads + 1, FAR, np.int64)
    load = np.bincount(net.pairs.column[state.taken], minlength=net.columns)
    price[: net.columns][load < net.capacity] = 0
    payer = (state.held < net.heads) & ~net.due.rows
    np.minimum.at(price, state.held[payer], state.worth[payer])
    price[-1] = 0
    inside = rules.tail != net.heads
    _settle(price, rules.head[inside], rules.tail[inside], -rules.rise[inside], np.minimum)
    return price


def _settle(price: Whole, source: Index, target: Index, rise: Whole, better: np.ufunc) -> None:
    """Let price[target] become the better of itself and price[source] + rise, until nothing changes."""
    order = np.argsort(source, kind="stable")
    source, target, rise = source[order], target[order], rise[order]
    count = np.bincount(source, minlength=len(price))
    first = np.cumsum(count) - count
    changed = np.flatnonzero(count)
    for _ in range(len(price) + 1):
        if not len(changed):
            return
        steps = spans(first[changed], count[changed])
        ends = target[steps]
        before = price[ends]
        better.at(price, ends, price[source[steps]] + rise[steps])
        changed = np.flatnonzero(np.bincount(ends[price[ends] != before], minlength=len(price)))
    raise ArithmeticError("the choice is not the best among its pairs: prices never settle")
