"""`mentoring audit`: what operators did to the stores, newest first."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from services.cli.options import DEFAULT_DIR, Dir, Json
from services.cli.output import MOST, out, print_json
from services.cli.stores import Database, databases, known_service


def audit(
    service: Annotated[
        str | None,
        typer.Argument(
            metavar="[SERVICE]", callback=known_service, help="Only this one; else all."
        ),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(help="Only such acts: rebuild, undo, drop, verify, redrive, discard, timers."),
    ] = None,
    state: Annotated[
        str | None, typer.Option(help="Only these: running, waiting, done or failed.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=MOST, help="At most so many.")
    ] = 50,
    database: Database = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Show who did what to the stores, when and why. Nothing of an event is in it.

    The same stands in the audit log, a line of JSON for each begin and end: beside a SQLite store in
    `<store>.audit.jsonl`, or where MENTORING_AUDIT_LOG says. That file outlives the store.

    For example:

        mentoring audit
        mentoring audit matching --kind rebuild --json
    """
    from services.cli.replay.standing import operations_table
    from services.cli.stores import opened
    from shared.replay import operation

    found = []
    for name, url in databases(database, folder, service=service).items():
        with opened(name, url) as store:
            found += [(name, each) for each in operation.listing(store, limit, kind, state)]
    found = sorted(found, key=lambda each: each[1].started, reverse=True)[:limit]
    if as_json:
        print_json([{"service": name, **asdict(each)} for name, each in found])
    else:
        out().print(operations_table(found))
