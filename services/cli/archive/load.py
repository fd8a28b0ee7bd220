"""`mentoring log import`: the log of an archive, in an empty stream."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.options import DEFAULT_DIR, Dir, Json, Nats
from services.cli.output import Failure, print_json, run, say

if TYPE_CHECKING:
    from shared.archive.importing import Import
    from shared.archive.reading import Archive
    from shared.log import Log

_PATIENCE = 30.0
"""Seconds for one answer of the log: no transaction is held meanwhile."""


def load(
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="The archive; `-` reads what comes in.")
    ],
    start: Annotated[
        bool,
        typer.Option(
            "--start",
            help="Start the NATS server of --dir for the import, and end it: for a `mentoring up` that does not run.",
        ),
    ] = False,
    replicas: Annotated[
        int | None, typer.Option(min=1, max=5, help="Servers that keep a copy: 3 in a cluster.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether the archive is whole.")
    ] = False,
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Make the log of an archive again, in an empty stream, before any service has started on it.

    First the whole file is read: every line, the order, the counts, the digest. What is damaged or truncated is
    refused before anything is published. Then each event is published at the sequence that it had, and the marks
    are set, so that services with empty stores fold everything and say nothing again; they set their timers
    themselves. Until the import has ended, the stream has no identity and services wait.

    Cut off, run it again with the same archive: it goes on where it was. Ends with 1 when headers of some events
    had to be left out, since the server would have obeyed them once more.

    For example:

        mentoring log import log.jsonl.zst --check
        mentoring log import log.jsonl.zst --nats nats://nats:4222 --replicas 3
        mentoring log import log.jsonl.zst --start --dir restored && mentoring up --dir restored
    """
    if start and nats is not None:
        raise typer.BadParameter("--start starts the server of --dir: do not give --nats, too")
    with _file(file) as path:
        archive = _checked(path, file)
        if check:
            _tell(_plain(file, archive), as_json)
            return
        if start:
            done = run(_into_folder(archive, replicas, folder))
        else:
            done = run(_import(archive, replicas, nats, folder))
    _tell(_plain(file, archive, done), as_json)
    if done.altered:
        raise typer.Exit(1)


def _checked(path: Path, name: str) -> Archive:
    from services.cli.archive.progress import bar
    from shared.archive.lines import BadArchive
    from shared.archive.reading import Archive

    try:
        size = path.stat().st_size
        with bar("checking") as move:
            return Archive.open(path, lambda read: move(read, size))
    except BadArchive as error:
        raise Failure(f"{name}: {error}. Nothing was published") from error
    except OSError as error:
        raise Failure(f"{name} cannot be read: {error.strerror}") from error


async def _import(archive: Archive, replicas: int | None, nats: str | None, folder: Path) -> Import:
    from services.cli.connection import connected

    async with connected(nats, folder) as log:
        return await _into(log, archive, replicas)


async def _into_folder(archive: Archive, replicas: int | None, folder: Path) -> Import:
    from services.cli.archive.server import folder_server

    async with folder_server(folder) as log:
        return await _into(log, archive, replicas)


async def _into(log: Log, archive: Archive, replicas: int | None) -> Import:
    from services.cli.archive.progress import bar
    from services.cli.folds import says
    from shared.archive.importing import Import, NotImportable
    from shared.archive.lines import BadArchive

    log.ack_timeout = _PATIENCE
    try:
        with bar("importing") as move:
            work = Import(log, archive, says(), move)
            await work.run(replicas)
    except (NotImportable, ValueError) as error:
        raise Failure(str(error)) from error
    except (BadArchive, OSError) as error:
        raise Failure(f"the archive was changed since it was checked: {error}") from error
    return work


@contextmanager
def _file(name: str) -> Iterator[Path]:
    """The archive as a file: what comes in is kept first, since it is read twice."""
    if name != "-":
        yield Path(name)
        return
    if sys.stdin is None or sys.stdin.isatty():
        raise Failure("`-` reads an archive from a pipe, and there is none")
    with tempfile.TemporaryDirectory(prefix="mentoring-import-") as place:
        path = Path(place) / "archive"
        try:
            with path.open("wb") as file:
                shutil.copyfileobj(sys.stdin.buffer, file)
        except OSError as error:
            raise Failure(f"what comes in cannot be kept in {place}: {error.strerror}") from error
        yield path


def _plain(name: str, archive: Archive, done: Import | None = None) -> dict[str, Any]:
    head, tail = archive.head, archive.tail
    told: dict[str, Any] = {
        "file": name,
        "log": head.log,
        "partitions": head.partitions,
        "program": head.program,
        "events": tail.events,
        "first": tail.first,
        "last": tail.last,
        "digest": tail.digest,
        "whole": not (head.cut or tail.cut or head.program),
    }
    if done is not None:
        told |= {"identity": archive.identity, "resumed": done.resumed, "altered": done.altered}
    return told


def _tell(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(told)
        return
    kind = "the whole log" if told["whole"] else "a part of the log"
    say(
        f"{told['file']}: {kind} {told['log']}, {told['events']:,} events, "
        f"sequences {told['first']} to {told['last']}, digest {told['digest']}"
    )
    if "identity" in told:
        say(f"imported as the log {told['identity']}; services may start on it")
    if told.get("altered"):
        say(
            f"{told['altered']:,} events stand there without headers that the server would have obeyed again "
            "(schedules, expectations, rollups); their bodies are the same"
        )
