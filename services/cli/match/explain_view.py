"""An explanation for people, section by section, and the same for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from services.cli.brief import instant
from services.cli.match.explanation import Explanation, Status, Why
from services.cli.match.plot import bar
from services.cli.match.prospect_view import plain_prospect, show_prospect
from services.cli.match.sections import rules
from services.cli.match.story_view import plain_attempt, plain_moment, show_story
from services.cli.sections import indented, title
from services.cli.timeline_view import lasting

_STATUS: dict[Status, str] = {
    "waiting": "waits for a mentor",
    "asked": "is asked about",
    "paired": "is paired with",
    "stopped": "is not to be paired any more: withdrawn, or its mentee has left",
    "unmatched": "is over: nobody was found in time",
    "over": "is over",
}
_SECOND = timedelta(seconds=1)
_NOT_RECORDED = "not recorded: the log was written by a version that did not say it"


def plain(told: Explanation) -> dict[str, Any]:
    """For programs."""
    found, row = told.found, told.row
    return {
        "program": found.program,
        "cycle": found.cycle,
        "position": found.position,
        "status": told.status,
        "mentee": row.mentee,
        "request": row.request,
        "seat": row.seat,
        "since": row.since,
        "waited_seconds": told.waited.total_seconds(),
        "mentor": told.attempt.mentor if told.attempt else None,
        "why": asdict(told.why) if told.why else None,
        "nobody": None if told.excluded is None else [asdict(each) for each in told.excluded],
        "next": plain_prospect(told.prospect) if told.prospect else None,
        "attempts": [plain_attempt(each) for each in found.story.attempts],
        "moments": [plain_moment(each) for each in found.story.moments],
    }


def show(told: Explanation) -> Group:
    """For people."""
    return Group(*_sections(told))


def _sections(told: Explanation) -> Iterator[RenderableType]:
    yield _head(told)
    if told.why is not None:
        yield from _why(told, told.why)
    if told.excluded is not None:
        yield title("Why nobody")
        yield rules(told.excluded, "No mentor of the program was excluded by a rule.")
    if told.prospect is not None:
        yield from show_prospect(told.prospect)
    yield title("What was tried (times in UTC)")
    yield show_story(told.found.story)


def _head(told: Explanation) -> Text:
    attempt = told.attempt
    over = told.status == "over" and attempt is not None
    words = "is over; it was paired with" if over else _STATUS[told.status]
    mentor = f" {attempt.mentor}" if attempt is not None else ""
    head = Text(f"{told.found.program}/{told.found.cycle} {words}{mentor}\n", "bold")
    waited = f"waited {lasting(told.waited)}" if told.waited >= _SECOND else "waited not at all"
    facts = [f"mentee {told.row.mentee}", f"seat {told.row.seat}", waited]
    return head.append(
        f"{', '.join(facts)}; as of sequence {told.found.position}, {instant(told.found.world.now)} UTC",
        "not bold dim",
    )


def _why(told: Explanation, why: Why) -> Iterator[RenderableType]:
    what = "offer" if told.status == "asked" else "pair"
    yield title(f"Why this {what}: score {why.score:.2f}")
    if why.by_hand:
        yield indented(Text("A coordinator assigned it; nobody else was looked at."))
    yield _parts(why)
    if why.by_hand:
        return
    yield title("Who else was near")
    yield _near(why)
    yield title("Who did not fit the request, of the mentors who were looked at")
    if why.excluded is None:
        yield indented(Text(_NOT_RECORDED, "dim"))
    else:
        yield rules(why.excluded, "Nobody.")


def _parts(why: Why) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    for part in why.parts:
        share = Text(f"{part.share:.2f}")
        table.add_row(part.part, share, Text(bar(part.share), "cyan"), Text(part.sentence))
    return indented(table)


def _near(why: Why) -> RenderableType:
    if why.near is None:
        return indented(Text(_NOT_RECORDED, "dim"))
    if not why.near:
        return indented(Text("Nobody: no other mentor was allowed and had room.", "dim"))
    table = Table.grid(padding=(0, 2))
    for each in why.near:
        table.add_row(each.mentor, f"{each.score:.2f}", Text(bar(each.score), "dim cyan"))
    return indented(table)
