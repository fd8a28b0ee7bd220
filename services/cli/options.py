"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from services.cli.output import read_token

Dir = Annotated[
    Path,
    typer.Option(
        "--dir",
        envvar="MENTORING_DIR",
        help="The folder of `mentoring up`; what runs there is found by itself.",
        file_okay=False,
    ),
]
Nats = Annotated[
    str | None,
    typer.Option(
        "--nats",
        envvar="MENTORING_NATS_URL",
        metavar="URL",
        help="The NATS server, nats://host:port; else the one of `mentoring up`, else port 4222 here.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Answer for programs.")]
Program = Annotated[
    str | None,
    typer.Option("--program", "-p", callback=read_token, help="Only this program."),
]
DEFAULT_DIR = Path("mentoring-data")
