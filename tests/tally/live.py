"""The tally service in this process on real servers: FastStream's broker, our subscriber, the ledger."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.events.envelope import Event
from shared.log import LogTrouble
from shared.reader import ReaderLost
from shared.runtime import Runtime
from shared.service import Service
from shared.settings import Settings
from tests.tally.log import until
from tests.tally.service import TALLY


class TallyRuntime(Runtime):
    """The runtime of a service whose tables have no migration history."""

    def _check_schema(self) -> None:
        self.store.create_all()


@asynccontextmanager
async def running(
    nats_url: str,
    database_url: str,
    service: Service = TALLY,
    *,
    owner: str = "one",
    driven: bool = False,
) -> AsyncIterator[TallyRuntime]:
    """The service folds inside."""
    settings = Settings(nats_url=nats_url, database_url=database_url, owner=owner, driven=driven)
    runtime = TallyRuntime(service, settings)
    await runtime.start()
    try:
        yield runtime
    finally:
        await runtime.stop()


async def ready(runtime: Runtime) -> None:
    """Return when it says that it is ready."""
    await until(lambda: bool(runtime.statuses()) and not runtime.reasons(), "it is ready")


async def folded(runtime: Runtime, seq: int, partition: int = 0) -> None:
    """Return when a partition has folded a sequence."""
    await until(
        lambda: any(
            status.partition == partition and status.progress.position >= seq
            for status in runtime.statuses()
        ),
        f"it folds {seq}",
    )


async def say(runtime: Runtime, event: Event) -> int:
    """Append an event over the service's own connection, however often that takes."""
    found: list[int] = []

    async def said() -> bool:
        with contextlib.suppress(LogTrouble, ReaderLost):
            found.append((await runtime.append(event)).seq)
        return bool(found)

    await until(said, "the log takes an event")
    return found[0]
