"""`mentoring status`: where the log and the services stand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.options import DEFAULT_DIR, Dir, Json, Nats
from services.cli.output import Failure, end, out, print_json, run
from services.cli.place import SERVICES, Folder

if TYPE_CHECKING:
    from services.cli.standing import Source, Whole


def _for_each(template: str | None) -> str | None:
    """Refuse one address for all: MENTORING_DATABASE_URL may be set for a single service."""
    if template and "{service}" not in template:
        raise typer.BadParameter("must hold {service}: each of them has its own")
    return template


def status(
    health: Annotated[
        str | None,
        typer.Option(
            envvar="MENTORING_HEALTH_URL",
            callback=_for_each,
            metavar="URL",
            help="Where services answer, such as http://{service}:8000; else those of `mentoring up`.",
        ),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(
            envvar="MENTORING_DATABASE_URL",
            callback=_for_each,
            metavar="URL",
            help="Their databases, such as postgresql://reader@db/{service}; else likewise.",
        ),
    ] = None,
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Show the log, and for each service its position, mark, lag, timers and dead letters.

    What does not answer is said to be down; the rest is shown all the same. The position is what a service's
    tables have folded, the mark what it has answered in the log, behind what of others it has still to fold.
    Ends with 1 when something is down, not ready, or waits for an operator.

    For example:

        mentoring status
        mentoring status --json | jq .problems
        mentoring status --nats nats://nats:4222 --health http://{service}:8000
    """
    from services.cli.status_view import plain, shown

    place = Folder(folder)
    sources = _sources(place, nats, health, database)
    whole = run(_take(nats, folder, sources))
    if as_json:
        print_json(plain(whole))
    else:
        out().print(shown(whole))
    end(bool(whole.problems))


async def _take(nats: str | None, folder: Path, sources: Mapping[str, Source]) -> Whole:
    from services.cli.connection import connected
    from services.cli.standing import take

    try:
        async with connected(nats, folder) as log:
            return await take(log, "", sources)
    except Failure as error:
        return await take(None, str(error), sources)


def _sources(
    place: Folder, nats: str | None, health: str | None, database: str | None
) -> dict[str, Source]:
    """What is given, else what `mentoring up` said, unless the log asked about is another one."""
    from services.cli.standing import Source

    told = place.addresses()
    known = told.services if told and nats in {None, told.nats} else {}
    found = {}
    for name in SERVICES:
        mine = known.get(name)
        url, store = (mine.url, mine.database) if mine else (None, None)
        found[name] = Source(_fill(health, name) or url, _fill(database, name) or store)
    return found


def _fill(template: str | None, service: str) -> str | None:
    return template.replace("{service}", service) if template else None
