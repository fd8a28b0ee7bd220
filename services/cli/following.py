"""Follows the log and shows what comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

from rich.console import Console

from services.cli.connection import connected
from services.cli.entries import line, plain
from services.cli.output import out, print_json, say
from shared.entry import Entry
from shared.log import Log, LogTrouble
from shared.reader import ReaderLost

_PAUSE = 1.0


async def show(
    subject: str,
    start: int | None,
    since: datetime | None,
    follow: bool,
    nats: str | None,
    folder: Path,
    as_json: bool,
) -> None:
    """Show what is on these subjects, from a sequence or an instant on; from now on when neither is given."""
    console = out()
    async with connected(nats, folder) as log:
        if start is None and since is None:
            start = (await log.info()).last_seq + 1
        if not follow:
            async for entries in log.read([subject], start or 1, since=since):
                _show(console, entries, as_json)
            return
        async for entries in _follow(log, subject, start or 1, since):
            _show(console, entries, as_json)


async def _follow(
    log: Log, subject: str, start: int, since: datetime | None
) -> AsyncIterator[list[Entry]]:
    """What stands and what comes; a reader that is lost is opened again where it stopped."""
    while True:
        try:
            reader = await log.reader([subject], start, since=since)
            try:
                while True:
                    entries = await reader.batch()
                    start, since = entries[-1].seq + 1, None
                    yield entries
            finally:
                await reader.close()
        except (ReaderLost, LogTrouble) as error:
            say(f"waiting for the log: {error}")
            await asyncio.sleep(_PAUSE)


def _show(console: Console, entries: list[Entry], as_json: bool) -> None:
    for entry in entries:
        if as_json:
            print_json(plain(entry))
        else:
            console.print(line(entry), soft_wrap=True)
