"""`mentoring replay what-if`: the same record, decided again under other rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.cut import At, ClockOption, Seq, read_cut
from services.cli.options import DEFAULT_DIR, Dir, Json, Nats
from services.cli.output import Failure, err, out, print_json, read_token, run, say

if TYPE_CHECKING:
    from services.cli.what_if.compare import Comparison
    from services.matching.what_if.alternative import Revise
    from shared.replay.history import Cut

Rules = Annotated[
    Path,
    typer.Option(
        help="YAML or JSON: fields of `opened` that differ, such as `weights: {skills: 6}`. Weights are "
        "merged one by one, everything else is replaced; {} tries the recorded rules.",
        dir_okay=False,
        show_default=False,
    ),
]
Html = Annotated[
    Path | None, typer.Option(help="Write a page with plots to this file.", dir_okay=False)
]


def what_if(
    program: Annotated[
        str,
        typer.Option(
            "--program", "-p", callback=read_token, help="The program.", show_default=False
        ),
    ],
    rules: Rules,
    html: Html = None,
    at: At = None,
    seq: Seq = None,
    clock: ClockOption = "stored",
    nats: Nats = None,
    folder: Dir = DEFAULT_DIR,
    as_json: Json = False,
) -> None:
    """Decide a program's recorded inputs again under other rules, and show what would have differed.

    Matching runs in memory over what people and the other services really said, with rounds and deadlines at
    their instants. Nothing is published and no database is asked or changed. Shown are pairs, waits,
    scores, mentors' loads, and the satisfaction of the pairs that both worlds have; and what such
    a comparison cannot know.

    For example:

        echo 'weights: {skills: 6, waiting: 2}' > rules.yaml
        mentoring replay what-if --program spring --rules rules.yaml
        mentoring replay what-if --program spring --rules rules.yaml --html what-if.html
        mentoring replay what-if --program spring --rules rules.yaml --at 2026-03-01T09:00:00Z --json
    """
    from services.cli.what_if.figures import plain
    from services.cli.what_if.page import page
    from services.cli.what_if.rules import read_rules, reviser
    from services.cli.what_if.tables import report

    cut, revise = read_cut(at, seq, clock), reviser(read_rules(rules), rules)
    found = run(_compare(program, revise, cut, nats, folder))
    if as_json:
        print_json(plain(found))
    else:
        out().print(report(found))
    if html is not None:
        _write(html, page(found))


async def _compare(
    program: str, revise: Revise, cut: Cut, nats: str | None, folder: Path
) -> Comparison:
    from services.cli.connection import connected
    from services.cli.what_if.compare import compare
    from services.cli.what_if.weigh import weigh
    from services.matching.app import SERVICE
    from shared.outcome import Diverged
    from shared.replay.history import history

    async with connected(nats, folder) as log:
        try:
            with _progress() as told:
                weighed = await weigh(
                    lambda cut: history(log, SERVICE, program, cut), revise, cut, told
                )
        except Diverged as error:
            raise Failure(f"today's code would judge otherwise than the log {error}") from error
    if not weighed.rules:
        raise Failure(f"the log knows no rules of {program} as of then: it was never opened")
    return compare(program, weighed, revise)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """How far it is, while somebody looks."""
    with err().status("listening to the record") as status:
        yield lambda seq, last: status.update(f"deciding again: sequence {seq:,} of {last:,}")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise Failure(f"{path} cannot be written: {error.strerror}") from error
    say(f"the page is in {path}")
