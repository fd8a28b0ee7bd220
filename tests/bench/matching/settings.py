"""The markets that are run: how many ask, how many offer, of which family, with how many places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Literal

Family = Literal["people", "made"]
Supply = Literal["loose", "tight"]

SEED = 20261122
SIZES: dict[int, int] = {1_000: 300, 10_000: 3_000, 100_000: 20_000}
"""Mentors by requests."""
FAMILIES: tuple[Family, ...] = ("people", "made")
SUPPLIES: tuple[Supply, ...] = ("loose", "tight")
PLACES: dict[Supply, float] = {"loose": 1.5, "tight": 0.6}
"""Places by request."""
DENSE_UP_TO = 200_000_000
"""So many pairs are handed in as one matrix of int32 (0.8 GB); of more, values are computed block by block."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One market.

    Attributes:
        family: `people`: a pool scored by the services; `made`: values alone, for the choice alone.
        requests: rows.
        mentors: columns.
        supply: `loose`: more places than requests; `tight`: fewer, and some mentors whom nearly everybody wants.
        seed: of everything drawn.
    """

    family: Family
    requests: int
    mentors: int
    supply: Supply
    seed: int = SEED

    @property
    def name(self) -> str:
        """In words."""
        return f"{self.family} {self.size} {self.supply}"

    @property
    def size(self) -> str:
        """Requests × mentors."""
        return f"{self.requests:,} × {self.mentors:,}"

    @property
    def places(self) -> int:
        """Of all mentors together."""
        return int(self.requests * PLACES[self.supply])

    @property
    def is_tight(self) -> bool:
        """Whether there are fewer places than requests, and popular mentors."""
        return self.supply == "tight"

    @property
    def is_dense(self) -> bool:
        """Whether the values are handed in as a matrix."""
        return self.requests * self.mentors <= DENSE_UP_TO


def settings(
    sizes: Iterable[int], families: Iterable[Family], supplies: Iterable[Supply], seed: int = SEED
) -> Iterator[Setting]:
    """All of these, the small ones first."""
    chosen, kinds = list(families), list(supplies)
    for size in sorted(sizes):
        for family in chosen:
            for supply in kinds:
                yield Setting(family, size, SIZES.get(size, max(1, size // 3)), supply, seed)


def places(setting: Setting, chance: Random) -> list[int]:
    """The mentors' capacities: one to five in proportion, together exactly the market's places."""
    shares = [chance.choice((1, 2, 2, 3, 5)) for _ in range(setting.mentors)]
    found, owed, given = [], 0, 0
    for share in shares:
        owed += share
        found.append(setting.places * owed // sum(shares) - given)
        given += found[-1]
    return found
