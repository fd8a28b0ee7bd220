"""`mentoring match explain`: why this pair, or why nobody yet."""

from __future__ import annotations

from typing import Annotated

import typer

from services.cli.cut import At, ClockOption, Seq, read_cut
from services.cli.options import DEFAULT_DIR, Dir, Json, Nats, Program
from services.cli.output import FOUND, out, print_json, read_token, run, say

CycleId = Annotated[
    str,
    typer.Argument(metavar="CYCLE", callback=read_token, help="The cycle: one seat of a request."),
]


def explain(
    cycle: CycleId,
    program: Program = None,
    at: At = None,
    seq: Seq = None,
    clock: ClockOption = "stored",
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Explain why a cycle has this mentor, or why it has none yet.

    Of a pair, and of an offer that stands: each part of its score with a sentence, who else was near, and how many
    mentors each rule excluded. Of a request that waits: its place, when it is looked at next, and whom matching
    would try now. Of one that was given up: which rules kept how many mentors from it. Below stands everything that
    was tried, and how it ended.

    Folded from the log in memory: nothing is asked of a service, and nothing changes. What people prefer or avoid,
    and who declined why, is never shown: mentors whom that concerns count with those who are full or away, or not
    at all. --at tells it as it was then; in a demo, whose time is driven, add --clock event. Ends with 1 when the
    log knows no such cycle.

    For example:

        mentoring match explain c-7f3kq2
        mentoring match explain c-7f3kq2 --at 2026-03-01T09:00:00Z
        mentoring match explain c-7f3kq2 --json | jq .why.parts
    """
    from services.cli.match.explain_view import plain, show
    from services.cli.match.explanation import explain as told_of
    from services.cli.match.reading import read, unknown

    cut = read_cut(at, seq, clock)
    found = run(read(cycle, program, cut, nats, folder))
    told = told_of(found)
    if told is None:
        say(unknown(found))
        raise typer.Exit(FOUND)
    if as_json:
        print_json(plain(told))
    else:
        out().print(show(told))
