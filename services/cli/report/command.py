"""`mentoring report`: what became of a program, as everybody may know it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.cut import ClockOption
from services.cli.keys_place import Keyring, given_keks, keyring_url
from services.cli.options import DEFAULT_DIR, Dir, Json, Nats
from services.cli.output import Failure, out, print_json, read_instant, read_token, run, say

if TYPE_CHECKING:
    from services.feedback.keyring import KeyRing
    from services.feedback.report.model import Report

At = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="INSTANT",
        help="As it could be known then, RFC 3339; else as of the log's last event that counts.",
    ),
]
Html = Annotated[
    Path | None, typer.Option(help="Write a page with plots to this file.", dir_okay=False)
]
Csv = Annotated[
    Path | None, typer.Option("--csv", help="Write tables into this folder.", file_okay=False)
]
Archive = Annotated[
    Path | None,
    typer.Option(
        "--from",
        metavar="ARCHIVE",
        help="Read this archive of `mentoring log export` instead of a log.",
        dir_okay=False,
    ),
]

Closing = Annotated[
    bool,
    typer.Option(
        "--closing",
        help="Open closing reviews and what is for the program alone, with the key ring, and count them, too.",
    ),
]


def report(
    program: Annotated[str, typer.Argument(callback=read_token, help="The program.")],
    at: At = None,
    clock: ClockOption = "stored",
    html: Html = None,
    tables: Csv = None,
    archive: Archive = None,
    closing: Closing = False,
    keyring: Keyring = None,
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Show what became of a program: its funnel, waits, meetings, goals, satisfaction, loads and fairness.

    Everything is computed from the log alone, so the same log and instant give the same bytes. Figures are released
    weekly, on Monday at 00:00 in the program's zone. None tells of fewer persons than the program's rules allow, nor
    does the difference of any two; what would is of an earlier release, or hidden, and that is said.
    With --closing, what only the report may read is opened; that depends on the keys that still exist.

    For example:

        mentoring report spring
        mentoring report spring --at 2026-06-30T00:00:00Z --html report.html --csv tables
        mentoring report spring --from spring.jsonl.zst --clock event --json
    """
    from services.cli.report.reading import Wanted, report_from
    from services.cli.report.view import view

    wanted = Wanted(program, clock, read_instant(at))
    with _opened(keyring, folder) if closing else nullcontext() as ring:
        found = run(report_from(wanted, nats, folder, archive, ring))
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        console = out()
        console.print(view(found, console.width))
    if html is not None:
        _write_page(html, found)
    if tables is not None:
        _write_tables(tables, found)


@contextmanager
def _opened(keyring: str | None, folder: Path) -> Iterator[KeyRing]:
    """The key ring.

    Raises:
        Failure: it, or its key-encryption key, is not there.
    """
    from services.feedback.keyring import KeyRefused, KeyRing

    try:
        ring = KeyRing(keyring_url(keyring, folder), given_keks(folder))
    except KeyRefused as error:
        raise Failure(str(error)) from error
    try:
        yield ring
    finally:
        ring.close()


def _write_page(path: Path, found: Report) -> None:
    from services.cli.report.page import page

    try:
        path.write_text(page(found), "utf-8", newline="\n")
    except OSError as error:
        raise Failure(f"{path} cannot be written: {error.strerror}") from error
    say(f"the page is in {path}")


def _write_tables(folder: Path, found: Report) -> None:
    from services.cli.report.tables import files

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files(found):
            (folder / name).write_text(text, "utf-8", newline="")
    except OSError as error:
        raise Failure(f"{error.filename} cannot be written: {error.strerror}") from error
    say(f"the tables are in {folder}; README.md there says what they are")
