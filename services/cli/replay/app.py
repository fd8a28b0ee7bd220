"""`mentoring replay`: fold the log again, to mend a store, to check it, or to see what would have been."""

from __future__ import annotations

import typer

from services.cli.redeliver.command import redeliver
from services.cli.replay import commands
from services.cli.what_if.command import what_if

replay = typer.Typer(no_args_is_help=True, help="Fold the log again: mend, check, compare.")
replay.command("what-if")(what_if)
replay.command()(commands.rebuild)
replay.command()(commands.verify)
replay.command("list")(commands.list_)
replay.command()(commands.undo)
replay.command()(commands.drop)
replay.command()(redeliver)
