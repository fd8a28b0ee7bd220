"""`mentoring watch`: the log as it goes."""

from __future__ import annotations

from typing import Annotated

import typer

from services.cli.options import DEFAULT_DIR, Cycle, Dir, Json, Nats, Program, Word
from services.cli.output import read_instant, run


def watch(
    program: Program = None,
    cycle: Cycle = None,
    event: Word = None,
    start: Annotated[
        int | None,
        typer.Option(
            "--from",
            min=1,
            max=2**63 - 1,
            metavar="SEQ",
            help="Begin at this sequence; 1: at the first event.",
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="INSTANT", help="Begin with what was stored at this instant, RFC 3339."
        ),
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow/--no-follow", help="Go on at the end, or stop there.")
    ] = True,
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Follow the log: one line for each event, from now on unless told otherwise. Ctrl-C ends it.

    With --json each line holds the sequence, the cause and the CloudEvent. Timers that wait and marks are no
    events and are not shown.

    For example:

        mentoring watch --event paired
        mentoring watch --program spring --from 1
        mentoring watch --since 2026-03-01T09:00:00Z --no-follow --json | jq .event.type
    """
    from services.cli.following import show

    instant_since = read_instant(since)
    if start is not None and instant_since is not None:
        raise typer.BadParameter("give --from or --since, not both")
    subject = f"mentoring.{program or '*'}.{event or '*'}.{cycle or '*'}.>"
    run(show(subject, start, instant_since, follow, nats, folder, as_json))
