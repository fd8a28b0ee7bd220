"""`mentoring publish`: other systems' events, from a file or a pipe, into the log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from services.cli.options import DEFAULT_DIR, Dir, Json, Nats
from services.cli.output import end, run


def publish(
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="JSON lines; `-` reads what comes in.")
    ],
    strict: Annotated[
        bool, typer.Option("--strict", help="Publish nothing at all when any line is bad.")
    ] = False,
    bad: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Keep the bad lines here, as they came, to mend them.",
            dir_okay=False,
        ),
    ] = None,
    patience: Annotated[
        float, typer.Option(min=0, help="Seconds to go on trying while the log is away.")
    ] = 60.0,
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Publish events: one CloudEvent in JSON on each line, as docs/events.md describes them.

    Every line is checked against its contract before it is sent. What is good is published in the order of the
    lines; what is bad is told with its line, field and rule, and nothing of it is published. Bad lines of a
    pipe are kept in a file. Ends with 1 when any line was bad.

    Interrupted, run it again with the same lines: the server knows an id again for two minutes, and after that
    the services do; nothing counts twice.

    For example:

        mentoring publish people.jsonl
        mentoring publish people.jsonl --bad mend-these.jsonl
        hr-export | mentoring publish - --strict --json
    """
    from services.cli.handed_in import HandedIn
    from services.cli.publishing import opened, publish_lines, telling

    handed_in = HandedIn(file, bad)
    with opened(file) as lines, telling(handed_in, as_json):
        handed_in.refuse_its_own_input(lines)
        run(publish_lines(lines, handed_in, strict, patience, nats, folder))
    end(bool(handed_in.bad))
