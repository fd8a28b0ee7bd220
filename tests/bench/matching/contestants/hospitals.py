"""The package `matching`: requests as residents, mentors as hospitals, both in the order of the values.

As its documentation shows it, from dictionaries. `eased` raises Python's limit of recursion, without which its deep
copy of the players ends in RecursionError.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from matching.games import HospitalResident
from numpy.typing import NDArray

from services.matching.assignment.market import NOBODY, Market

ENDLESS = 100_000_000


def chosen(market: Market, *, eased: bool = False) -> NDArray[np.int32]:
    """[n] The column of each row."""
    with _recursion(ENDLESS if eased else sys.getrecursionlimit()):
        return _chosen(market)


@contextmanager
def _recursion(limit: int) -> Iterator[None]:
    """Let Python recurse so deep, for now: whatever else runs in this process would overflow its stack."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(limit)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _chosen(market: Market) -> NDArray[np.int32]:
    values = market.values(slice(None))
    able = market.capacity > 0
    requests = np.array([f"r{row}" for row in range(len(values))], object)
    mentors = np.array([f"m{column}" for column in range(len(able))], object)
    residents = {
        name: _ranked(worth * able, mentors) for name, worth in zip(requests, values, strict=True)
    }
    hospitals = {
        name: _ranked(worth, requests)
        for name, worth in zip(mentors[able], values.T[able], strict=True)
    }
    places = dict(zip(mentors.tolist(), market.capacity.tolist(), strict=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        game = HospitalResident.create_from_dictionaries(
            _not_empty(residents), _not_empty(hospitals), places
        )
        found = game.solve(optimal="resident")
    column = np.full(len(values), NOBODY, np.int32)
    for hospital, taken in found.items():
        for resident in taken:
            column[int(resident.name[1:])] = int(hospital.name[1:])
    return column


def _ranked(values: NDArray[np.int32], names: NDArray[np.object_]) -> list[str]:
    """The names of those who are allowed, the best first, equal ones by number."""
    order = np.argsort(-values, kind="stable")
    found: list[str] = names[order[values[order] > 0]].tolist()
    return found


def _not_empty(ranked: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: others for name, others in ranked.items() if others}
