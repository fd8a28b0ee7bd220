"""How much a report is made of: cycles, and everything drawn for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

SEED = 20261123
SIZES = (1_000, 10_000, 100_000)
MEETINGS = 12
"""Planned for each pair, a week apart."""
PROGRAM = "acme-2026"
ZONE = "Europe/Berlin"
OPENED = datetime(2026, 1, 5, 9, tzinfo=UTC)
"""A Monday."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One benchmark's program.

    Attributes:
        cycles: how many, twelve meetings each where they are paired and stay so.
        seed: of everything drawn.
    """

    cycles: int
    seed: int = SEED

    @property
    def name(self) -> str:
        """In words."""
        return f"{self.cycles:,} cycles of {MEETINGS} meetings"

    @property
    def mentors(self) -> int:
        """Persons on the other side; each has several pairs in the year."""
        return max(12, self.cycles // 3)
