"""`mentoring schedule invitation`: what to send to both persons of a meeting."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from services.cli.cut import read_cut
from services.cli.options import DEFAULT_DIR, Dir, Nats, Program
from services.cli.output import FOUND, Failure, run, say
from services.cli.schedule.asking import ServiceUrl
from services.cli.schedule.meeting_command import MeetingName
from services.cli.schedule.plan_command import CycleId

Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        dir_okay=False,
        help="Where to write it; else to stdout.",
    ),
]


def invitation(
    cycle: CycleId,
    meeting: MeetingName,
    output: Output = None,
    program: Program = None,
    service: ServiceUrl = None,
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
) -> None:
    """Write the iCalendar invitation of a meeting as it stands now: an update when it was moved, a cancellation when it was dropped.

    It is for both persons, at the addresses that the program's calendar settings give them, and has the joining link.
    Sent by mail as it is, calendar programs put the meeting in, move it or take it out: the UID stays, SEQUENCE rises.

    Asked of the running scheduling service. Ends with 1 when it knows no such meeting.

    For example:

        mentoring schedule invitation c-first 1
        mentoring schedule invitation c-first 9ca12308 -o invitation.ics
    """
    from services.cli.schedule.asking import ask, refused, service_url
    from services.cli.schedule.reading import read, unknown

    base = service_url(service, folder)
    found = run(read(cycle, program, read_cut(None, None, "stored"), nats, folder))
    row = found.meeting(cycle, meeting)
    if row is None:
        what = "cycle" if found.cycle(cycle) is None else "meeting"
        say(unknown(found, what, cycle if what == "cycle" else f"{meeting} of {cycle}"))
        raise typer.Exit(FOUND)
    path = f"/programs/{row.program}/cycles/{cycle}/meetings/{row.meeting}/invitation.ics"
    told = ask(base + path)
    if not told.good:
        raise refused(told)
    _write(told.body, output)


def _write(text: bytes, output: Path | None) -> None:
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.write_bytes(text)
    except OSError as error:
        raise Failure(f"{output} cannot be written: {error.strerror}") from error
    say(f"written to {output}")
