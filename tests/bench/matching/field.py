"""Who takes part in the matching benchmark, and what each needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.bench.matching.settings import Setting

_INT, _FLOAT, _POINTER = 4, 8, 8


@dataclass(frozen=True, slots=True)
class Entrant:
    """A contestant.

    Attributes:
        name: on the command line.
        title: in the tables.
        module: of tests/bench/matching/contestants.
        options: of its function.
        is_whole: it is handed people and scores them, where the others get the values.
        bytes_a_pair: what it needs at least for each pair of a request and a mentor, beside the market.
        bytes_a_place: the same for each pair of a request and a place.
        most: pairs beyond which it is left out, as too slow; None: none.
    """

    name: str
    title: str
    module: str
    options: Mapping[str, Any] = field(default_factory=dict)
    is_whole: bool = False
    bytes_a_pair: int = 0
    bytes_a_place: int = 0
    most: int | None = None

    @property
    def is_ours(self) -> bool:
        """Whether it is a policy of the matching service."""
        return self.module == "ours"

    def needs(self, setting: Setting) -> int:
        """Bytes that it takes at the very least."""
        pairs = setting.requests * setting.mentors
        return pairs * self.bytes_a_pair + setting.requests * setting.places * self.bytes_a_place


def _ours(policy: str) -> Entrant:
    return Entrant(policy.replace("_", "-"), f"**ours, `{policy}`**", "ours", {"policy": policy})


ENTRANTS: tuple[Entrant, ...] = (
    _ours("optimal"),
    _ours("stable"),
    _ours("fair"),
    _ours("first_come"),
    Entrant("round", "ours, `optimal`, whole round", "ours", {"policy": "optimal"}, is_whole=True),
    # The values, the chosen columns of them, and the same as float64.
    Entrant("scipy", "scipy, dense", "scipy_dense", bytes_a_pair=_INT, bytes_a_place=_INT + _FLOAT),
    Entrant("20-best", "20 best of each request, then a flow", "best20"),
    # Values, their negation, and the order as whole numbers of Python.
    Entrant("greedy", "greedy, best pair first", "greedy", bytes_a_pair=2 * _INT + 5 * _POINTER),
    Entrant("naive", "naive, mentee by mentee", "naive", most=200_000_000),
    # Two lists of names, each copied twice.
    Entrant("hospitals", "`matching`", "hospitals", bytes_a_pair=6 * _POINTER),
    Entrant(
        "hospitals-eased", "`matching`, recursion limit raised", "hospitals", {"eased": True},
        bytes_a_pair=6 * _POINTER, most=1_000_000,
    ),
)  # fmt: skip
NAMES = tuple(entrant.name for entrant in ENTRANTS)


def entrant_of(name: str) -> Entrant:
    """The contestant of this name."""
    return next(entrant for entrant in ENTRANTS if entrant.name == name)
