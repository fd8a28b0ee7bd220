"""A replay without a log and a store: decode, judge and fold a service's inputs and answers over a world in memory."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence

from shared.events.envelope import Event, decode
from shared.fold import Fold
from shared.world import World
from tests.bench.contestants.contestant import Task, main
from tests.bench.replay.services import service
from tests.bench.replay.stamped import programs_of, stamped

_BATCH = 1000


class InMemory:
    """What is left of a rebuild when reading and saving cost nothing."""

    def __init__(self, task: Task, name: str) -> None:
        self.inputs = 0
        self._service = service(name)
        self._entries = list(stamped(programs_of(task.count or 0)))

    async def open(self) -> None:
        """Everything is there already."""

    async def run(self) -> None:
        """Fold all, the answers of an input right behind it."""
        fold, world = Fold(self._service), World()
        told = self._told()
        for start in range(0, len(self._entries), _BATCH):
            for entry in self._entries[start : start + _BATCH]:
                if entry.said_by != self._service.name:
                    answers = told.get(entry.seq, ())
                    fold.keep(world, fold.follow(world, entry, fold.read(entry), answers))
            world.take_changes()
            self.inputs = min(start + _BATCH, len(self._entries))
            await asyncio.sleep(0)

    async def close(self) -> None:
        """Nothing is open."""

    def _told(self) -> Mapping[int, Sequence[Event]]:
        told: dict[int, list[Event]] = {}
        for entry in self._entries:
            if entry.said_by == self._service.name and entry.cause is not None:
                told.setdefault(entry.cause, []).append(decode(entry.body))
        return told


if __name__ == "__main__":
    NAME = sys.argv.pop(1)
    main(lambda task: InMemory(task, NAME))
