"""`mentoring schedule meeting`: one meeting, what everybody says of it, and what that comes to."""

from __future__ import annotations

from typing import Annotated

import typer

from services.cli.cut import At, ClockOption, Seq, read_cut
from services.cli.options import DEFAULT_DIR, Dir, Json, Nats, Program
from services.cli.output import FOUND, out, print_json, read_token, run, say
from services.cli.schedule.clock import ZoneOption
from services.cli.schedule.plan_command import CycleId

MeetingName = Annotated[
    str,
    typer.Argument(
        metavar="MEETING",
        callback=read_token,
        help="Its number in the plan, its id, or the beginning of its id; up to three digits are a number.",
    ),
]


def meeting(
    cycle: CycleId,
    name: MeetingName,
    zone: ZoneOption = None,
    program: Program = None,
    at: At = None,
    seq: Seq = None,
    clock: ClockOption = "stored",
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Show one meeting: who was there by whose word, drawn as strips; whether that proves it; how it came to stand so.

    All that was said about presence is shown, by source, whether it counts under the program's rule or not; when both
    were there; and where sources contradict each other. A number of the plan means the last meeting that it had and
    that was not cancelled: one that was missed has another to make up for it. Times are on the clock that the meeting keeps,
    the mentor's as a rule, or on that of --zone.

    Folded from the log in memory: nothing is asked of a service, and nothing changes. Ends with 1 when scheduling knows
    no such meeting.

    For example:

        mentoring schedule meeting c-first 1
        mentoring schedule meeting c-first 9ca12308 --zone local
        mentoring schedule meeting c-first 1 --json | jq '{proof, contradictions}'
    """
    from services.cli.schedule.clock import clock_of
    from services.cli.schedule.meeting_view import plain_meeting, show
    from services.cli.schedule.reading import read, unknown

    found = run(read(cycle, program, read_cut(at, seq, clock), nats, folder))
    pair = found.cycle(cycle)
    if pair is None:
        say(unknown(found, "pair", cycle))
        raise typer.Exit(FOUND)
    row = found.meeting(cycle, name)
    if row is None:
        say(unknown(found, "meeting", f"{name} of {cycle}"))
        raise typer.Exit(FOUND)
    shown = clock_of(zone or row.zone)
    if as_json:
        print_json(plain_meeting(found, row, shown))
    else:
        terminal = out()
        terminal.print(show(found, row, shown, terminal.width))
