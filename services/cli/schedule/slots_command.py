"""`mentoring schedule slots`: what two persons have free together."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.cut import At, ClockOption, Seq, read_cut
from services.cli.options import DEFAULT_DIR, Dir, Json, Nats, Program
from services.cli.output import FOUND, MOST, out, print_json, read_token, run, say
from services.cli.schedule.clock import ZoneOption
from services.cli.schedule.period import From, To

if TYPE_CHECKING:
    from services.cli.schedule.clock import Clock
    from services.cli.schedule.reading import Found
    from services.scheduling.look import Mutual
    from services.scheduling.model import Cycle, Meeting
    from shared.intervals import Interval

AHEAD = 14
"""Days that are searched when nobody says."""
DAY_IN_MINUTES = 24 * 60


def slots(
    one: Annotated[
        str, typer.Argument(metavar="A", callback=read_token, help="One of the two persons.")
    ],
    other: Annotated[str, typer.Argument(metavar="B", callback=read_token, help="The other one.")],
    start: From = None,
    end: To = None,
    length: Annotated[
        int | None,
        typer.Option(
            "--length",
            "-l",
            min=1,
            max=DAY_IN_MINUTES,
            metavar="MINUTES",
            help="Of the meeting; else as the two have agreed, or 60.",
        ),
    ] = None,
    moving: Annotated[
        str | None,
        typer.Option(
            "--moving",
            "-m",
            metavar="MEETING",
            callback=read_token,
            help="Where could this meeting of the two go, by its number or id? Its own time is free.",
        ),
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=MOST, help="List at most so many.")
    ] = 20,
    zone: ZoneOption = None,
    program: Program = None,
    at: At = None,
    seq: Seq = None,
    clock: ClockOption = "stored",
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Show when two persons are both free for a meeting: a strip for each day, then a list on both their clocks.

    As the planner sees it: the hours that both have stated, without public holidays and absences, their meetings with the
    buffer around them, and the weekly limit. The list says, too, how much of a meeting at the earliest start would lie
    outside 08:00 to 18:00 on each one's clock. Times are on A's clock, or on that of --zone. Without --from and --to: two
    weeks from the last thing that the log tells of the program, which in a demo is the demo's time.

    Folded from the log in memory: nothing is asked of a service, and nothing changes. Ends with 1 when nothing is free, or
    scheduling knows one of them not.

    For example:

        mentoring schedule slots p-mentee p-mentor
        mentoring schedule slots p-mentee p-mentor --length 30 --zone local
        mentoring schedule slots p-mentee p-mentor --moving 2
        mentoring schedule slots p-mentee p-mentor --from 2030-01-07 --to 2030-01-11
        mentoring schedule slots p-mentee p-mentor --json | jq '.openings[0].clocks'
    """
    from services.cli.schedule.clock import clock_of
    from services.cli.schedule.reading import read
    from services.cli.schedule.slots_view import plain_slots, show

    if one == other:
        raise typer.BadParameter("A and B must be two persons")
    found = run(read(one, program, read_cut(at, seq, clock), nats, folder))
    _know(found, one, other)
    shown = clock_of(zone or found.zone(one))
    time = _period(found, start, end, shown)
    looked, instead_of = _look(found, (one, other), time, length, moving)
    if as_json:
        print_json(plain_slots(found, looked, shown, time, limit))
    else:
        terminal = out()
        terminal.print(show(found, looked, shown, limit, terminal.width, instead_of))
    if not looked.openings:
        raise typer.Exit(FOUND)


def _know(found: Found, *persons: str) -> None:
    from services.cli.schedule.reading import unknown

    for person in persons:
        if not found.knows(person):
            say(unknown(found, "person", person))
            raise typer.Exit(FOUND)


def _period(found: Found, start: str | None, end: str | None, shown: Clock) -> Interval:
    """What is asked for, or 14 days from now on, or up to then."""
    from services.cli.schedule.period import after, begins, ends
    from services.scheduling.asked import FURTHEST
    from services.scheduling.calendar import up_to_quarter

    since = begins(start, shown) if start else up_to_quarter(found.world.now)
    until = ends(end, shown) if end else after(since, AHEAD, shown)
    if until <= since:
        raise typer.BadParameter("--to must be after --from")
    if until - since > FURTHEST:
        raise typer.BadParameter(f"--to must be at most {FURTHEST.days} days after --from")
    return since, until


def _look(
    found: Found, pair: tuple[str, str], time: Interval, length: int | None, moving: str | None
) -> tuple[Mutual, Meeting | None]:
    from services.scheduling.look import mutual, pair_of, rules_in_force, rules_of_cycle

    cycle = pair_of(found.world, found.program, *pair)
    bound = rules_of_cycle(found.world, cycle) if cycle else None
    rules = bound or rules_in_force(found.world, found.program, found.world.now)
    if rules is None:
        say(f"{found.program} has no rules yet: it was never opened")
        raise typer.Exit(FOUND)
    wanted = timedelta(minutes=length) if length else None
    row = _moving(found, pair, cycle, moving)
    return mutual(found.world, cycle, rules, pair, time, wanted, row), row


def _moving(
    found: Found, pair: tuple[str, str], cycle: Cycle | None, name: str | None
) -> Meeting | None:
    """The meeting that is to go elsewhere."""
    from services.cli.schedule.reading import unknown

    if name is None:
        return None
    if cycle is None:
        say(f"{pair[0]} and {pair[1]} are no pair in {found.program}: --moving is for theirs")
        raise typer.Exit(FOUND)
    row = found.meeting(cycle.cycle, name)
    if row is None:
        say(unknown(found, "meeting", f"{name} of {cycle.cycle}"))
        raise typer.Exit(FOUND)
    return row
