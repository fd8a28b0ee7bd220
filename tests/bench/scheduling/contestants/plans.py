"""What a contestant finds."""

from __future__ import annotations

from dataclasses import dataclass

Plan = list[int | None]
"""When each number of a cycle begins, in seconds since 1970; None: no slot."""


@dataclass(frozen=True, slots=True)
class Plans:
    """The plans by cycle, and of the time they took the seconds that went into keeping them."""

    found: dict[str, Plan]
    folding: float = 0.0
