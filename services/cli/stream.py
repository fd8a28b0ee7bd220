"""`mentoring log apply|diff|info|export|import`: the stream that holds the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from services.cli.archive.export import export
from services.cli.archive.load import load
from services.cli.options import DEFAULT_DIR, Dir, Json, Nats
from services.cli.output import Failure, end, out, print_json, run

if TYPE_CHECKING:
    from shared.log import LogInfo
    from shared.provision import Difference

log = typer.Typer(
    no_args_is_help=True, help="Make, compare, look at, export and import the stream of the log."
)
log.command()(export)
log.command("import")(load)
Partitions = Annotated[
    int | None,
    typer.Option(min=1, max=4096, help="Fixed when the log is made: 1 embedded, 16 in a cluster."),
]
Replicas = Annotated[
    int | None, typer.Option(min=1, max=5, help="Servers that keep a copy: 3 in a cluster.")
]


@log.command()
def apply(
    partitions: Partitions = None,
    replicas: Replicas = None,
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Make the log, or change what of it is not as it should be. Doing it again does nothing.

    `mentoring up` does it by itself; in a cluster it is a job that runs before the services.

    For example:

        mentoring log apply --nats nats://nats:4222 --partitions 16 --replicas 3
    """
    run(_apply(partitions, replicas, nats, folder, as_json))


async def _apply(
    partitions: int | None, replicas: int | None, nats: str | None, folder: Path, as_json: bool
) -> None:
    from services.cli.connection import connected
    from shared import provision

    async with connected(nats, folder) as connection:
        try:
            done = await provision.apply(connection, partitions, replicas)
        except ValueError as error:
            raise Failure(str(error)) from error
    if as_json:
        print_json([_plain(each) for each in done])
    elif not done:
        out().print("the log is as it should be; nothing was done")
    else:
        _show(done, "done")


@log.command()
def diff(
    partitions: Partitions = None,
    replicas: Replicas = None,
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Show what of the log is not as it should be; changes nothing.

    Ends with 1 when something differs. What may lose events is an error, the rest a warning.

    For example:

        mentoring log diff || mentoring log apply
    """
    run(_diff(partitions, replicas, nats, folder, as_json))


async def _diff(
    partitions: int | None, replicas: int | None, nats: str | None, folder: Path, as_json: bool
) -> None:
    from services.cli.connection import connected
    from shared import provision

    async with connected(nats, folder) as connection:
        found = await provision.diff(connection, partitions, replicas)
    if as_json:
        print_json([_plain(each) for each in found])
    elif found:
        _show(found, "should be")
    else:
        out().print("the log is as it should be")
    end(bool(found))


@log.command()
def info(nats: Nats = None, folder: Dir = DEFAULT_DIR, as_json: Json = False) -> None:
    """Show the log's identity and size.

    The identity is made with the log; a store remembers it and folds no other log.

    For example:

        mentoring log info --json
    """
    found = run(_info(nats, folder))
    if as_json:
        print_json(asdict(found))
        return
    table = Table(box=None, show_header=False)
    for name, value in _words(found).items():
        table.add_row(name, value)
    out().print(table)


async def _info(nats: str | None, folder: Path) -> LogInfo:
    from services.cli.connection import connected

    async with connected(nats, folder) as connection:
        return await connection.info()


def _words(found: LogInfo) -> dict[str, str]:
    return {
        "identity": found.uuid or "none: run `mentoring log apply`",
        "partitions": str(found.partitions),
        "replicas": str(found.replicas),
        "sequences": f"{found.first_seq} to {found.last_seq}",
        "messages": f"{found.messages:,} (events, timers and marks)",
        "size": f"{found.bytes:,} bytes",
        "subjects": f"{found.subjects:,}",
    }


def _plain(difference: Difference) -> dict[str, object]:
    return {
        "level": _level(difference),
        "setting": difference.setting,
        "is": difference.is_,
        "should": difference.should,
        "fixed": difference.fixed,
        "loses": difference.loses,
    }


def _level(difference: Difference) -> str:
    return "error" if difference.loses or difference.setting == "stream" else "warning"


def _show(found: Sequence[Difference], verb: str) -> None:
    table = Table("", "setting", "is", verb, "")
    for each in found:
        level = _level(each) if verb == "should be" else ""
        style = {"error": "bold red", "warning": "yellow"}.get(level)
        table.add_row(
            level, each.setting, _short(each.is_), _short(each.should), _note(each), style=style
        )
    out().print(table)


def _note(difference: Difference) -> str:
    notes = ["the log may lose events"] if difference.loses else []
    if difference.fixed:
        notes.append("cannot be changed: fixed when the log is made")
    return "; ".join(notes)


def _short(value: object) -> str:
    return "missing" if value is None else str(value)
