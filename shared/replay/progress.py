"""How far a replay has come, how fast it goes and how long it will still take."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Progress:
    """Counts of a replay under way, over all partitions.

    Attributes:
        state: what it is doing.
        goals: by partition, the sequence that it folds to.
        positions: by partition, how far it has folded.
        events: entries of the log that were read, the service's own among them.
        inputs: how many of them were folded.
        accepted: inputs folded although today's code would judge otherwise.
        passed_over: those of them that could not be folded.
        clock: seconds, for the rate.
    """

    state: str = "starting"
    goals: dict[int, int] = field(default_factory=dict)
    positions: dict[int, int] = field(default_factory=dict)
    events: int = 0
    inputs: int = 0
    accepted: int = 0
    passed_over: int = 0
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._began = self.clock()
        self._first: dict[int, int] = {}

    def begin(self, partition: int, position: int, goal: int) -> None:
        """A partition stands at `position` and is to be folded to `goal`."""
        self._first.setdefault(partition, position)
        self.positions[partition], self.goals[partition] = position, goal

    @property
    def seconds(self) -> float:
        """Since it began."""
        return self.clock() - self._began

    @property
    def rate(self) -> float:
        """Entries read in a second, from the beginning on; 0 at first."""
        return self.events / self.seconds if self.seconds > 0 else 0.0

    @property
    def left(self) -> int:
        """Sequences that are not folded yet."""
        return sum(max(goal - self.positions[at], 0) for at, goal in self.goals.items())

    @property
    def remaining(self) -> float | None:
        """Seconds that it will still take at this pace; None when nothing is folded yet."""
        done = sum(self.positions[at] - first for at, first in self._first.items())
        return self.left * self.seconds / done if done > 0 else None
