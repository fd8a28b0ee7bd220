"""`mentoring cycle`: one cycle from its request to its end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from services.cli.brief import in_words, instant
from services.cli.connection import connected
from services.cli.options import DEFAULT_DIR, Dir, Json, Nats, Program
from services.cli.output import FOUND, Failure, out, print_json, read_token, run, say
from services.cli.timeline import Line, programs_of, timeline
from services.cli.watch import plain, stored
from shared.events.envelope import Event

_STYLES = {
    **dict.fromkeys(("requested", "paired", "met", "reviewed", "concluded"), "bold green"),
    **dict.fromkeys(("rejected", "parked", "missed", "unplaced", "flagged"), "bold red"),
    "due": "dim",
}


def cycle(
    cycle_id: Annotated[
        str,
        typer.Argument(
            metavar="ID", callback=read_token, help="The cycle; other keys work as well."
        ),
    ],
    program: Program = None,
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Show the timeline of a cycle: every event about it, who said it, and what it answers.

    In the order of the log. An answer is indented below what caused it, with the cause's sequence and word.
    Works for every key: a mentor, a person, or the program itself.

    For example:

        mentoring cycle c-7f3kq2
        mentoring cycle c-7f3kq2 --program spring --json
    """
    program, lines = run(_read(cycle_id, program, nats, folder))
    if not lines:
        say(f"the log says nothing about {cycle_id}" + (f" in {program}" if program else ""))
        raise typer.Exit(FOUND)
    if as_json:
        print_json(
            {"program": program, "cycle": cycle_id, "events": [_plain(line) for line in lines]}
        )
    else:
        out().print(_table(f"{program}/{cycle_id}", lines))


async def _read(
    key: str, program: str | None, nats: str | None, folder: Path
) -> tuple[str, Sequence[Line]]:
    async with connected(nats, folder) as log:
        if program is None:
            found = await programs_of(log, key)
            if len(found) > 1:
                raise Failure(f"{key} is in several programs: give --program {' or '.join(found)}")
            program = found[0] if found else ""
        return program, await timeline(log, program, key) if program else ()


def _plain(line: Line) -> dict[str, Any]:
    return {**plain(line.entry), "by": line.by, "cause_word": line.cause, "depth": line.depth}


def _table(title: str, lines: Sequence[Line]) -> Table:
    table = Table(title=title, title_justify="left", box=None)
    table.add_column("seq", justify="right")
    for name in ("time (UTC)", "event", "by", "answers"):
        table.add_column(name, no_wrap=True)
    table.add_column("", overflow="fold")
    for line in lines:
        word = line.entry.word
        indented = Text("  " * (line.depth - 1) + "└ " if line.depth else "").append(
            word, _STYLES.get(word, "")
        )
        table.add_row(
            str(line.entry.seq),
            instant(_time(line)),
            indented,
            Text(line.by, "cyan"),
            Text(f"{line.entry.cause} {line.cause or ''}" if line.entry.cause else "", "dim"),
            Text(in_words(line.event)),
        )
    return table


def _time(line: Line) -> datetime:
    return line.event.time if isinstance(line.event, Event) else stored(line.entry)
