"""What a replay reads: the log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.cli.connection import connected
from shared.replay.source import LogSource, Source


@asynccontextmanager
async def source_of(nats: str | None, folder: Path) -> AsyncIterator[Source]:
    """The log.

    Raises:
        Failure: no server answers.
        LogTrouble: the log is missing.
    """
    async with connected(nats, folder) as log:
        yield await LogSource.of(log)
