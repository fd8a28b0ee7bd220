"""Who makes the report in the feedback benchmark."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entrant:
    """A contestant: the name of its module in tests/bench/feedback/contestants, and its title in tables."""

    name: str
    title: str


OURS = "ours"
PEER = "frames"
ENTRANTS: tuple[Entrant, ...] = (
    Entrant(OURS, "**ours**: `mentoring report --from`"),
    Entrant(PEER, "pandas over the same file"),
)
NAMES = tuple(entrant.name for entrant in ENTRANTS)
