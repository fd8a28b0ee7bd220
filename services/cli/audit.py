"""`mentoring audit`: what operators did, newest first."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.options import DEFAULT_DIR, Dir, Json
from services.cli.output import MOST, out, print_json
from services.cli.stores import Database, OneService, databases

if TYPE_CHECKING:
    from shared.replay.operation import Operation


def audit(
    service: OneService = None,
    kind: Annotated[
        str | None,
        typer.Option(
            help="Only such acts: rebuild, undo, drop, verify, redrive, discard, timers, redeliver, revoke,"
            " rotate, erase."
        ),
    ] = None,
    state: Annotated[
        str | None, typer.Option(help="Only these: running, waiting, stopped, done or failed.")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=MOST, help="At most so many.")
    ] = 50,
    database: Database = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Show who did what, when and why. Nothing of an event is in it.

    The same stands in the audit log, a line of JSON for each begin and end: beside a SQLite store in
    `<store>.audit.jsonl`, or where MENTORING_AUDIT_LOG says. That file outlives the store. What concerns no store,
    such as a redelivery or a rotation of keys, stands in the audit log alone: shown is what this user did, or all that MENTORING_AUDIT_LOG names.

    For example:

        mentoring audit
        mentoring audit matching --kind rebuild --json
        mentoring audit --kind redeliver --json | jq -r '.[0].detail.token'
    """
    from services.cli.replay.standing import operations_table
    from services.cli.storeless import KINDS, acts
    from services.cli.stores import opened
    from shared.replay import operation

    found: list[tuple[str, Operation]] = []
    if service is None:
        found += [("", each) for each in acts(kind, state)]
    of_stores = {} if kind in KINDS else databases(database, folder, service=service)
    for name, url in of_stores.items():
        with opened(name, url) as store:
            found += [(name, each) for each in operation.listing(store, limit, kind, state)]
    found = sorted(found, key=lambda each: each[1].started, reverse=True)[:limit]
    if as_json:
        print_json([{"service": name or None, **asdict(each)} for name, each in found])
    else:
        out().print(operations_table(found))
