"""The choice among allowed pairs, by the program's policy.

`optimal`     the greatest total value, with the proof that none is greater.
`stable`      no row and column would both rather have each other.
`fair`        as many pairs as can be, the least of them as good as can be, then the next, then the largest total.
`first_come`  in the order of the queue, each row its best.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from services.matching.assignment.clashes import optimal_choice
from services.matching.assignment.fair import fair
from services.matching.assignment.first_come import first_come
from services.matching.assignment.market import Choice, Market
from services.matching.assignment.stable import stable
from shared.events.types import Policy

_POLICIES: Mapping[Policy, Callable[[Market], Choice]] = {
    "optimal": optimal_choice,
    "stable": stable,
    "fair": fair,
    "first_come": first_come,
}


def choose(policy: Policy, market: Market) -> Choice:
    """Who gets whom: a column once for each person, no more rows than it takes, nobody his own mentor's mentor.

    The same market gives the same choice on every machine; of choices that are as good it is always the same one.
    """
    return _POLICIES[policy](market)
