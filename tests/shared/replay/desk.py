"""A log that tally has answered, the store that it worked on, and stores to rebuild into."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from shared.events.envelope import Event
from shared.ledger import Ledger
from shared.log import Log
from shared.replay.rebuild import Rebuild
from shared.replay.source import LogSource
from shared.service import Service
from shared.store import Store
from tests.tally.events import discarded, due, progressed, redriven, withdrawn
from tests.tally.log import entries
from tests.tally.service import TALLY

FUTURE = datetime(2099, 1, 1, tzinfo=UTC)
"""Timers set from here do not fire during a test."""


@dataclass
class Desk:
    """A log and the databases on which tally works; the first is the live one."""

    log: Log
    new_url: Callable[[], str]
    partitions: int = 1
    stores: list[Store] = field(default_factory=list)

    @property
    def live(self) -> Store:
        """The store that the service works on."""
        return self.stores[0] if self.stores else self.new_store()

    def new_store(self, service: Service = TALLY) -> Store:
        """An empty one."""
        store = Store(service.tables, self.new_url())
        store.create_all()
        self.stores.append(store)
        return store

    async def fold(self, service: Service = TALLY, store: Store | None = None) -> None:
        """Let the service answer what is in the log."""
        for partition in range(self.partitions):
            ledger = Ledger(service, store or self.live, self.log, partition, f"owner-{partition}")
            start = await ledger.start()
            await ledger.fold(await entries(self.log, f"mentoring.*.*.*.{partition}", start=start))
            await ledger.settle()
            await ledger.close()

    @asynccontextmanager
    async def rebuild(
        self, into: Store | None = None, service: Service = TALLY, **options: object
    ) -> AsyncIterator[Rebuild]:
        """A rebuild of the live store into another."""
        source = await LogSource.of(self.log)
        store = into or self.new_store()
        async with Rebuild(service, self.live, store, source, **options) as rebuild:  # type: ignore[arg-type]
            yield rebuild

    async def rebuilt(self, service: Service = TALLY, **options: object) -> str:
        """The digest of what the log leads to."""
        store = self.new_store()
        async with self.rebuild(store, service, **options) as rebuild:
            await rebuild.catch_up()
            await rebuild.to_positions(positions(self.live))
        return store.digest()

    def dispose(self) -> None:
        """Close every store."""
        for store in self.stores:
            store.dispose()


def positions(store: Store) -> dict[int, int]:
    """How far a store has folded each partition."""
    found = store.read(lambda c: c.execute(text("SELECT partition, seq FROM position")).all())
    return {partition: seq for partition, seq in found}  # noqa: C416 - rows to a mapping


def change(store: Store, sql: str) -> None:
    """Plant something behind the service's back."""
    with store.engine.begin() as connection:
        connection.execute(text(sql))


def lifecycle(count: int, *, first: int = 0, program: str = "acme") -> Sequence[Event]:
    """Inputs of every kind: folded, refused, parked, redriven, discarded, copies, due, and without an answer."""
    bad = [
        progressed(f"bad{n}", 666, n=f"bad{first}-{n}", program=program, at=FUTURE) for n in (1, 2)
    ]
    plain = [
        progressed(
            f"c{n % 50}", float(n % 7), n=n, program=program, at=FUTURE + timedelta(seconds=n)
        )
        for n in range(first, first + count)
    ]
    half = count // 2
    return [
        *plain[:half],
        *bad,
        progressed("c1", 13, n=f"refused{first}", program=program, at=FUTURE),
        plain[0],
        withdrawn("c3", n=f"left{first}", program=program, at=FUTURE),
        due("c2", FUTURE + timedelta(days=1, seconds=first + 2), program=program),
        redriven(bad[0], n=f"redriven{first}", at=FUTURE),
        discarded(bad[1], n=f"discarded{first}", at=FUTURE),
        *plain[half:],
    ]
