"""`mentoring publish`: other systems' events, from a file or a pipe, into the log."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from services.cli.connection import connected
from services.cli.handed_in import HandedIn
from services.cli.lines import blocks, numbered, open_lines
from services.cli.options import DEFAULT_DIR, Dir, Json, Nats
from services.cli.output import Failure, end, err, print_json, run, say
from services.cli.sender import Sender
from shared.log import Log, LogTrouble, Refused


def publish(
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="JSON lines; `-` reads what comes in.")
    ],
    strict: Annotated[
        bool, typer.Option("--strict", help="Publish nothing at all when any line is bad.")
    ] = False,
    bad: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Keep the bad lines here, as they came, to mend them.",
            dir_okay=False,
        ),
    ] = None,
    patience: Annotated[
        float, typer.Option(min=0, help="Seconds to go on trying while the log is away.")
    ] = 60.0,
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Publish events: one CloudEvent in JSON on each line, as docs/events.md describes them.

    Every line is checked against its contract before it is sent. What is good is published in the order of the
    lines; what is bad is told with its line, field and rule, and nothing of it is published. Bad lines of a
    pipe are kept in a file. Ends with 1 when any line was bad.

    Interrupted, run it again with the same lines: the server knows an id again for two minutes, and after that
    the services do; nothing counts twice.

    For example:

        mentoring publish people.jsonl
        mentoring publish people.jsonl --bad mend-these.jsonl
        hr-export | mentoring publish - --strict --json
    """
    handed_in = HandedIn(file, bad)
    with _opened(file) as lines, _telling(handed_in, as_json):
        run(_publish(lines, handed_in, strict, patience, nats, folder))
    end(bool(handed_in.bad))


@contextmanager
def _telling(handed_in: HandedIn, as_json: bool) -> Iterator[None]:
    """Tell what became of the lines, also when it ended early."""
    try:
        yield
    except BaseException:
        if handed_in.lines:
            _tell(handed_in, as_json)
        raise
    _tell(handed_in, as_json)


def _tell(handed_in: HandedIn, as_json: bool) -> None:
    if as_json:
        print_json(handed_in.plain())
    else:
        say(str(handed_in))


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    try:
        file = open_lines(name)
    except OSError as error:
        raise Failure(f"{name} cannot be read: {error.strerror}") from error
    try:
        yield file
    finally:
        if name != "-":
            file.close()


async def _publish(
    file: BinaryIO,
    handed_in: HandedIn,
    strict: bool,
    patience: float,
    nats: str | None,
    folder: Path,
) -> None:
    async with connected(nats, folder) as log:
        if strict:
            file, twice = await _twice(file)
            async for chunk in numbered(file):
                handed_in.sort(chunk)
            file.seek(0)
            if handed_in.bad:
                if not twice:
                    handed_in.keep_all(file)
                return
            handed_in.lines = 0
        await _send_all(file, await _sender(log, patience), handed_in)


async def _sender(log: Log, patience: float) -> Sender:
    return Sender(log, (await log.info()).last_seq, patience)


async def _send_all(file: BinaryIO, sender: Sender, handed_in: HandedIn) -> None:
    number = 1
    with _progress() as progress:
        task = progress.add_task("publishing", total=_size(file), words="")
        try:
            async for chunk in numbered(file):
                number = chunk[0][0]
                if good := handed_in.sort(chunk):
                    await sender.send([each.event for each in good])
                handed_in.published, handed_in.already = sender.stored, sender.already
                read = sum(len(line) + 1 for _, line in chunk)
                progress.update(task, advance=read, words=str(handed_in))
        except LogTrouble as error:
            raise Failure(
                f"the log is away ({error}). What came before line {number} is in it; run this again with "
                "the same lines: what is there already is recognised"
            ) from error
        except Refused as error:
            raise Failure(f"the log refuses what begins at line {number}: {error}") from error


async def _twice(file: BinaryIO) -> tuple[BinaryIO, bool]:
    """Something that can be read twice: the file itself (True), or a copy of what a pipe brings."""
    if file.seekable():
        return file, True
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - it goes with the process
    async for block in blocks(file):
        copy.write(block)
    copy.seek(0)
    return copy, False


def _size(file: BinaryIO) -> int | None:
    return os.fstat(file.fileno()).st_size if file.seekable() else None


def _progress() -> Progress:
    console = err()
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[words]}"))
    return Progress(
        *columns,
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )
