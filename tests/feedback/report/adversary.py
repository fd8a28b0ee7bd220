"""Somebody who keeps every report of a program and adds and subtracts what they show, with whatever factors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from services.feedback.report.contributions import Contributions
from services.feedback.report.release import Shown

Longs = npt.NDArray[np.int64]
Planner = Callable[[Sequence[Contributions], int, Sequence[int]], Shown]

_PRIME = 2**31 - 1
"""Ranks are those modulo this prime: exact arithmetic without fractions."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one report lets be computed of: the rows up to a release, of everybody or of a group."""

    release: int
    breakdown: str = ""
    group: int = -1

    def rows(self, given: Contributions) -> npt.NDArray[np.bool_]:
        """Which rows it sums up."""
        held = np.asarray(given.week) <= self.release
        return held & (given.groups[self.breakdown] == self.group) if self.breakdown else held


def everything_seen(plan: Planner, given: Contributions, last: int, k: Sequence[int]) -> set[Seen]:
    """All that is shown in the reports of all releases."""
    return {seen for release in range(last + 1) for seen in _seen(plan([given], release, k))}


def _seen(shown: Shown) -> Iterator[Seen]:
    if shown.as_of is not None:
        yield Seen(shown.as_of)
    for breakdown, groups in shown.groups.items():
        yield from (Seen(release, breakdown, group) for group, release in groups.items())


def isolated(seen: set[Seen], given: Contributions, k: int) -> frozenset[int] | None:
    """Fewer than k mentees, or mentors, whom some sum of what was seen tells about and nobody else; None when there are none.

    A sum may tell about a set of persons when, of the sums that are 0 in everybody else's rows, one is not 0 in theirs.
    """
    for each in (given.mentee, given.mentor):
        persons = np.asarray(each, np.int64)
        rows = persons >= 0
        sums = np.array([each.rows(given)[rows] for each in sorted(seen, key=repr)], np.int64)
        found = _isolated(sums.reshape(len(seen), int(rows.sum())), persons[rows], k)
        if found:
            return found
    return None


def _isolated(sums: Longs, persons: Longs, k: int) -> frozenset[int] | None:
    cells = _cells(sums, persons)
    table = np.array(list(cells), np.int64).reshape(len(cells), len(sums))
    everybody = sorted(set(persons.tolist()))
    whole = rank(table)
    for few in combinations(everybody, min(k - 1, len(everybody))):
        others = [not there <= set(few) for there in cells.values()]
        if not all(others) and rank(table[others]) < whole:
            return frozenset(few)
    return None


def _cells(sums: Longs, persons: Longs) -> dict[tuple[int, ...], set[int]]:
    """Who is in the rows that all sums treat alike."""
    cells: dict[tuple[int, ...], set[int]] = {}
    for person, factors in zip(persons.tolist(), sums.T.tolist(), strict=True):
        cells.setdefault(tuple(factors), set()).add(person)
    return cells


def rank(table: Longs) -> int:
    """Of a matrix of whole numbers."""
    left, found = table % _PRIME, 0
    for column in range(left.shape[1]):
        pivots = np.flatnonzero(left[found:, column])
        if not pivots.size:
            continue
        left[[found, found + pivots[0]]] = left[[found + pivots[0], found]]
        left[found] = left[found] * pow(int(left[found, column]), -1, _PRIME) % _PRIME
        below = left[found + 1 :]
        below -= below[:, column : column + 1] * left[found] % _PRIME
        below %= _PRIME
        found += 1
        if found == len(left):
            break
    return found


def until(given: Contributions, week: int) -> Contributions:
    """The rows that a release holds."""
    held = np.asarray(given.week) <= week
    return replace(
        given,
        mentee=given.mentee[held],
        mentor=given.mentor[held],
        week=given.week[held],
        groups={name: groups[held] for name, groups in given.groups.items()},
    )
