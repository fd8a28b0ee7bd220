"""Ours rebuilding with several workers, as `mentoring replay rebuild --workers N` does it."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from shared.log import Log
from shared.replay.goals import Goals
from shared.replay.progress import Progress
from shared.replay.source import LogSource, Source
from shared.replay.worker import Means
from shared.replay.workers import Workers
from tests.bench.contestants.contestant import Task, main
from tests.bench.replay.contestants.rebuild import Rebuilding
from tests.bench.replay.services import service


@asynccontextmanager
async def log_at(url: str) -> AsyncIterator[Source]:
    """For each worker a connection of its own."""
    log = await Log.connect(url)
    try:
        yield await LogSource.of(log)
    finally:
        await log.close()


class RebuildingInParts(Rebuilding):
    """Starting the processes and merging what they have folded count as well."""

    def __init__(self, task: Task, name: str, count: int) -> None:
        super().__init__(task, name)
        self._means = Means(partial(service, name), partial(log_at, task.nats))
        self._count = count
        self._progress = Progress()

    @property
    def inputs(self) -> int:
        """As many as workers have told, until the rebuild goes on from there."""
        done = super().inputs
        return done or min(self._progress.events, (self._task.count or 0) - 1)

    async def run(self) -> None:
        """The bulk in workers, the rest as ever."""
        assert self._log is not None
        assert self._shadow is not None
        source = await LogSource.of(self._log)
        workers = Workers(self._means, self._shadow.store, source.partitions, self._count)
        self._progress = workers.progress
        goals = Goals(self._service.name, self._live, source)
        await workers.fold([await goals.goal(at, 0) for at in range(source.partitions)])
        await super().run()


if __name__ == "__main__":
    NAME, COUNT = sys.argv.pop(1), int(sys.argv.pop(1))
    main(lambda task: RebuildingInParts(task, NAME, COUNT))
