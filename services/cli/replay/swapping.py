"""The last step of a rebuild: fold to where the store stands still, and exchange."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from services.cli.replay.journal import Journal
from services.cli.replay.preview import Preview, sequences
from shared.log import LogTrouble
from shared.reader import ReaderLost
from shared.replay.exchange import Exchange
from shared.replay.rebuild import Rebuild
from shared.replay.shadow import Shadow
from shared.store import Store


async def swap(
    work: Rebuild,
    live: Store,
    shadow: Shadow,
    program: str | None,
    journal: Journal,
    found: Preview,
) -> None:
    """Fold to where the store stands still, and exchange; the service waits at its next batch meanwhile.

    Raises:
        NotReady, Diverged, LogTrouble, ReaderLost, StoreTrouble: nothing was exchanged.
    """
    await _catch_up_again(work)
    with journal.silent():
        await _exchange(work, live, shadow, program, journal, found)
    journal.told()


async def _catch_up_again(work: Rebuild) -> None:
    """Whoever was asked may have thought for long: what came meanwhile is folded before anybody has to wait for it.

    The server may have given up a connection on which nobody answered: the first call finds out, the second has
    another.
    """
    try:
        await work.catch_up()
    except (LogTrouble, ReaderLost):
        await work.catch_up()


async def _exchange(
    work: Rebuild,
    live: Store,
    shadow: Shadow,
    program: str | None,
    journal: Journal,
    found: Preview,
) -> None:
    async with _held(live) as held:
        standing = sequences(held.positions)
        await work.to_positions(standing)
        await asyncio.to_thread(held.replace, shadow, program)
        last = max(standing.values(), default=found.position)
        journal.detail |= _counts(work, found)
        await asyncio.to_thread(journal.done_within, held.connection, found, last)


@asynccontextmanager
async def _held(live: Store) -> AsyncIterator[Exchange]:
    """The exchange, with all that waits for the database beside the event loop."""
    exchange = Exchange(live)
    held = await asyncio.to_thread(exchange.__enter__)
    try:
        yield held
    except BaseException:
        await asyncio.to_thread(held.__exit__, *sys.exc_info())
        raise
    else:
        await asyncio.to_thread(held.__exit__, None, None, None)


def _counts(work: Rebuild, found: Preview) -> dict[str, Any]:
    return {
        "rows": found.rows,
        "tables": found.found,
        "events": work.progress.events,
        "accepted": [each.diverged.seq for each in work.accepted],
        "passed_over": work.progress.passed_over,
    }
