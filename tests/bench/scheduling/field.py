"""Who takes part in the scheduling benchmark, and on how much of the program."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entrant:
    """A contestant.

    Attributes:
        name: on the command line, and of its module in tests/bench/scheduling/contestants.
        title: in the tables.
        mentors: it plans the cycles of so many mentors, and its rate is per plan; None: all.
    """

    name: str
    title: str
    mentors: int | None = None


OURS = "ours"
ENTRANTS: tuple[Entrant, ...] = (
    Entrant(OURS, "**ours**: `plan`, and its answers folded"),
    Entrant("grid", "a grid of minutes in numpy", 300),
    Entrant("frames", "interval code with pandas", 60),
    Entrant("minute", "per-minute search", 10),
)
NAMES = tuple(entrant.name for entrant in ENTRANTS)


def entrant_of(name: str) -> Entrant:
    """The contestant of this name."""
    return next(entrant for entrant in ENTRANTS if entrant.name == name)
