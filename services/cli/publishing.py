"""From lines to the log: checked, sent in order, told with a progress bar."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from services.cli.connection import connected
from services.cli.handed_in import HandedIn
from services.cli.lines import blocks, numbered, open_lines
from services.cli.output import Failure, err, print_json, say
from services.cli.sender import Sender
from shared.log import Log, LogTrouble, Refused


@contextmanager
def telling(handed_in: HandedIn, as_json: bool) -> Iterator[None]:
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
def opened(name: str) -> Iterator[BinaryIO]:
    """The lines of a file; `-` is what comes in.

    Raises:
        Failure: there is no such file, or it cannot be read.
    """
    try:
        file = open_lines(name)
    except OSError as error:
        raise Failure(f"{name} cannot be read: {error.strerror}") from error
    try:
        yield file
    finally:
        if name != "-":
            file.close()


async def publish_lines(
    file: BinaryIO,
    handed_in: HandedIn,
    strict: bool,
    patience: float,
    nats: str | None,
    folder: Path,
) -> None:
    """Publish what is good of the file; `strict`: nothing when anything is bad.

    Raises:
        Failure: the log is away for more than `patience` seconds, or refuses an event.
    """
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
