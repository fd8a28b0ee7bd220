"""`mentoring cycle`: one cycle from its request to its end."""

from __future__ import annotations

from typing import Annotated

import typer

from services.cli.cut import At, ClockOption, Seq, read_cut
from services.cli.options import DEFAULT_DIR, Dir, Json, Nats, Program
from services.cli.output import FOUND, out, print_json, read_token, run, say


def cycle(
    cycle_id: Annotated[
        str,
        typer.Argument(
            metavar="ID", callback=read_token, help="The cycle; other keys work as well."
        ),
    ],
    program: Program = None,
    at: At = None,
    seq: Seq = None,
    clock: ClockOption = "stored",
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Show the timeline of a cycle: every event about it, who said it, what it answers and how soon.

    In the order of the log. An answer is indented below what caused it, with the cause's sequence and word, and
    how long after the cause the server stored it. Works for every key: a mentor, a person, or the program itself.

    For example:

        mentoring cycle c-7f3kq2
        mentoring cycle c-7f3kq2 --program spring --json
        mentoring cycle c-7f3kq2 --at 2026-03-01T09:00:00Z
    """
    from services.cli.timeline_view import plain, read, table
    from shared.replay.history import EVERYTHING

    cut = read_cut(at, seq, clock)
    program, lines = run(read(cycle_id, program, cut, nats, folder))
    if as_json:
        events = [plain(line) for line in lines]
        print_json({"program": program or None, "cycle": cycle_id, "events": events})
    elif lines:
        out().print(table(f"{program}/{cycle_id}", lines))
    if not lines:
        when = " as of then" if cut != EVERYTHING else ""
        say(f"the log says nothing about {cycle_id}" + (f" in {program}" if program else "") + when)
        raise typer.Exit(FOUND)
