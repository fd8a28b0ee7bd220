"""The timeline of a key, read from the log and shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from services.cli.brief import in_words, instant, printable
from services.cli.connection import connected
from services.cli.entries import plain as plain_entry
from services.cli.entries import stored
from services.cli.output import Failure
from services.cli.timeline import Line, programs_of, timeline
from shared.events.envelope import Event
from shared.replay.history import Cut

_MINUTE, _HOUR, _DAY = 60, 3600, 24
_STYLES = {
    **dict.fromkeys(("requested", "paired", "met", "reviewed", "concluded"), "bold green"),
    **dict.fromkeys(("rejected", "parked", "missed", "unplaced", "flagged"), "bold red"),
    "due": "dim",
}


async def read(
    key: str, program: str | None, cut: Cut, nats: str | None, folder: Path
) -> tuple[str, Sequence[Line]]:
    """The program and timeline of a key; both empty when nobody spoke of it.

    Raises:
        Failure: several programs know the key, or the log is away.
    """
    async with connected(nats, folder) as log:
        if program is None:
            found = await programs_of(log, key)
            if len(found) > 1:
                raise Failure(f"{key} is in several programs: give --program {' or '.join(found)}")
            program = found[0] if found else ""
        return program, await timeline(log, program, key, cut) if program else ()


def plain(line: Line) -> dict[str, Any]:
    """A line for programs."""
    took = None if line.took is None else line.took.total_seconds()
    told = {"by": line.by, "cause_word": line.cause, "depth": line.depth, "took_seconds": took}
    return {**plain_entry(line.entry), **told}


def table(title: str, lines: Sequence[Line]) -> Table:
    """The timeline for people: answers are indented below their cause."""
    shown = Table(title=title, title_justify="left", box=None)
    shown.add_column("seq", justify="right")
    for name in ("time (UTC)", "event", "by", "answers"):
        shown.add_column(name, no_wrap=True)
    shown.add_column("after", justify="right", no_wrap=True)
    shown.add_column("", overflow="fold")
    for line in lines:
        word = printable(line.entry.word)
        indented = Text("  " * (line.depth - 1) + "└ " if line.depth else "").append(
            word, _STYLES.get(word, "")
        )
        shown.add_row(
            str(line.entry.seq),
            instant(_time(line)),
            indented,
            Text(line.by, "cyan"),
            Text(f"{line.entry.cause} {line.cause or ''}" if line.entry.cause else "", "dim"),
            Text("" if line.took is None else lasting(line.took), "dim"),
            Text(in_words(line.event)),
        )
    return shown


def lasting(duration: timedelta) -> str:
    """A duration with two figures that matter: `3 ms`, `1.4 s`, `12 min`, `3 h 20 min`, `5 d 2 h`."""
    seconds = duration.total_seconds()
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms"
    if seconds < _MINUTE:
        return f"{seconds:.3g} s"
    minutes, hours = int(seconds // _MINUTE), int(seconds // _HOUR)
    if not hours:
        return f"{minutes} min"
    if hours < _DAY:
        return f"{hours} h {minutes % 60} min"
    return f"{hours // _DAY} d {hours % _DAY} h"


def _time(line: Line) -> datetime:
    return line.event.time if isinstance(line.event, Event) else stored(line.entry)
