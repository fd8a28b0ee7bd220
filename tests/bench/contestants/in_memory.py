"""Ours folding only: decode, judge, evolve, decide, encode, over a world in memory; no log, no store."""

from __future__ import annotations

from shared.entry import Entry
from shared.events.envelope import encode
from shared.fold import Fold
from shared.world import World
from tests.bench.contestants.contestant import Task, main
from tests.bench.workload import SERVICE, inputs


class InMemory:
    """The pure half of the service."""

    def __init__(self, task: Task) -> None:
        self.inputs = 0
        self._count = task.count or 0
        self._entries: list[Entry] = []

    async def open(self) -> None:
        """Make the entries as the log would hand them over."""
        self._entries = [
            Entry(seq, event.subject, encode(event))
            for seq, event in enumerate(inputs(self._count), 1)
        ]

    async def run(self) -> None:
        """Fold them all."""
        fold, world = Fold(SERVICE), World()
        for entry in self._entries:
            outcome = fold.live(world, entry, fold.read(entry))
            fold.keep(world, outcome)
            if len(outcome.answers) != 1:
                raise ValueError(f"sequence {entry.seq} has {len(outcome.answers)} answers")
        self.inputs = len(self._entries)

    async def close(self) -> None:
        """Nothing is open."""


if __name__ == "__main__":
    main(InMemory)
