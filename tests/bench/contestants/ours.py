"""Ours live: the subscription and the ledger as a service process runs them, on SQLite or PostgreSQL."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path

from faststream.nats import NatsBroker

from shared.entry import Entry
from shared.ledger import Ledger
from shared.log import Log
from shared.ownership import FileOwnership, SharedOwnership
from shared.runtime import make_broker
from shared.service import Service
from shared.store import Store
from shared.subscription import LogSubscriber, subscribe
from tests.bench.contestants.contestant import Task, main
from tests.bench.workload import SERVICE


class Ours:
    """One partition of the tally service; `driven` stores timers without a schedule."""

    def __init__(self, task: Task, service: Service = SERVICE, *, driven: bool = False) -> None:
        self._service = service
        self._driven = driven
        self._owner = f"bench-{uuid.uuid4().hex[:8]}"
        self._store = Store(service.tables, task.database)
        self._broker: NatsBroker = make_broker(task.nats, service.name)
        self._ownership = self._make_ownership(task)
        self._ledger: Ledger | None = None
        self._subscriber: LogSubscriber | None = None

    @property
    def inputs(self) -> int:
        """Committed and in the log."""
        return self._ledger.progress.inputs if self._ledger else 0

    async def open(self) -> None:
        """Connect as shared/runtime.py does."""
        log = Log(await self._broker.connect())
        self._ledger = ledger = Ledger(
            self._service, self._store, log, 0, self._owner, driven=self._driven
        )

        async def fold(batch: list[Entry]) -> None:
            await ledger.fold(batch)

        self._subscriber = subscribe(self._broker, 0, fold)
        self._subscriber.attach(ledger, log, self._ownership)
        await self._ownership.start()
        await self._ownership.wait(0)

    async def run(self) -> None:
        """Claim, then live for ever."""
        await self._broker.start()
        await asyncio.Event().wait()

    async def close(self) -> None:
        """End with the mark where the position is."""
        if self._subscriber is not None:
            await self._subscriber.stop()
        await self._ownership.stop()
        await self._broker.stop()
        self._store.dispose()

    def _make_ownership(self, task: Task) -> FileOwnership | SharedOwnership:
        if task.database.startswith("sqlite"):
            return FileOwnership(Path(task.sqlite))
        return SharedOwnership(self._store.engine, self._service.name, 1, self._owner)


if __name__ == "__main__":
    main(Ours)
