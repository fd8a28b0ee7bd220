"""The NATS server of a folder of `mentoring up`, for as long as an import goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.cli import embedded
from services.cli.child import Child
from services.cli.output import Failure, say
from services.cli.place import Folder
from services.cli.ports import take
from shared.log import Log, LogTrouble

_PATIENCE = 30.0


@asynccontextmanager
async def folder_server(folder: Path) -> AsyncIterator[Log]:
    """A connection to the folder's own server, which runs meanwhile and nothing else of it.

    Raises:
        Failure: `mentoring up` runs there, or the server does not start.
    """
    place = Folder(folder)
    place.hold()
    try:
        taken: set[int] = set()
        port, monitor = take(None, None, taken), take(None, None, taken)
        command = embedded.command(place.nats, port, monitor)
        child = Child("nats", command, place.log("nats"), {}, say)
        await child.start()
        try:
            log = await _connected(f"nats://127.0.0.1:{port}", child)
            try:
                yield log
            finally:
                await log.close()
        finally:
            await child.stop()
    finally:
        place.release()


async def _connected(url: str, child: Child) -> Log:
    """A connection, once JetStream answers."""
    deadline = asyncio.get_running_loop().time() + _PATIENCE
    while True:
        try:
            log = await Log.connect(url, "mentoring-import", patience=2)
            try:
                await log.request("$JS.API.INFO", b"")
            except BaseException:
                await log.close()
                raise
        except LogTrouble as error:
            if asyncio.get_running_loop().time() > deadline or child.deaths > 1:
                words = f"the NATS server does not start ({error}):\n{child.last_words()}"
                raise Failure(words) from error
            await asyncio.sleep(0.05)
        else:
            return log
