"""What the persons of recorded pairs thought of them: pairs that both worlds have beside those that only the record has.

Ratings are confidential, so small groups are hidden: fewer than the program's k distinct persons. Of two parts of one
whole, hiding one hides the other. Means are told in steps of 0.05, so that two comparisons that differ in
one pair do not tell what that pair said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.cli.what_if.arithmetic import mean
from services.cli.what_if.ratings import Ratings
from services.matching.what_if.account import Pair

STEP = 20
"""Steps of a mean from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """A group of recorded pairs: how many, how many persons rated, and the mean of each side, 0 to 1.

    `hidden`: the group, or what it is a part of, is too small to be told; then persons and means are None.
    """

    group: str
    pairs: int
    persons: int | None
    mentee: float | None
    mentor: float | None
    hidden: bool


def satisfaction(
    ratings: Ratings, both: Sequence[Pair], only_recorded: Sequence[Pair], k: int
) -> list[Satisfaction]:
    """The two groups, and both together."""
    parts = (both, only_recorded)
    small = [0 < len(_persons(ratings, part)) < k for part in parts]
    everybody = [*both, *only_recorded]
    return [
        _told(ratings, "pairs of both worlds", both, hidden=any(small)),
        _told(ratings, "pairs of the record only", only_recorded, hidden=any(small)),
        _told(
            ratings, "all recorded pairs", everybody, hidden=len(_persons(ratings, everybody)) < k
        ),
    ]


def _persons(ratings: Ratings, pairs: Sequence[Pair]) -> set[str]:
    """Who rated: mentees and mentors of pairs with ratings of their side."""
    found = set()
    for pair in pairs:
        given = ratings.of(pair.cycle)
        found |= {pair.mentee} if "mentee" in given else set()
        found |= {pair.mentor} if "mentor" in given else set()
    return found


def _told(ratings: Ratings, group: str, pairs: Sequence[Pair], *, hidden: bool) -> Satisfaction:
    if hidden:
        return Satisfaction(group, len(pairs), None, None, None, hidden=True)
    given = [ratings.of(pair.cycle) for pair in pairs]
    sides = {
        side: _in_steps(mean(mean(each[side]) or 0.0 for each in given if side in each))
        for side in ("mentee", "mentor")
    }
    persons = len(_persons(ratings, pairs))
    return Satisfaction(group, len(pairs), persons, sides["mentee"], sides["mentor"], hidden=False)


def _in_steps(value: float | None) -> float | None:
    return None if value is None else round(value * STEP) / STEP
