"""Ours folding only: a new store catches up with a log that holds every input and answer."""

from __future__ import annotations

from shared.ledger import Ledger
from shared.log import Log
from shared.store import Store
from tests.bench.contestants.contestant import Task, main
from tests.bench.workload import SERVICE


class CatchUp:
    """Reads inputs and answers, folds each answer behind its cause; nothing is decided or published."""

    def __init__(self, task: Task) -> None:
        self.inputs = 0
        self._task = task
        self._store = Store(SERVICE.tables, task.database)
        self._log: Log | None = None
        self._ledger: Ledger | None = None

    async def open(self) -> None:
        """Connect."""
        self._log = await Log.connect(self._task.nats)
        self._ledger = Ledger(SERVICE, self._store, self._log, 0, "bench")

    async def run(self) -> None:
        """To the mark."""
        assert self._ledger is not None
        await self._ledger.start()
        self.inputs = self._task.count or 0

    async def close(self) -> None:
        """Disconnect."""
        if self._ledger is not None:
            await self._ledger.close()
        if self._log is not None:
            await self._log.close()
        self._store.dispose()


if __name__ == "__main__":
    main(CatchUp)
