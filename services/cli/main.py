"""The command `mentoring`: registers its commands and turns what may go wrong into words and exit codes."""

from __future__ import annotations

import importlib.metadata
import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from services.cli.audit import audit
from services.cli.cycle import cycle
from services.cli.dead.app import dead
from services.cli.demo import demo
from services.cli.erase import erase
from services.cli.keys import keys
from services.cli.match.app import match
from services.cli.output import FAILED, INTERRUPTED, Failure, say_error
from services.cli.publish import publish
from services.cli.replay.app import replay
from services.cli.report.command import report
from services.cli.roadmap import roadmap
from services.cli.schedule.app import schedule
from services.cli.state import state
from services.cli.status import status
from services.cli.stream import log
from services.cli.timers import timers
from services.cli.token import token
from services.cli.up import down, run_service, up
from services.cli.watch import watch

HELP = """Mentoring cycles over one event log: run them, speak to them, look at them.

The quickest way in:

    mentoring up            everything on this machine, in ./mentoring-data
    mentoring status        how far each service is, in another terminal
    mentoring publish FILE  say something: JSON lines of CloudEvents
    mentoring watch         see what the services answer

Exit codes: 0 as wished, 1 something was found (a bad line, a difference, a service down), 2 it could not be done.
"""

app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="markdown",
)
app.command()(up)
app.command()(down)
app.command("run")(run_service)
app.add_typer(log, name="log")
app.add_typer(replay, name="replay")
app.command()(publish)
app.command()(watch)
app.command()(status)
app.command()(cycle)
app.command()(state)
app.command()(report)
app.command()(roadmap)
app.add_typer(match, name="match")
app.add_typer(schedule, name="schedule")
app.add_typer(dead, name="dead")
app.add_typer(timers, name="timers")
app.add_typer(keys, name="keys")
app.command()(erase)
app.command()(token)
app.command()(audit)
app.command()(demo)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mentoring {version()}")
        raise typer.Exit


def version() -> str:
    """The version of the installed distribution."""
    try:
        return importlib.metadata.version("mentoring-cycle")
    except importlib.metadata.PackageNotFoundError:
        return "(not installed: run from its sources)"


@app.callback()
def mentoring(
    show_version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Options of the command itself; its help is HELP."""
    del show_version


def main(arguments: list[str] | None = None) -> None:
    """The console script. Ends with SystemExit, always."""
    _open_streams()
    stdout = sys.stdout
    try:
        app(arguments)
    except SystemExit:
        if sys.stdout is stdout:
            raise
        sys.exit(
            0
        )  # typer found our reader gone, put a silent stream in its place and ended with 1
    except Failure as error:
        _fail(error)
    except BrokenPipeError:  # whoever read our answer has seen enough
        sys.stderr.close()
        sys.exit(0)
    except KeyboardInterrupt:  # before anything was begun
        sys.exit(INTERRUPTED)
    except OSError as error:  # such as no room for our answer: no finding, which 1 would mean
        where = error.filename or "input or output failed"
        _drop_unwritten()
        _fail(Failure(f"{where}: {error.strerror or error}"))
    except Exception as error:
        if not isinstance(error, _expected()):
            raise
        _fail(error)


def _open_streams() -> None:
    """Where our caller has closed one of the three, nobody listens: a database must not get its number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115 - as long as the process


def _drop_unwritten() -> None:
    """What could not be written would be tried again as Python ends, and its failure take our exit code's place."""
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())


def _fail(error: Exception) -> NoReturn:
    say_error(str(error))
    sys.exit(FAILED)


def _expected() -> tuple[type[Exception], ...]:
    """What may go wrong around us; looked up only then, so that help comes quickly."""
    from shared.log import LogTrouble, Refused
    from shared.outcome import StoreRefused, StoreTrouble
    from shared.reader import ReaderLost
    from shared.settings import BadSetting

    return LogTrouble, Refused, ReaderLost, BadSetting, StoreTrouble, StoreRefused
