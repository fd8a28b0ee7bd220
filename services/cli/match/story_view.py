"""A cycle's story: each attempt and what else happened, in the order of the log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from services.cli.brief import instant
from services.cli.match.story import Attempt, End, Moment, Story
from services.cli.sections import indented

_ENDS: dict[End, tuple[str, str]] = {
    "paired": ("paired", "bold green"),
    "declined": ("declined", "yellow"),
    "expired": ("nobody answered in time", "yellow"),
    "withdrawn": ("the request was withdrawn", "dim"),
    "left": ("somebody left", "dim"),
    "paused": ("the mentor paused", "dim"),
    "superseded": ("overtaken by that", "dim"),
}
_MOMENTS = {
    "requested": "a mentor was asked for",
    "edited": "the wishes were edited; the place in the queue stayed",
    "assigned": "a coordinator assigned",
    "withdrawn": "withdrawn by the",
    "unmatched": "given up: nobody was found in time",
    "concluded": "concluded:",
}


def plain_attempt(attempt: Attempt) -> dict[str, Any]:
    """For programs."""
    ended = attempt.ended
    return {
        "seq": attempt.seq,
        "at": attempt.at,
        "mentor": attempt.mentor,
        "proposal": attempt.proposal,
        "score": attempt.score,
        "policy": attempt.policy,
        "round": attempt.round,
        "expires_at": attempt.expires_at,
        "ended": None if ended is None else {"how": ended.how, "seq": ended.seq, "at": ended.at},
    }


def plain_moment(moment: Moment) -> dict[str, Any]:
    """For programs."""
    return {"seq": moment.seq, "at": moment.at, "word": moment.word, **moment.facts}


def show_story(story: Story) -> RenderableType:
    """For people: a line for each thing that happened; what people said before what matching answered."""
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right")
    rows = [(each.seq, instant(each.at), _happened(each)) for each in story.moments]
    rows += [row for attempt in story.attempts for row in _lines(attempt)]
    for seq, when, words in sorted(rows, key=lambda row: row[0]):
        table.add_row(str(seq), when, words)
    return indented(table)


def _lines(attempt: Attempt) -> Iterator[tuple[int, str, Text]]:
    score = (f", score {attempt.score:.2f}", "dim")
    how = "" if attempt.policy == "assigned" else " in a round" if attempt.round else " at once"
    began = (attempt.seq, instant(attempt.at))
    if attempt.proposal is None:
        yield *began, Text.assemble(("paired", "bold green"), f"{how} with {attempt.mentor}", score)
        return
    standing = "" if attempt.ended else f"; {_standing(attempt)}"
    yield *began, Text.assemble(f"proposed{how}: {attempt.mentor}", score, standing)
    if ended := attempt.ended:
        yield ended.seq, instant(ended.at), Text.assemble("└ ", _ENDS[ended.how])


def _standing(attempt: Attempt) -> str:
    until = f" until {instant(attempt.expires_at)} UTC" if attempt.expires_at else ""
    return f"{attempt.accepted} of {attempt.asked} have accepted, stands{until}"


def _happened(moment: Moment) -> Text:
    facts = moment.facts
    told = {
        "requested": f" in the place of {facts.get('continues')}" if "continues" in facts else "",
        "assigned": f" {facts.get('mentor', '')}{_overriding(moment)}",
        "withdrawn": f" {facts.get('role', '')}",
        "concluded": f" {str(facts.get('outcome', '')).replace('_', ' ')}{_goes_on(moment)}",
    }
    return Text(f"{_MOMENTS[moment.word]}{told.get(moment.word, '')}")


def _overriding(moment: Moment) -> str:
    overridden = moment.facts.get("overrides", ())
    return f", setting aside {', '.join(overridden)}" if overridden else ""


def _goes_on(moment: Moment) -> str:
    successor = moment.facts.get("continues_in")
    return f"; it goes on as {successor}" if successor else ""
