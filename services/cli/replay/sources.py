"""What a replay reads: the log, or an archive of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.cli.archive.source import source_in
from services.cli.connection import connected
from services.cli.output import Failure
from shared.replay.source import LogSource, Source
from shared.store import Store
from shared.transaction import positions_of


@asynccontextmanager
async def source_of(archive: Path | None, nats: str | None, folder: Path) -> AsyncIterator[Source]:
    """The archive that is named, which needs no server; else the log.

    Raises:
        Failure: no server answers, or the archive is damaged, truncated or cannot be read.
        LogTrouble: the log is missing.
    """
    if archive is not None:
        yield await source_in(archive)
        return
    async with connected(nats, folder) as log:
        yield await LogSource.of(log)


def must_reach(source: Source, live: Store, advice: str) -> None:
    """Only what holds everything that a store has folded can say what is in it.

    Raises:
        Failure: an archive ends before the store.
        StoreTrouble: the database does not answer.
    """
    last = max((each.seq for each in live.read(positions_of).values()), default=0)
    if source.ends is not None and source.ends < last:
        raise Failure(
            f"the archive ends at sequence {source.ends}, the store stands at {last}: {advice}"
        )
