"""`mentoring log export`: the events of the log in one file, exact to the byte."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from services.cli.options import DEFAULT_DIR, Dir, Json, Nats, Program
from services.cli.output import Failure, print_json, read_instant, run, say

if TYPE_CHECKING:
    from shared.archive.exact import Wanted
    from shared.archive.lines import Tail

_PLACE = "a sequence, or an instant with its offset, such as 2026-03-01T09:00:00Z"

_LAST = 2**63 - 1


def read_place(text: str | None) -> int | datetime | None:
    """An option that names a place in the log: a sequence, or the instant at which something was stored.

    Raises:
        typer.BadParameter: it is neither.
    """
    if text is None or not (text.isascii() and text.isdecimal()):
        return read_instant(text)
    seq = int(text) if len(text) <= len(str(_LAST)) else 0
    if not 1 <= seq <= _LAST:
        raise typer.BadParameter(f"use {_PLACE}")
    return seq


From = Annotated[
    str | None,
    typer.Option("--from", metavar="PLACE", help=f"Begin here: {_PLACE} (when it was stored)."),
]
Until = Annotated[
    str | None, typer.Option("--until", metavar="PLACE", help="End before this place, likewise.")
]


def export(
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="The archive to write; `-` writes to stdout.")
    ],
    program: Program = None,
    since: From = None,
    until: Until = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a file that is there already.")
    ] = False,
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Write the events of the log into an archive, exact to the byte; services may go on meanwhile.

    It holds every event up to the log's end as it is now, with sequence, headers and the time when it was stored;
    timers and marks are no events, but how far each service had answered is in it. The file is JSON lines,
    compressed with zstandard: `zstdcat FILE | head` shows it. It is as confidential as the log: what is sealed
    stays sealed, who is paired with whom stays readable.

    An archive of everything is a backup of the log, and `mentoring log import` makes the same log of it. One of a
    program, or that ends earlier (--until), becomes a log of its own. One that begins later (--from) is for
    reading only.

    For example:

        mentoring log export log-2026-03-01.jsonl.zst
        mentoring log export spring.jsonl.zst --program spring --until 2026-06-01T00:00:00Z
        mentoring log export - | ssh backup 'cat > log.jsonl.zst'
    """
    from shared.archive.exact import Wanted

    wanted = Wanted(program, since=read_place(since), until=read_place(until))
    with _target(file, overwrite) as target:
        tail = run(_export(target, wanted, nats, folder))
    told = {"file": file, **asdict(tail)}
    if not as_json:
        say(_words(file, tail))
    elif file == "-":
        typer.echo(_line(told), err=True)
    else:
        print_json(told)


async def _export(file: BinaryIO, wanted: Wanted, nats: str | None, folder: Path) -> Tail:
    from services.cli.archive.progress import bar
    from services.cli.connection import connected
    from shared.archive.exporting import export as write

    async with connected(nats, folder) as log:
        with bar("exporting") as move:
            return await write(log, file, wanted, move)


@contextmanager
def _target(name: str, overwrite: bool) -> Iterator[BinaryIO]:
    """Where the archive goes."""
    try:
        with _stdout() if name == "-" else _whole_file(name, overwrite) as file:
            yield file
    except BrokenPipeError:  # whoever read it has seen enough
        raise
    except OSError as error:
        raise Failure(f"{name} cannot be written: {error.strerror or error}") from error


@contextmanager
def _stdout() -> Iterator[BinaryIO]:
    if sys.stdout.isatty():
        raise Failure("an archive is not for a terminal: give a file, or a pipe behind `-`")
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()


@contextmanager
def _whole_file(name: str, overwrite: bool) -> Iterator[BinaryIO]:
    """A file that appears under its name only when it is whole and on the disk; two exports at once do not mix."""
    path = Path(name)
    if path.exists() and not path.is_file():  # a device or pipe would be replaced by a file
        raise Failure(f"{name} cannot be written: it is no file; `-` writes to stdout")
    if path.exists() and not overwrite:
        raise Failure(f"{name} is there already: give another name, or --overwrite")
    handle, made = tempfile.mkstemp(".part", f"{path.name}.", path.parent)
    part = Path(made)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _words(file: str, tail: Tail) -> str:
    if not tail.events:
        return f"{file}: no events"
    return (
        f"{file}: {tail.events:,} events, sequences {tail.first} to {tail.last}, "
        f"{tail.bytes:,} bytes of them, digest {tail.digest}"
    )


def _line(told: object) -> str:
    import orjson

    return orjson.dumps(told).decode()
