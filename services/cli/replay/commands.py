"""`mentoring replay rebuild|verify`: options and answers; the work is beside."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.acting import By, Reason, Yes, operator
from services.cli.options import DEFAULT_DIR, Confidential, Dir, Json, Nats, Program
from services.cli.output import Failure, end, out, print_json, run, say
from services.cli.stores import Database, OneService, ServiceName

if TYPE_CHECKING:
    from services.cli.replay.preview import Preview
    from services.cli.replay.rebuilding import Rebuilt

Accept = Annotated[
    str | None,
    typer.Option(
        "--accept",
        metavar="all|SEQ[,SEQ]",
        help="Sequences at which the log wins where today's code would judge otherwise.",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=1,
        max=8,
        help="Processes that share the log's programs; one program cannot be shared. "
        "Default: the machine's cores, up to 4, from 200,000 events on; else 1.",
    ),
]
FromArchive = Annotated[
    Path | None,
    typer.Option(
        "--from-archive",
        metavar="FILE",
        dir_okay=False,
        help="Read this archive of `mentoring log export`, not the log; no server is needed.",
    ),
]
Limit = Annotated[int, typer.Option("--limit", "-n", min=0, help="Show so many differing rows.")]
All = Annotated[bool, typer.Option("--all", help="Show every differing row.")]


def rebuild(
    service: ServiceName,
    reason: Reason,
    program: Program = None,
    archive: FromArchive = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would change. Ends with 1 then.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Begin anew, whatever an earlier call has folded.")
    ] = False,
    accept: Accept = None,
    workers: Workers = None,
    by: By = None,
    yes: Yes = False,
    limit: Limit = 20,
    everything: All = False,
    confidential: Confidential = False,
    database: Database = None,
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Fold a service's store anew from the log, and exchange it, while the service goes on.

    The log is folded into a second store beside the live one: a file, or a schema of the same database. Nothing
    is said again: answers stand in the log. Then it shows every row that would change, with the events that made
    it, and asks; with your yes the contents are exchanged in one transaction, and the store as it was is kept
    until `mentoring replay drop`. Cut off anywhere, call it again: it goes on where it was.

    Where today's code would judge otherwise than the log it stops and says where; --accept lets the log win.

    For example:

        mentoring replay rebuild matching --dry-run --reason "is anything wrong?"
        mentoring replay rebuild matching --reason "loads were wrong since Tuesday"
        mentoring replay rebuild scheduling --program spring --reason "repair" --yes --json
    """
    from services.cli.replay.rebuilding import Wanted
    from services.cli.replay.rebuilding import rebuild as work
    from services.cli.replay.view import shown

    wanted = Wanted(
        service,
        operator(by),
        reason,
        program,
        archive,
        dry_run,
        fresh,
        read_accept(accept),
        yes,
        None if everything else limit,
        workers,
    )

    def show(found: Preview) -> None:
        if not as_json:
            out().print(shown(found, confidential=confidential))

    done = run(work(wanted, database, nats, folder, show))
    if as_json:
        print_json(_plain(done, confidential=confidential))
    elif done.exchanged:
        say(
            f"{service}: exchanged in operation {done.operation}. The store as it was is kept in {done.kept}: "
            f"`mentoring replay undo {service}` takes it back, `mentoring replay drop {service}` removes it"
        )
    end(dry_run and not done.found.same)


def _plain(done: Rebuilt, *, confidential: bool) -> dict[str, Any]:
    from services.cli.replay.view import plain

    return {
        **plain(done.found, confidential=confidential),
        "operation": done.operation,
        "exchanged": done.exchanged,
        "kept": done.kept or None,
        "events": done.events,
        "seconds": round(done.seconds, 3),
        "accepted": done.accepted,
    }


def verify(
    service: OneService = None,
    program: Program = None,
    archive: FromArchive = None,
    accept: Accept = None,
    by: By = None,
    limit: Limit = 20,
    everything: All = False,
    confidential: Confidential = False,
    database: Database = None,
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Say whether the stores are what the log says. No row of theirs is changed; fit for a nightly job.

    The log is folded into a scratch store up to where the live one stands, and both are compared row by row,
    while the service goes on. Ends with 1 when a row differs, and shows it with the events that made it; with 2
    when a store could not be checked. Each check is kept on record: `mentoring audit`, and the service's metrics.

    For example:

        mentoring replay verify
        mentoring replay verify matching --program spring --all --json
    """
    from services.cli.replay.checking import Asked, check
    from services.cli.replay.view import plain, shown

    shown_rows = None if everything else limit
    asked = Asked(service, program, archive, read_accept(accept), shown_rows, operator(by))
    checked = run(check(asked, database, nats, folder))
    if as_json:
        print_json([plain(each, confidential=confidential) for each in checked.found])
    else:
        for each in checked.found:
            out().print(shown(each, confidential=confidential))
    if checked.failed:
        raise Failure("; ".join(checked.failed))
    end(not checked.same)


def read_accept(text: str | None) -> Container[int]:
    """Sequences, or all of them.

    Raises:
        typer.BadParameter: they are neither.
    """
    from shared.replay.rebuild import ALL

    if text is None:
        return frozenset()
    if text == "all":
        return ALL
    parts = text.split(",")
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise typer.BadParameter("--accept: must be `all`, or sequences such as 12,15")
    return frozenset(int(part) for part in parts)
