"""A connection to the log for a command, and one answer when nobody is there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.cli.output import Failure
from services.cli.place import Folder, nats_url
from shared.log import Log, LogTrouble

PATIENCE = 2.0
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
        raise Failure(f"{error}{'' if given else _hint(Folder(folder))}") from error
    except (ValueError, TypeError) as error:
        raise Failure(f"--nats: use nats://host:port, not {url!r}") from error
    try:
        yield log
    finally:
        await log.close()


def _hint(place: Folder) -> str:
    if place.running():
        return f": `mentoring up` starts it again by itself; see {place.log('nats')}"
    return (
        f": `mentoring up` does not run in {place.path}; start it, or name a server with --nats, "
        "or another folder with --dir"
    )
