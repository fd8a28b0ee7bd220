"""Ours rebuilding: a service's store made anew from the whole log, as `mentoring replay rebuild` does it.

The live store is empty, so that the rebuild goes as far as the service has answered: to the log's end.
"""

from __future__ import annotations

import sys

from shared.log import Log
from shared.replay.rebuild import Rebuild
from shared.replay.shadow import Shadow
from shared.replay.source import LogSource
from shared.store import Store
from tests.bench.contestants.contestant import Task, main
from tests.bench.replay.check import checked
from tests.bench.replay.services import service


class Rebuilding:
    """From opening the shadow until everything is committed in it."""

    def __init__(self, task: Task, name: str) -> None:
        self._task = task
        self._service = service(name)
        self._live = Store(self._service.tables, task.database)
        self._shadow: Shadow | None = None
        self._log: Log | None = None
        self._rebuild: Rebuild | None = None
        self._is_done = False

    @property
    def inputs(self) -> int:
        """How many events of the log are read, folded and committed; all of them only when the rebuild has returned."""
        count = self._task.count or 0
        if self._is_done or self._rebuild is None:
            return count if self._is_done else 0
        return min(self._rebuild.progress.events, count - 1)

    async def open(self) -> None:
        """Connect, and make the tables of the live store and of its shadow."""
        self._log = await Log.connect(self._task.nats)
        self._live.create_all()
        self._shadow = Shadow.open(self._live, self._service)

    async def run(self) -> None:
        """The whole log."""
        assert self._log is not None
        assert self._shadow is not None
        source = await LogSource.of(self._log)
        self._rebuild = Rebuild(self._service, self._live, self._shadow.store, source)
        async with self._rebuild:
            await self._rebuild.catch_up()
        self._is_done = True

    async def close(self) -> None:
        """Check the rows, and disconnect."""
        if self._log is not None:
            await self._log.close()
        if self._shadow is not None:
            if self._is_done:
                checked(self._shadow.store, self._service, self.inputs)
            self._shadow.close()
        self._live.dispose()


if __name__ == "__main__":
    NAME = sys.argv.pop(1)
    main(lambda task: Rebuilding(task, NAME))
