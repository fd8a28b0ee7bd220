"""`mentoring match candidates`: whom matching would try for a cycle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.cut import At, ClockOption, Seq, read_cut
from services.cli.match.explain_command import CycleId
from services.cli.options import DEFAULT_DIR, Dir, Json, Nats, Program
from services.cli.output import FOUND, MOST, out, print_json, run, say

if TYPE_CHECKING:
    from services.cli.match.reading import Found


def candidates(
    cycle: CycleId,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=MOST, help="At most so many.")
    ] = 10,
    program: Program = None,
    at: At = None,
    seq: Seq = None,
    clock: ClockOption = "stored",
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Show whom matching would try for a cycle, were it alone in the pool: a look that changes nothing.

    For coordinators: each candidate with the score, a sentence for each part that speaks for him, what he carries and
    how many more he takes; and how many mentors each rule excludes. A round weighs all requests against each
    other, and there waiting counts, too: it may choose otherwise. For the cycle of a pair: who would be tried instead.

    Folded from the log in memory: nothing is asked of a service. Ends with 1 when the log knows no such cycle, or
    when it is over.

    For example:

        mentoring match candidates c-7f3kq2
        mentoring match candidates c-7f3kq2 --limit 3 --at 2026-03-01T09:00:00Z
        mentoring match candidates c-7f3kq2 --json | jq '.candidates[] | {mentor, score, load}'
    """
    from rich.console import Group
    from rich.text import Text

    from services.cli.match.preview_view import plain_preview, show_preview
    from services.cli.match.reading import read, unknown
    from services.matching.preview import preview

    found = run(read(cycle, program, read_cut(at, seq, clock), nats, folder))
    if found.row is None:
        say(unknown(found))
        raise typer.Exit(FOUND)
    looked = preview(found.world, found.row, limit)
    if looked is None:
        say(f"{found.program}/{cycle} {_why_not(found)}, as of sequence {found.position}")
        raise typer.Exit(FOUND)
    status, position = found.row.status, found.position
    if as_json:
        head = {"program": found.program, "cycle": cycle, "position": position, "status": status}
        print_json({**head, **plain_preview(looked)})
    else:
        title = f"{found.program}/{cycle}, {status}, as of sequence {position}"
        out().print(Group(Text(title, "bold"), *show_preview(looked)))


def _why_not(found: Found) -> str:
    from services.matching.preview import rules_of

    if rules_of(found.world, found.program) is None:
        return "is in a program that has not begun, or has ended"
    over = found.row is not None and found.row.wishes is None
    return "is over" if over else "waits for an operator: a parked event holds its mentee"
