"""`mentoring match rounds`: how a program's rounds went."""

from __future__ import annotations

from typing import Annotated

import typer

from services.cli.cut import At, ClockOption, Seq, read_cut
from services.cli.options import DEFAULT_DIR, Dir, Json, Nats, Program
from services.cli.output import FOUND, MOST, out, print_json, run, say


def rounds(
    program: Program = None,
    last: Annotated[int, typer.Option(min=1, max=MOST, help="So many of each program.")] = 20,
    at: At = None,
    seq: Seq = None,
    clock: ClockOption = "stored",
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Show how rounds went, one line each: who waited, who was matched, how good the choice was, how long it took.

    A round over the whole pool tells requests that waited, mentors and places, how many were matched and how many
    not, the sum of the scores and the least of them, what share of the best possible it reached, how many pairs
    would both rather have each other, how the load is spread, and the milliseconds that deciding took. A program
    that pairs at once has a line for each day instead, and one for each whole round.

    Folded from the log in memory: nothing is asked of a service, and nothing changes. Ends with 1 when there was no round.

    For example:

        mentoring match rounds
        mentoring match rounds --program spring --last 5
        mentoring match rounds --at 2026-03-01T09:00:00Z
        mentoring match rounds --json | jq '.programs[].rounds[] | {at, matched, waiting}'
    """
    from services.cli.match.rounds import read
    from services.cli.match.rounds_view import plain, show

    found = run(read(program, last, read_cut(at, seq, clock), nats, folder))
    some = any(each.rounds for each in found)
    if as_json:
        print_json(plain(found))
    elif some:
        terminal = out()
        terminal.print(show(found, terminal.width))
    if not some:
        say(f"there was no round{f' in {program}' if program else ''} so far")
        raise typer.Exit(FOUND)
