"""Tells what became of letters that were redriven or given up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table
from rich.text import Text

from services.cli.dead.choosing import Behind
from services.cli.dead.letters import Letter
from services.cli.dead.redriving import Try
from services.cli.output import out, print_json, say

_GONE = frozenset({"folded", "refused", "discarded"})
_STYLES = {"folded": "green", "discarded": "green", "refused": "yellow", "parked": "bold red"}
_WORDS = {
    "folded": "folded",
    "discarded": "given up",
    "refused": "refused",
    "parked": "parked again",
    "waiting": "in the log, not folded yet: is the service running?",
}
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Result:
    """What was chosen and what became of it.

    Attributes:
        service: whose letters.
        chosen: in the order of the log.
        tries: the last attempt of each letter that was tried.
        behind: letters that were selected and stand behind others that were not.
    """

    service: str
    chosen: Sequence[Letter]
    tries: Sequence[Try]
    behind: Sequence[Behind]

    @property
    def untried(self) -> list[Letter]:
        """Letters that were not tried, because one before them failed."""
        tried = {each.letter for each in self.tries}
        return [letter for letter in self.chosen if letter not in tried]

    @property
    def is_left(self) -> bool:
        """Whether something of what was selected is still parked."""
        left = any(each.became.state not in _GONE for each in self.tries)
        return left or bool(self.untried or self.behind)


def tell(result: Result, *, as_json: bool) -> None:
    """Tell it."""
    if as_json:
        print_json(plain(result))
        return
    if result.tries:
        out().print(_table(result))
    say(_summary(result))


def plain(result: Result) -> dict[str, Any]:
    """For programs."""
    return {
        "service": result.service,
        "outcomes": _counts(result),
        "tried": [_plain(each) for each in result.tries],
        "not_tried": [letter.seq for letter in result.untried],
        "behind": [{"seq": each.letter.seq, "first": each.first.seq} for each in result.behind],
    }


def _plain(made: Try) -> dict[str, Any]:
    letter, said = made.letter, made.said
    return {
        "seq": letter.seq,
        "program": letter.program,
        "key": letter.about,
        "event": letter.event,
        "attempt": made.attempt,
        "said_at": said.seq,
        "by": said.data.by,
        "ours": made.ours,
        "outcome": made.became.state,
        "error": made.became.error or None,
    }


def _counts(result: Result) -> Mapping[str, int]:
    return Counter(each.became.state for each in result.tries)


def _table(result: Result) -> Table:
    table = Table(box=None)
    for name in ("seq", "event", "program/key", "attempt", "said at", "by", "outcome"):
        table.add_column(name, overflow="fold")
    for made in result.tries[:_SHOWN]:
        letter, became = made.letter, made.became
        words = _WORDS[became.state] + (f": {became.error}" if became.error else "")
        table.add_row(
            str(letter.seq),
            letter.word,
            f"{letter.program}/{letter.about}",
            str(made.attempt),
            str(made.said.seq),
            made.said.data.by,
            Text(words, _STYLES.get(became.state, "yellow")),
        )
    if len(result.tries) > _SHOWN:
        table.add_row(
            "…", "", f"{len(result.tries) - _SHOWN:,} more: --json tells all", "", "", "", ""
        )
    return table


def _summary(result: Result) -> str:
    counts = _counts(result)
    told = [
        f"{counts[state]:,} {_WORDS[state].partition(':')[0]}" for state in _WORDS if counts[state]
    ]
    if result.untried:
        told.append(f"{len(result.untried):,} not tried: one before them stays parked")
    if result.behind:
        told.append(f"{len(result.behind):,} behind others that were not chosen")
    return "; ".join(told) or "nothing is parked that was asked for"
