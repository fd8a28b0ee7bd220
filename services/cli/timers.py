"""`mentoring timers list|sync`: the deadlines that services wait for, and setting them again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from services.cli.acting import By, Reason, operator
from services.cli.options import DEFAULT_DIR, Dir, Json, Program
from services.cli.output import MOST, end, out, print_json, run, say
from services.cli.stores import Database, OneService, ServiceName, databases

timers = typer.Typer(no_args_is_help=True, help="Deadlines that the services wait for.")


@timers.command("list")
def list_timers(
    service: OneService = None,
    program: Program = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=MOST, help="At most so many.")
    ] = 20,
    database: Database = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """List the deadlines that services wait for, the earliest first.

    For example:

        mentoring timers list
        mentoring timers list scheduling --program spring --limit 100
    """
    from services.cli.timers_work import plain, table, upcoming

    found = upcoming(databases(database, folder, service=service), program, limit)
    if as_json:
        print_json([plain(each) for each in found.first])
        return
    out().print(table(found.first))
    if found.total > len(found.first):
        say(f"{found.total - len(found.first):,} more: give --limit")


@timers.command()
def sync(
    service: ServiceName,
    reason: Reason = "set again by hand",
    by: By = None,
    patience: Annotated[
        float, typer.Option(min=0, help="Seconds that the service may take.")
    ] = 60.0,
    database: Database = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Have a service put every deadline that it waits for into the log again.

    Needed where the log lost its timers: it was restored or imported by other means than `mentoring log import`.
    The running service does it by itself, within a second or so; nothing fires twice. A service that is not
    running does it when it starts. Ends with 1 when that was not seen in time.

    For example:

        mentoring timers sync scheduling --reason "the log was restored"
    """
    run(_sync(service, reason, by, patience, database, folder, as_json=as_json))


async def _sync(
    service: str,
    reason: str,
    by: str | None,
    patience: float,
    database: str | None,
    folder: Path,
    *,
    as_json: bool,
) -> None:
    from services.cli.timers_work import set_again

    url = databases(database, folder, service=service)[service]
    done = await set_again(service, url, operator(by), reason, patience)
    if as_json:
        print_json({"service": service, "timers": done.timers, "left": list(done.left)})
    elif done.left:
        say(f"{service} has not set them in time: it does so when it runs, see `mentoring status`")
    else:
        out().print(f"{service}: {done.timers:,} timers are set")
    end(bool(done.left))
