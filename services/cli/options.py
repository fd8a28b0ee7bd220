"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from services.cli.output import read_token


def known_word(word: str | None) -> str | None:
    """An option's event word.

    Raises:
        typer.BadParameter: no event has it.
    """
    from shared.events.catalog import CATALOG

    if word is not None and word not in CATALOG:
        raise typer.BadParameter(f"must be one of {', '.join(CATALOG)}")
    return word


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
Cycle = Annotated[
    str | None,
    typer.Option(
        "--cycle", "-c", callback=read_token, help="Only this key: a cycle, a mentor, a person."
    ),
]
Word = Annotated[
    str | None,
    typer.Option("--event", "-e", callback=known_word, help="Only this word, such as paired."),
]
Confidential = Annotated[
    bool, typer.Option("--confidential", help="Show confidential columns, too.")
]
DEFAULT_DIR = Path("mentoring-data")
