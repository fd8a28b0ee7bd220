"""How much is planned: cycles, mentors, meetings of each cycle; and the program's days that bound them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

SEED = 20261122
SIZES: dict[int, int] = {1_000: 300, 10_000: 3_000}
"""Mentors by cycles."""
MEETINGS = 12
"""Of each cycle."""
PROGRAM = "acme"
STARTS_ON, ENDS_ON = date(2026, 3, 2), date(2026, 8, 31)
"""The program's days: 26 weeks, with a change of the clock in Europe, America and Oceania."""
BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""The first round of matching: pairs are made from here on."""
ROUNDS = 10
"""Rounds of matching, a day apart, over which the pairs are spread."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One benchmark's program.

    Attributes:
        cycles: how many pairs are planned.
        mentors: how many persons they share on the mentors' side.
        seed: of everything drawn.
    """

    cycles: int
    mentors: int
    seed: int = SEED

    @property
    def name(self) -> str:
        """In words."""
        return f"{self.cycles:,} cycles, {self.mentors:,} mentors"


def setting_of(cycles: int, seed: int = SEED) -> Setting:
    """So many cycles with the usual number of mentors."""
    return Setting(cycles, SIZES.get(cycles, max(1, cycles * 3 // 10)), seed)
