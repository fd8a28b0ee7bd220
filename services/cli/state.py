"""`mentoring state`: one row of a service as of an instant."""

from __future__ import annotations

from typing import Annotated

import typer

from services.cli.cut import At, ClockOption, Seq, read_cut
from services.cli.folds import ServiceWord
from services.cli.options import DEFAULT_DIR, Confidential, Dir, Json, Nats, Program
from services.cli.output import FOUND, out, print_json, run, say


def state(
    service: Annotated[ServiceWord, typer.Argument(help="Whose row.", show_default=False)],
    table: Annotated[str, typer.Argument(help="Its table, such as cycle.", show_default=False)],
    key: Annotated[
        str,
        typer.Argument(
            help="Its key, such as spring/c-7f3kq2 (program first).", show_default=False
        ),
    ],
    at: At = None,
    seq: Seq = None,
    clock: ClockOption = "stored",
    program: Program = None,
    confidential: Confidential = False,
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Show a row of a service as it was at an instant, and which events made it so.

    Folded from the log in memory, as a rebuild would; no database is asked, nothing is changed. Without --at and
    --seq: as of the last event that the service has answered. Columns that tell of somebody's choice, and
    what is sealed, are hidden. Ends with 1 when there was no such row.

    For example:

        mentoring state matching cycle spring/c-7f3kq2 --at 2026-03-01T09:00:00Z
        mentoring state scheduling person spring/ada --seq 1200
        mentoring state feedback cycle c-7f3kq2 --program spring --json
    """
    from services.cli.state_view import plain, read, table_of_changes, table_of_row

    cut = read_cut(at, seq, clock)
    found = run(read(service, table, key, program, cut, nats, folder))
    if as_json:
        print_json(plain(found, confidential=confidential))
    elif found.row is not None:
        out().print(table_of_row(found, confidential=confidential))
    if found.changes and not as_json:
        out().print(table_of_changes(found))
    if found.row is None:
        say(f"{service} has no {table} {key} as of sequence {found.position}")
        raise typer.Exit(FOUND)
