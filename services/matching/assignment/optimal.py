"""The choice of the greatest total value, with the proof that none is greater.

All pairs of a market are too many for a flow. So a few good pairs of each row are chosen among exactly, which
also gives prices; at these prices a pass over the whole market finds the pairs that would improve the choice; they
join, and so on until there is none (column generation; Dantzig and Wolfe, 1960). Every pass gives a bound besides:
no choice is worth more than what all rows would gain at most, plus the prices of all places. At the end the bound
is what the choice is worth.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from services.matching.assignment.cover import Cover
from services.matching.assignment.duals import Duals, duals
from services.matching.assignment.market import Choice, Market
from services.matching.assignment.network import Marks, Network, network, solve
from services.matching.assignment.pairing import Pairs, Whole, joined, spans
from services.matching.assignment.rough import rough_prices
from services.matching.assignment.sweep import FREE, LEAST, MOST, Also, Extra, Prices, sweep

FIRST = 8
"""So many candidates each row has to begin with,"""
MORE = 4
"""and so many join at most with each pass."""
KEEP = 20
"""So many for each row stay after a pass, of those that cost least; the chosen ones always."""
SPARE = 8
"""With a pass so many join for each column, beyond as many as it takes."""
SOON = 5
"""Where so many passes were not enough, four times as many join with each."""
LARGE = 500_000_000
"""From so many pairs on a pass costs a minute, so each row has more"""
FIRST_OF_LARGE = 12
"""candidates to begin with, and a choice close to the bound is enough:"""
CLOSE = (999, 1000)
"""at least this share of it."""
SMALL = 50_000
"""Up to so many pairs all are candidates."""
NO_BOUND = 2**62
PASSES = 500
"""No more passes than these, whatever remains to be found; where close is enough, a"""
FEW = 12
"""few."""


@dataclass(frozen=True, slots=True)
class Best:
    """The best among some pairs, its prices, and what no choice of the market can exceed."""

    net: Network
    taken: Marks
    duals: Duals
    bound: int

    @property
    def value(self) -> int:
        """What the chosen pairs are worth together."""
        return int(self.net.pairs.value[self.taken].sum())

    @property
    def choice(self) -> Choice:
        """Who gets whom."""
        chosen = self.net.pairs.only(self.taken).chosen(self.net.rows)
        return Choice(chosen, self.value, self.bound)


def optimal(market: Market) -> Best:
    """The greatest total value; for pools above `LARGE` at least `CLOSE` of the bound."""
    if len(market.mentee) * len(market.capacity) <= SMALL:
        return improved(market, every_pair(market))
    return improved(market, _candidates(market))


def _candidates(market: Market) -> Pairs:
    """Each row's best pairs at rough prices; where places are scarce some for each column too."""
    large = _large(market)
    price = rough_prices(market)
    scarce = int(market.capacity.sum()) <= len(market.mentee)
    also = Cover(market, price).more if scarce else None
    return _best_at(market, price, FIRST_OF_LARGE if large else FIRST, also)


def every_pair(market: Market) -> Pairs:
    """All pairs that are allowed."""
    columns = len(market.capacity)
    return _best_at(market, np.zeros(columns, np.int64), columns)


def _best_at(market: Market, price: Whole, want: int, also: Also | None = None) -> Pairs:
    """Some `want` pairs of each row that are best at these prices."""
    floor = np.full(len(market.mentee), LEAST + 1)
    return _open(market, sweep(market, _shown(market, price), floor, want, also).pairs)


def improved(market: Market, pairs: Pairs) -> Best:
    """Beginning with these pairs, the best of the whole market."""
    best, before = _among(market, pairs, np.ones(len(pairs), np.bool_), NO_BOUND), None
    for number in range(FEW if _large(market) else PASSES):
        times = 1 if number < SOON else 4
        found = sweep(market, _prices(market, best), best.duals.gain, times * MORE)
        here = _bound(market, best, found.best)
        best = replace(best, bound=min(best.bound, here))
        if not len(found.pairs) or _enough(market, best):
            break
        kept = _kept(best) if before is None or best.value > before.value else best.net.pairs
        more = _wanted(market, best, _open(market, found.pairs), times * SPARE)
        pairs = joined([kept, more])
        hopeful = _lack(best, pairs) <= here - best.value
        before, best = best, _among(market, pairs, hopeful, best.bound)
    return best


def _among(market: Market, pairs: Pairs, hopeful: Marks, bound: int) -> Best:
    """The best of these pairs, which lies among the hopeful ones; the prices are those of all."""
    net = network(market, pairs)
    taken = np.zeros(len(pairs), np.bool_)
    taken[hopeful] = solve(net.among(hopeful, pairs.value, net.due))
    return Best(net, taken, duals(net, taken), bound)


def _lack(best: Best, pairs: Pairs) -> Whole:
    """How much less than the bound at these prices any choice is worth that has this pair.

    A pair that lacks more than the choice at hand is in no better one (reduced-cost fixing), and need not be tried.
    """
    price = best.duals.price(best.net)
    lack: Whole = best.duals.gain[pairs.row] + price[pairs.column] - pairs.value
    return lack


def _open(market: Market, pairs: Pairs) -> Pairs:
    """Without the columns that take nobody."""
    takes = market.capacity > 0
    return pairs if takes.all() else pairs.only(takes[pairs.column])


def _shown(market: Market, price: Whole, extra: Extra = FREE) -> Prices:
    """What a pass is told: columns that take nobody cost more than any pair is worth."""
    return Prices(np.where(market.capacity > 0, np.minimum(price, MOST), MOST), extra)


def _prices(market: Market, best: Best) -> Prices:
    """The prices found; what a gate costs beyond its column, all rows of its person pay."""
    price = best.duals.price(best.net)
    gates, beyond = best.net.gates, best.duals.beyond(best.net)
    dear = np.flatnonzero(beyond)
    if not len(dear):
        return _shown(market, price)
    sizes = np.bincount(market.mentee)
    first = np.cumsum(sizes) - sizes
    person = market.mentee[gates.row[dear]]
    row = np.argsort(market.mentee, kind="stable")[spans(first[person], sizes[person])]
    gate = np.repeat(dear, sizes[person])
    order = np.argsort(row, kind="stable")
    row, gate = row[order], gate[order]
    return _shown(market, price, Extra(row, gates.column[gate], beyond[gate]))


def _bound(market: Market, best: Best, gains: Whole) -> int:
    """What all rows gain at most at these prices, and the prices of all places."""
    places = market.capacity @ np.where(market.capacity > 0, best.duals.price(best.net), 0)
    return int(np.maximum(gains, 0).sum() + places + best.duals.beyond(best.net).sum())


def _large(market: Market) -> bool:
    return len(market.mentee) * len(market.capacity) > LARGE


def _enough(market: Market, best: Best) -> bool:
    """Whether nothing is left to be found, or in a large pool not much."""
    some, of = CLOSE if _large(market) else (1, 1)
    return best.value * of >= best.bound * some


def _wanted(market: Market, best: Best, found: Pairs, spare: int) -> Pairs:
    """Of the pairs that would improve the choice, the best few for each column.

    A column that has too few candidates costs nothing as yet, and so all rows would have it.
    """
    order = np.lexsort((_lack(best, found), found.column))
    count = np.bincount(found.column, minlength=len(market.capacity))
    place = np.arange(len(order)) - np.repeat(np.cumsum(count) - count, count)
    wanted = np.zeros(len(found), np.bool_)
    wanted[order] = place < market.capacity[found.column[order]] + spare
    return found.only(wanted)


def _kept(best: Best) -> Pairs:
    """The chosen pairs and those that would cost least."""
    most = KEEP * best.net.rows
    if len(best.net.pairs) <= most:
        return best.net.pairs
    spare = best.duals.spare(best.net)
    return best.net.pairs.only((spare <= np.partition(spare, most)[most]) | best.taken)
