"""`mentoring schedule plan`: the meetings of a cycle, what found no time, and who bears how much."""

from __future__ import annotations

from typing import Annotated

import typer

from services.cli.cut import At, ClockOption, Seq, read_cut
from services.cli.options import DEFAULT_DIR, Dir, Json, Nats, Program
from services.cli.output import FOUND, out, print_json, read_token, run, say
from services.cli.schedule.clock import ZoneOption

CycleId = Annotated[
    str, typer.Argument(metavar="CYCLE", callback=read_token, help="The cycle of the pair.")
]


def plan(
    cycle: CycleId,
    zone: ZoneOption = None,
    program: Program = None,
    at: At = None,
    seq: Seq = None,
    clock: ClockOption = "stored",
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Show the plan of a cycle: each meeting on both clocks, what was changed by whom, and what found no time.

    Also how much of the meetings lies outside 08:00 to 18:00 on each one's own clock: the plan shares what cannot be
    avoided. A number of the plan without a meeting is told with the constraint that leaves no room for it. --zone shows
    all times on one clock instead.

    Folded from the log in memory: nothing is asked of a service, and nothing changes. --at shows the plan as it was
    then. Ends with 1 when scheduling knows no such pair.

    For example:

        mentoring schedule plan c-first
        mentoring schedule plan c-first --zone America/New_York
        mentoring schedule plan c-first --at 2030-01-10T00:00:00Z --clock event
        mentoring schedule plan c-first --json | jq .inconvenience
    """
    from services.cli.schedule.clock import clock_of
    from services.cli.schedule.plan_view import plain_plan, show
    from services.cli.schedule.reading import read, unknown

    found = run(read(cycle, program, read_cut(at, seq, clock), nats, folder))
    row = found.cycle(cycle)
    if row is None:
        say(unknown(found, "pair", cycle))
        raise typer.Exit(FOUND)
    asked = clock_of(zone) if zone else None
    if as_json:
        print_json(plain_plan(found, row, asked))
    else:
        terminal = out()
        terminal.print(show(found, row, asked, terminal.width))
