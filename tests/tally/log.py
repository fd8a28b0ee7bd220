"""A provisioned log for a test, and what one asks of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from shared import provision
from shared.entry import Entry
from shared.events.envelope import HEADERS, Event, encode
from shared.log import Log, Message

PATIENCE = 60.0
"""Seconds that a test waits for what must come; far more than it takes."""
EVENTS = "mentoring.*.*.*.>"


@asynccontextmanager
async def open_log(url: str, partitions: int = 1, replicas: int = 1) -> AsyncIterator[Log]:
    """A connection to a log that is as it should be."""
    log = await Log.connect(url)
    try:
        await provision.apply(log, partitions, replicas)
        yield log
    finally:
        await log.close()


async def publish(log: Log, *events: Event) -> int:
    """Append events in their order, whole or not at all; returns the last one's sequence."""
    last = 0
    for start in range(0, len(events), 500):
        chunk = events[start : start + 500]
        last = await log.send_batch([Message(e.subject, encode(e), HEADERS) for e in chunk])
    return last


async def entries(log: Log, *filters: str, start: int = 1) -> list[Entry]:
    """Everything on these subjects (all events when none is given), in order."""
    return [e async for batch in log.read(filters or [EVENTS], start) for e in batch]


async def until(
    condition: Callable[[], bool | Awaitable[bool]], what: str, patience: float = PATIENCE
) -> None:
    """Return when the condition holds; fails with these words when it does not in time."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience
    while True:
        found = condition()
        if found if isinstance(found, bool) else await found:
            return
        assert loop.time() < deadline, f"{what} within {patience} s"
        await asyncio.sleep(0.02)


def ids(found: Sequence[Entry]) -> list[str]:
    """The event ids of entries, as they stand in the bytes."""
    return [entry.body.decode().split('"id":"', 1)[1][:36] for entry in found]
