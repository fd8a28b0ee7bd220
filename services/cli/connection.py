"""A connection to the log for a command, and one answer when nobody is there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.cli.output import Failure
from services.cli.place import nats_url
from shared.log import Log, LogTrouble

PATIENCE = 3.0
"""Seconds to wait for a server: one on the same machine answers in milliseconds."""


@asynccontextmanager
async def connected(given: str | None, folder: Path) -> AsyncIterator[Log]:
    """The log at the address given, or of the `mentoring up` in the folder.

    Raises:
        Failure: nobody answers there, or the address is none.
    """
    url = nats_url(given, folder)
    try:
        log = await Log.connect(url, "mentoring-command", patience=PATIENCE)
    except LogTrouble as error:
        where = "" if given else "; start one with `mentoring up`, or name one with --nats"
        raise Failure(f"{error}{where}") from error
    except (ValueError, TypeError) as error:
        raise Failure(f"--nats: use nats://host:port, not {url!r}") from error
    try:
        yield log
    finally:
        await log.close()
