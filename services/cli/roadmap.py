"""`mentoring roadmap`: what a pair wants to reach, how far it is, and what is to be done."""

from __future__ import annotations

from typing import Annotated

import typer

from services.cli.cut import At, ClockOption, Seq, read_cut
from services.cli.options import DEFAULT_DIR, Dir, Json, Nats, Program
from services.cli.output import FOUND, out, print_json, read_token, run, say

CycleId = Annotated[
    str, typer.Argument(metavar="CYCLE", callback=read_token, help="The cycle of the pair.")
]


def roadmap(
    cycle: CycleId,
    program: Program = None,
    at: At = None,
    seq: Seq = None,
    clock: ClockOption = "stored",
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Show the roadmap of a cycle: its goals with their milestones, how far each is, and its action items.

    A goal or an action item is overdue when its day was over at the last event that counts. Words are not shown: those
    of notes are sealed, and goals have none.

    Folded from the log in memory: nothing is asked of a service, and nothing changes. --at shows the roadmap as it was
    then. Ends with 1 when feedback knows no such pair.

    For example:

        mentoring roadmap c-first
        mentoring roadmap c-first --at 2030-01-10T00:00:00Z --clock event
        mentoring roadmap c-first --json | jq '.goals[] | {goal, progress, target_on}'
    """
    from services.cli.roadmap_reading import read
    from services.cli.roadmap_view import plain, show

    found = run(read(cycle, program, read_cut(at, seq, clock), nats, folder))
    row = found.cycle(cycle)
    if row is None:
        say(found.unknown(cycle))
        raise typer.Exit(FOUND)
    if as_json:
        print_json(plain(found, row))
    else:
        terminal = out()
        terminal.print(show(found, row, terminal.width))
