"""`mentoring watch`: the log as it goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.text import Text

from services.cli.brief import in_words, instant, read, speaker
from services.cli.connection import connected
from services.cli.options import DEFAULT_DIR, Dir, Json, Nats, Program
from services.cli.output import out, print_json, read_instant, read_token, run, say
from shared.entry import Entry
from shared.events.catalog import CATALOG
from shared.log import Log, LogTrouble
from shared.reader import ReaderLost

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PAUSE = 1.0


def _known(word: str | None) -> str | None:
    if word is not None and word not in CATALOG:
        raise typer.BadParameter(f"must be one of {', '.join(CATALOG)}")
    return word


def watch(
    program: Program = None,
    cycle: Annotated[
        str | None,
        typer.Option(
            "--cycle", "-c", callback=read_token, help="Only this key: a cycle, a mentor, a person."
        ),
    ] = None,
    event: Annotated[
        str | None,
        typer.Option("--event", "-e", callback=_known, help="Only this word, such as paired."),
    ] = None,
    start: Annotated[
        int | None,
        typer.Option(
            "--from", min=1, metavar="SEQ", help="Begin at this sequence; 1: at the first event."
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="INSTANT", help="Begin with what was stored at this instant, RFC 3339."
        ),
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow/--no-follow", help="Go on at the end, or stop there.")
    ] = True,
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Follow the log: one line for each event, from now on unless told otherwise. Ctrl-C ends it.

    With --json each line holds the sequence, the cause and the CloudEvent. Timers that wait and marks are no
    events and are not shown.

    For example:

        mentoring watch --event paired
        mentoring watch --program spring --from 1
        mentoring watch --since 2026-03-01T09:00:00Z --no-follow --json | jq .event.type
    """
    instant_since = read_instant(since)
    if start is not None and instant_since is not None:
        raise typer.BadParameter("give --from or --since, not both")
    subject = f"mentoring.{program or '*'}.{event or '*'}.{cycle or '*'}.>"
    run(_watch(subject, start, instant_since, follow, nats, folder, as_json))


async def _watch(
    subject: str,
    start: int | None,
    since: datetime | None,
    follow: bool,
    nats: str | None,
    folder: Path,
    as_json: bool,
) -> None:
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
            console.print(_line(entry), soft_wrap=True)


def plain(entry: Entry) -> dict[str, Any]:
    """An entry for programs; bytes that are no JSON are left out."""
    try:
        event = orjson.loads(entry.body)
    except ValueError:
        event = None
    return {
        "seq": entry.seq,
        "stored": stored(entry).isoformat(),
        "subject": entry.subject,
        "cause": entry.cause,
        "said_by": entry.said_by,
        "event": event,
    }


def stored(entry: Entry) -> datetime:
    """When the server stored it, cut to the microsecond: `--since` this instant begins with it."""
    return _EPOCH + timedelta(microseconds=entry.stored // 1000)


def _line(entry: Entry) -> Text:
    event = read(entry)
    time = stored(entry) if isinstance(event, ValueError) else event.time
    _, program, word, key = entry.subject.split(".", 3)
    line = Text(f"{entry.seq:>8}  {instant(time)}  ")
    line.append(f"{word:<10}", "bold red" if word in {"rejected", "parked"} else "bold")
    line.append(f"  {program}/{key}  ")
    line.append(f"{speaker(entry, event)}  ", "cyan")
    if entry.cause:
        line.append(f"←{entry.cause}  ", "dim")
    return line.append(in_words(event), "dim")
