"""Options that say as of when: an instant by one of two clocks, or a sequence of the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from services.cli.output import read_instant

if TYPE_CHECKING:
    from shared.replay.history import Cut

At = Annotated[
    str | None,
    typer.Option("--at", metavar="INSTANT", help="As of then, RFC 3339: 2026-03-01T09:00:00Z."),
]
Seq = Annotated[int | None, typer.Option("--seq", min=0, help="As of this sequence of the log.")]
ClockOption = Annotated[
    Literal["stored", "event"],
    typer.Option(
        "--clock",
        help="Whose instants --at means: when the server stored an event, or the event's own time "
        "(for a demo's driven time, and for logs that were imported).",
    ),
]


def read_cut(at: str | None, seq: int | None, clock: Literal["stored", "event"]) -> Cut:
    """What the options ask for.

    Raises:
        typer.BadParameter: both were given, or no instant.
    """
    from shared.replay.history import Cut

    if at is not None and seq is not None:
        raise typer.BadParameter("give --at or --seq, not both")
    return Cut(seq, read_instant(at), clock)
