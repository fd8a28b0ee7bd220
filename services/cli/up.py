"""`mentoring up`, `mentoring down` and `mentoring run`: everything on one machine, or one service."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from services.cli.options import DEFAULT_DIR, Dir, Json
from services.cli.output import Failure, err, out, print_json, run, say
from services.cli.place import Addresses, Folder

if TYPE_CHECKING:
    from services.cli.stack import Options

_END_PATIENCE = 40.0


def up(
    folder: Dir = DEFAULT_DIR,
    driven: Annotated[
        bool, typer.Option("--driven", help="Timers wait for whoever publishes each `due`.")
    ] = False,
    detach: Annotated[
        bool, typer.Option("--detach", help="Return when it is up; end it with `mentoring down`.")
    ] = False,
    nats_port: Annotated[
        int | None,
        typer.Option(
            min=1, max=65535, help="Port of the NATS server; else as last time, or a free one."
        ),
    ] = None,
    http_port: Annotated[
        int | None,
        typer.Option(min=1, max=65533, help="First of the services' three ports; else likewise."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Run everything on this machine: NATS, SQLite and the three services, under one folder.

    Each is a process of its own and is started again when it dies. All of them end with this command (Ctrl-C
    or SIGTERM); what they know stays in the folder, and the next `up` goes on where this one ended. Nothing
    listens beyond this machine.

    For example:

        mentoring up
        mentoring up --dir /srv/mentoring --nats-port 4222 --http-port 8001
        mentoring up --detach && mentoring status && mentoring down
    """
    from services.cli.detach import start_detached
    from services.cli.stack import Options

    place, options = Folder(folder), Options(driven, nats_port, http_port)
    if detach:
        _present(run(start_detached(place, options)), place, as_json)
    else:
        run(_up(place, options, as_json))


async def _up(folder: Folder, options: Options, as_json: bool) -> None:
    work = asyncio.create_task(_serve(folder, options, as_json))
    _end_on_signals(work)
    with contextlib.suppress(asyncio.CancelledError):
        await work
    say("everything has ended")


async def _serve(folder: Folder, options: Options, as_json: bool) -> None:
    from services.cli.stack import Stack

    async with Stack(folder, options) as stack:
        with err().status("waiting for the services to be ready…"):
            why = await stack.not_ready()
        for name, reason in why.items():
            say(f"{name} is not ready: {reason}")
        _present(stack.addresses, folder, as_json)
        await asyncio.Event().wait()


def _end_on_signals(task: asyncio.Task[None]) -> None:
    """The first SIGINT or SIGTERM ends everything in order, a second one at once."""
    loop = asyncio.get_running_loop()

    def end() -> None:
        say("ending: the services, then NATS…")
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, os._exit, 1)  # what is on the leash goes with us
        task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)


def _present(addresses: Addresses, folder: Folder, as_json: bool) -> None:
    if as_json:
        print_json(asdict(addresses))
    else:
        from services.cli.where import table

        out().print(table(addresses, folder))


def down(folder: Dir = DEFAULT_DIR) -> None:
    """End the `mentoring up` that runs in the folder, gracefully.

    What the services know stays in the folder; the next `mentoring up` goes on with it.

    For example:

        mentoring down
        mentoring down --dir /srv/mentoring
    """
    place = Folder(folder)
    holder = place.holder()
    if holder is None:
        say(f"nothing runs in {place.path}")
        return
    os.kill(holder, signal.SIGTERM)
    deadline = time.monotonic() + _END_PATIENCE
    while place.running():
        if time.monotonic() > deadline:
            raise Failure(f"process {holder} has not ended after {_END_PATIENCE:g} s")
        time.sleep(0.05)
    say("everything has ended")


def run_service(
    service: Annotated[
        Literal["matching", "scheduling", "feedback"], typer.Argument(help="Which one.")
    ],
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], typer.Option(help="What it writes to stderr.")
    ] = "info",
) -> None:
    """Run one service in the foreground, as a cluster does: settings come from MENTORING_… variables.

    The same as `python -m services.SERVICE run`.

    For example:

        MENTORING_NATS_URL=nats://127.0.0.1:4222 mentoring run matching
        MENTORING_DATABASE_URL=postgresql://scheduling@db/scheduling mentoring run scheduling
    """
    command = [sys.executable, "-m", f"services.{service}", "run", "--log-level", log_level]
    os.execv(sys.executable, command)  # noqa: S606 - our own program; signals reach it directly
