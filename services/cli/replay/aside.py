"""`mentoring replay list|undo|drop`: what stands beside the stores."""

from __future__ import annotations

from typing import Annotated

import typer

from services.cli.acting import By, Reason, Yes, confirm, operator
from services.cli.options import DEFAULT_DIR, Dir, Json
from services.cli.output import out, print_json
from services.cli.stores import Database, OneService, ServiceName, databases


def list_(
    service: OneService = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, help="So many acts of each service.")
    ] = 10,
    database: Database = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """List what stands beside the stores, and the last acts: rebuilds begun, stores kept, who did what.

    For example:

        mentoring replay list
        mentoring replay list matching --json
    """
    from services.cli.replay.standing import look, plain, shown

    found = look(databases(database, folder, service=service), limit)
    if as_json:
        print_json([plain(each) for each in found])
    else:
        out().print(shown(found))


def undo(
    service: ServiceName,
    reason: Reason,
    by: By = None,
    yes: Yes = False,
    database: Database = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Take back the store that the last rebuild has replaced. The service catches up from where that one stood.

    For example:

        mentoring replay undo matching --reason "the wrong version was installed"
    """
    from services.cli.replay.standing import undo as work

    url = databases(database, folder, service=service)[service]
    confirm(f"Take back {service}'s store as it was before the last rebuild?", yes=yes)
    back = work(service, url, operator(by), reason)
    if as_json:
        print_json({"service": service, "position": back})
    else:
        out().print(f"{service}: the store as of sequence {back} is live again; it catches up")


def drop(
    service: ServiceName,
    reason: Reason,
    by: By = None,
    yes: Yes = False,
    database: Database = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Remove what stands beside a service's store: what a rebuild has begun, and the store that it replaced.

    For example:

        mentoring replay drop matching --reason "the rebuild has proved itself"
    """
    from services.cli.replay.standing import drop as work

    url = databases(database, folder, service=service)[service]
    confirm(f"Remove what stands beside {service}'s store, for good?", yes=yes)
    removed = work(service, url, operator(by), reason)
    if as_json:
        print_json({"service": service, "removed": removed})
    else:
        out().print(f"{service}: removed {' and '.join(removed) or 'nothing: nothing stood there'}")
