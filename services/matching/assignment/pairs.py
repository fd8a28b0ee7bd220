"""Who gets whom: the choice among allowed pairs, by the program's policy.

`optimal`     the largest total value: a minimum-cost flow from requests to mentors (OR-tools).
`stable`      no mentee and mentor would both rather have each other: both sides value a pair alike, so the
              greatest value first is the one stable choice (Gale and Shapley, 1962; with common values).
`fair`        as many pairs as can be, the least of them as good as can be, then the largest total.
`first_come`  in the order of the queue, each request its best mentor.

Every policy sorts its pairs first, so that the order in which they are found changes nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from ortools.graph.python import min_cost_flow

from shared.events.types import Policy

FIRST = 10**12
"""More than all values of a pair, so that the number of pairs counts before them."""
CLASHES = 4
"""So many reciprocal pairs are tried both ways; of further ones the lesser is given up."""

Room = Mapping[str, int]


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """An allowed pair: the request's place in the queue and cycle, both persons, what it is worth (> 0)."""

    place: int
    cycle: str
    mentee: str
    mentor: str
    value: int


def choose(policy: Policy, candidates: Iterable[Candidate], room: Room) -> list[Candidate]:
    """The chosen pairs, in the order of the queue.

    Each cycle is chosen once at most, each mentor as often as `room` says, a mentor once for one mentee, and
    nobody becomes the mentor of his own mentor.
    """
    ordered = sorted(found for found in candidates if room.get(found.mentor, 0) > 0)
    if len({found.cycle for found in ordered}) <= 1:
        return sorted(ordered, key=_best_first)[:1]
    return sorted(_CHOICES[policy](ordered, room))


def optimal(candidates: Sequence[Candidate], room: Room) -> list[Candidate]:
    """The largest total value."""
    return _without_clashes(candidates, lambda left: _flow(left, [c.value for c in left], room))


def fair(candidates: Sequence[Candidate], room: Room) -> list[Candidate]:
    """As many pairs as can be; among those the least value as great as can be; then the largest total."""
    return _without_clashes(candidates, lambda left: _fair(left, room))


def _fair(candidates: Sequence[Candidate], room: Room) -> list[Candidate]:
    def pairs(least: int) -> list[Candidate]:
        enough = [found for found in candidates if found.value >= least]
        return _flow(enough, [FIRST + found.value for found in enough], room)

    if not candidates:
        return []
    values = sorted({found.value for found in candidates})
    most = len(pairs(0))
    least = bisect_left(values, 1, key=lambda value: len(pairs(value)) < most) - 1
    return pairs(values[least])


def stable(candidates: Sequence[Candidate], room: Room) -> list[Candidate]:
    """No mentee and mentor would both rather have each other."""
    return _take(sorted(candidates, key=_best_first), room)


def first_come(candidates: Sequence[Candidate], room: Room) -> list[Candidate]:
    """In the order of the queue."""
    return _take(sorted(candidates, key=lambda c: (c.place, c.cycle, *_best_first(c))), room)


_CHOICES: Mapping[Policy, Callable[[Sequence[Candidate], Room], list[Candidate]]] = {
    "optimal": optimal,
    "stable": stable,
    "fair": fair,
    "first_come": first_come,
}


def _best_first(found: Candidate) -> tuple[int, int, str, str]:
    return (-found.value, found.place, found.cycle, found.mentor)


def _take(ordered: Iterable[Candidate], room: Room) -> list[Candidate]:
    """One after the other, whatever is still possible."""
    left = Counter(room)
    taken: dict[str, Candidate] = {}
    pairs: set[tuple[str, str]] = set()
    for found in ordered:
        pair = (found.mentee, found.mentor)
        if found.cycle in taken or left[found.mentor] < 1 or pairs & {pair, pair[::-1]}:
            continue
        taken[found.cycle] = found
        pairs.add(pair)
        left[found.mentor] -= 1
    return list(taken.values())


def _without_clashes(
    candidates: Sequence[Candidate],
    solve: Callable[[Sequence[Candidate]], list[Candidate]],
    tries: int = CLASHES,
) -> list[Candidate]:
    """Solve; where two persons became each other's mentors, give up one way or the other, the better."""
    chosen = solve(candidates)
    clash = _clash(chosen)
    if clash is None:
        return chosen
    lesser, greater = sorted(clash, key=_best_first, reverse=True)
    gives_up = [lesser] if tries < 1 else [lesser, greater]
    outcomes = [
        _without_clashes([c for c in candidates if _pair(c) != _pair(given)], solve, tries - 1)
        for given in gives_up
    ]
    return max(outcomes, key=lambda outcome: sum(found.value for found in outcome))


def _clash(chosen: Iterable[Candidate]) -> tuple[Candidate, Candidate] | None:
    seen: dict[tuple[str, str], Candidate] = {}
    for found in chosen:
        if other := seen.get((found.mentor, found.mentee)):
            return other, found
        seen[_pair(found)] = found
    return None


def _pair(found: Candidate) -> tuple[str, str]:
    return found.mentee, found.mentor


def _flow(candidates: Sequence[Candidate], worth: Sequence[int], room: Room) -> list[Candidate]:
    """The largest total worth, as a minimum-cost flow.

    A unit flows from the source through each cycle, either past everybody for nothing, or to a mentor for
    minus the pair's worth. A mentee with several open cycles passes through a gate of one unit on the way to
    each mentor, so that a mentor is his once.
    """
    if not candidates:
        return []
    graph = _Graph()
    source, sink = graph.node(), graph.node()
    cycles = {cycle: graph.node() for cycle in dict.fromkeys(c.cycle for c in candidates)}
    mentors = {mentor: graph.node() for mentor in sorted({c.mentor for c in candidates})}
    gates = _gates(graph, candidates, mentors)
    arcs = [
        graph.arc(cycles[c.cycle], gates.get(_pair(c)) or mentors[c.mentor], 1, -gain)
        for c, gain in zip(candidates, worth, strict=True)
    ]
    for node in cycles.values():
        graph.arc(source, node, 1, 0)
        graph.arc(node, sink, 1, 0)
    for mentor, node in mentors.items():
        graph.arc(node, sink, room[mentor], 0)
    flows = graph.solve(source, sink, len(cycles))
    return [c for c, arc in zip(candidates, arcs, strict=True) if flows[arc]]


def _gates(
    graph: _Graph, candidates: Iterable[Candidate], mentors: Mapping[str, int]
) -> dict[tuple[str, str], int]:
    gates: dict[tuple[str, str], int] = {}
    for pair, found in groupby(sorted(map(_pair, candidates))):
        if sum(1 for _ in found) > 1:
            gates[pair] = graph.node()
            graph.arc(gates[pair], mentors[pair[1]], 1, 0)
    return gates


class _Graph:
    """Arcs of a network, added one by one and handed to OR-tools at once."""

    def __init__(self) -> None:
        self._nodes = 0
        self._arcs: list[tuple[int, int, int, int]] = []

    def node(self) -> int:
        self._nodes += 1
        return self._nodes - 1

    def arc(self, tail: int, head: int, capacity: int, cost: int) -> int:
        self._arcs.append((tail, head, capacity, cost))
        return len(self._arcs) - 1

    def solve(self, source: int, sink: int, units: int) -> Sequence[int]:
        """The flow on each arc, in the order in which they were added."""
        tails, heads, capacities, costs = np.array(self._arcs, dtype=np.int64).T
        network = min_cost_flow.SimpleMinCostFlow()
        arcs = network.add_arcs_with_capacity_and_unit_cost(tails, heads, capacities, costs)
        network.set_node_supply(source, units)
        network.set_node_supply(sink, -units)
        status = network.solve()
        if status != network.OPTIMAL:
            raise ArithmeticError(f"no optimal flow: {status}")
        flows: Sequence[int] = network.flows(arcs).tolist()
        return flows
