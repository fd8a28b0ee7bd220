"""The fair choice: as many pairs as can be, the least of them as good as can be, then the next, then the total.

Values count in steps of a hundredth of the greatest in the market. Among the choices of as many pairs as can be
those are taken that have the fewest pairs on the lowest step; among these the fewest on the next; and so on
(leximin); of what is left the greatest total.

Each aim is a flow of its own among the choices that reach the aims before it. These are what prices say: a choice
is as good as the best exactly when it has only pairs that lack nothing, and uses all rows that gain and all columns
that cost something (complementary slackness). Several steps are aimed at at once, a pair on the lower one weighing
more than all on the higher, as far as 64 bits carry that.

So much for markets of up to `EVERY` pairs. In greater ones all is one aim: a pair counts far more than what it is
worth, and a step lower costs a quarter more than the next one. That lifts the least ones too and nearly always pairs as
many, but neither is proven.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.assignment.clashes import clashes
from services.matching.assignment.duals import duals
from services.matching.assignment.market import Barred, Choice, Market, Revalued, Rows, person_rows
from services.matching.assignment.network import (
    LIMIT,
    Due,
    Network,
    network,
    solve,
)
from services.matching.assignment.optimal import every_pair, optimal
from services.matching.assignment.pairing import Pairs, Whole
from services.matching.assignment.sweep import blocks

STEPS = 100
EVERY = 300_000
"""Up to so many pairs the choice is exact."""
TRIES = 3
"""So many clashes are tried both ways; of more the lesser pair goes."""


def fair(market: Market) -> Choice:
    """As many pairs as can be, leximin in steps of a hundredth, the greatest total."""
    return _resolved(market, TRIES)


def _resolved(market: Market, tries: int) -> Choice:
    """Where two persons became each other's mentors, one pair goes: the one without which it is fairer."""
    choice = _chosen(market)
    found = clashes(market, choice.column)
    if not found:
        return choice
    worth = _worth(market, choice.column)
    by_worth = [sorted(clash, key=lambda row: (worth[row], -row)) for clash in found]
    if len(found) > tries:
        return _resolved(_without(market, choice, [lesser for lesser, _ in by_worth]), 0)
    outcomes = [_resolved(_without(market, choice, [row]), tries - 1) for row in by_worth[0]]
    return max(outcomes, key=lambda outcome: _merit(market, outcome))


def _without(market: Market, choice: Choice, rows: list[int]) -> Market:
    barred = [(mine, choice.column[row]) for row in rows for mine in person_rows(market, row)]
    row, column = (np.array(part, np.intp) for part in zip(*barred, strict=True))
    return Barred(market, row, column)


def _merit(market: Market, choice: Choice) -> tuple[int, list[int], int]:
    worth = _worth(market, choice.column)
    worth = worth[worth > 0]
    return len(worth), sorted(steps(worth, _top(market)).tolist()), choice.value


def _worth(market: Market, column: NDArray[np.int32]) -> Whole:
    """[n] What each row's pair is worth, 0 without one."""
    worth = np.zeros(len(column), np.int64)
    for start, block in blocks(market):
        part = column[start : start + len(block)]
        worth[start : start + len(block)] = np.where(
            part >= 0, block[np.arange(len(block)), part], 0
        )
    return worth


def _top(market: Market) -> int:
    return max((int(block.max(initial=0)) for _, block in blocks(market)), default=0)


def steps(value: Whole, top: int) -> Whole:
    """The step of each value: 0 to 99."""
    return (value - 1) * STEPS // max(1, top)


def _chosen(market: Market) -> Choice:
    if not len(market.mentee) or not len(market.capacity):
        return optimal(market).choice
    exact = len(market.mentee) * len(market.capacity) <= EVERY
    column = _by_stages(market) if exact else optimal(_Steep(market, _top(market))).choice.column
    return Choice(column, int(_worth(market, column).sum()), None)


def _by_stages(market: Market) -> NDArray[np.int32]:
    """One aim after the other, each among what is left."""
    face = _all(market)
    face = face.reach(np.ones(len(face.worth), np.int64))
    pairs = len(face.choose())
    done = -1
    while len(face.worth) > pairs and len(left := np.unique(face.step[face.step > done])):
        aim = _aim(left, pairs, face.net)
        face = face.reach(aim[face.step])
        done = int(np.flatnonzero(aim).max())
    return face.choose().chosen(face.net.rows)


def _aim(left: Whole, pairs: int, net: Network) -> Whole:
    """[100] What a pair on each step costs, for as many of the lowest steps left as 64 bits carry."""
    room = LIMIT // (16 * (net.rows + net.heads + 2))
    weights = [1]
    while len(weights) < len(left) and weights[-1] * (pairs + 1) <= room:
        weights.append(weights[-1] * (pairs + 1))
    aim = np.zeros(STEPS, np.int64)
    aim[left[: len(weights)]] = -np.array(weights[::-1])
    return aim


@dataclass(frozen=True, slots=True)
class _Face:
    """The choices that reach all aims so far: of these pairs, with all that is due used.

    Beside each pair of the network stand what it is worth and its step.
    """

    net: Network
    worth: Whole
    step: Whole

    def reach(self, aim: Whole) -> _Face:
        """Those of them that are worth most when each pair is worth this much."""
        net = self._valued(aim)
        prices = duals(net, solve(net))
        tight = prices.spare(net) == 0
        due = Due(
            net.due.rows | (prices.gain > 0),
            net.due.columns | (prices.price(net) > 0),
            net.due.gates | (prices.beyond(net) > 0),
        )
        return _Face(net.among(tight, aim, due), self.worth[tight], self.step[tight])

    def choose(self) -> Pairs:
        """The pairs of the one that is worth most."""
        net = self._valued(self.worth)
        return net.pairs.only(solve(net))

    def _valued(self, value: Whole) -> Network:
        return self.net.among(np.ones(len(value), np.bool_), value, self.net.due)


def _all(market: Market) -> _Face:
    net = network(market, every_pair(market))
    worth = net.pairs.value
    return _Face(net, worth, steps(worth, int(worth.max(initial=1))))


@dataclass(frozen=True, slots=True)
class _Steep(Revalued):
    """A market in which every pair counts, low steps cost much, and what a pair is worth counts little."""

    top: int

    def values(self, rows: Rows) -> NDArray[np.int32]:
        """[b, m] Between 2^29 and 2^30 where a pair is allowed."""
        value = self.market.values(rows).astype(np.int64)
        worth = PAIR - _STEEP[steps(value, self.top)] + value * FINE // max(1, self.top)
        return np.where(value > 0, worth, 0).astype(np.int32)


PAIR = 2**30
FINE = 2**10
_STEEP = np.array([2**28 * 4**step // 5**step for step in range(STEPS)])
"""What each step costs, from the lowest on."""
