"""`mentoring replay`: fold the log again, to mend a store, to check it, or to see what would have been."""

from __future__ import annotations

import typer

from services.cli.redeliver.command import redeliver
from services.cli.replay import aside, commands
from services.cli.what_if.command import what_if

replay = typer.Typer(no_args_is_help=True, help="Fold the log again: mend, check, compare.")
replay.command("what-if")(what_if)
replay.command()(commands.rebuild)
replay.command()(commands.verify)
replay.command("list")(aside.list_)
replay.command()(aside.undo)
replay.command()(aside.drop)
replay.command()(redeliver)
