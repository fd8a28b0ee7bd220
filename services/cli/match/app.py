"""`mentoring match`: why matching paired as it did, how its rounds went, and whom it would try."""

from __future__ import annotations

import typer

from services.cli.match.candidates_command import candidates
from services.cli.match.explain_command import explain
from services.cli.match.rounds_command import rounds

match = typer.Typer(
    no_args_is_help=True,
    help="Matching explained: why this pair, how rounds went, who would be tried.",
)
match.command()(explain)
match.command()(rounds)
match.command()(candidates)
