"""`mentoring schedule agenda`: a person's meetings, day by day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.cut import At, ClockOption, Seq, read_cut
from services.cli.options import DEFAULT_DIR, Dir, Json, Nats, Program
from services.cli.output import FOUND, out, print_json, read_token, run, say
from services.cli.schedule.clock import ZoneOption
from services.cli.schedule.period import From, To

if TYPE_CHECKING:
    from services.cli.schedule.clock import Clock
    from services.cli.schedule.reading import Found
    from shared.intervals import Interval

AHEAD = 90
"""Days that an agenda shows when nobody says."""

PersonId = Annotated[
    str, typer.Argument(metavar="PERSON", callback=read_token, help="The mentee or mentor.")
]


def agenda(
    person: PersonId,
    start: From = None,
    end: To = None,
    zone: ZoneOption = None,
    program: Program = None,
    at: At = None,
    seq: Seq = None,
    clock: ClockOption = "stored",
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Show a person's meetings day by day: with whom, what for, and how each stands.

    Meetings of all cycles, in either role; cancelled ones, and those that are over, too. Times are on the person's
    own clock, the zone that was stated with the hours; --zone shows them on another. Without --from and --to: 90 days
    from the day of the last thing that the log tells of the program, which in a demo is the demo's day.

    Folded from the log in memory: nothing is asked of a service, and nothing changes. --at shows the agenda as it was
    then. Ends with 1 when scheduling knows nobody of this name.

    For example:

        mentoring schedule agenda p-mentor
        mentoring schedule agenda p-mentor --zone local
        mentoring schedule agenda p-mentor --from 2030-01-01 --to 2030-01-31 --zone Asia/Kolkata
        mentoring schedule agenda p-mentor --json | jq '.meetings[] | {starts_at, status}'
    """
    from services.cli.schedule.agenda_view import head, nothing, plain_agenda, show
    from services.cli.schedule.clock import clock_of
    from services.cli.schedule.reading import read, touching, unknown

    found = run(read(person, program, read_cut(at, seq, clock), nats, folder))
    if not found.knows(person):
        say(unknown(found, "person", person))
        raise typer.Exit(FOUND)
    shown = clock_of(zone or found.zone(person))
    time = _period(found, start, end, shown)
    meetings = touching(found.agenda(person), *time)
    if as_json:
        print_json(plain_agenda(found, person, meetings, shown, time))
        return
    terminal = out()
    terminal.print(show(head(found, person, shown, zone), person, meetings, shown, terminal.width))
    if not meetings:
        say(nothing(found, person, shown, time))


def _period(found: Found, start: str | None, end: str | None, shown: Clock) -> Interval:
    """What is asked for, or 90 days from today on, or up to then."""
    from services.cli.schedule.period import after, begins, ends, today

    since = begins(start, shown) if start else today(found.world.now, shown)
    until = ends(end, shown) if end else after(since, AHEAD, shown)
    if until <= since:
        raise typer.BadParameter("--to must be after --from")
    return since, until
