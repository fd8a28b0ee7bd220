"""Whom matching would try for a request, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from services.cli.match.plot import bar
from services.cli.match.sections import indented, rules, title
from services.cli.match.telling import kept
from services.matching.explain import Candidate
from services.matching.preview import Preview


def plain_preview(found: Preview) -> dict[str, Any]:
    """For programs."""
    return {
        "rules": found.rules.rules,
        "mentors": found.mentors,
        "candidates": [_plain(each) for each in found.candidates],
        "excluded": [asdict(each) for each in kept(found.excluded)],
    }


def _plain(found: Candidate) -> dict[str, Any]:
    told = zip(found.reasons, found.sentences, strict=True)
    return {
        "place": found.place,
        "mentor": found.mentor,
        "score": found.score,
        "parts": dict(found.parts),
        "reasons": [
            {"code": reason.code, "figures": dict(reason.figures), "sentence": sentence}
            for reason, sentence in told
        ],
        "load": found.load,
        "room": found.room,
    }


def show_preview(found: Preview) -> Iterator[RenderableType]:
    """For people: candidates with their sentences, and whom rules exclude."""
    yield title("Whom matching would try now")
    if found.candidates:
        yield indented(_candidates(found))
    else:
        yield indented(Text("Nobody.", "dim"))
    yield title(f"Whom rules exclude, of {found.mentors:,} mentors")
    yield rules(kept(found.excluded), "Nobody.")


def _candidates(found: Preview) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", no_wrap=True)
    for _ in range(4):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for each in found.candidates:
        table.add_row(
            str(each.place),
            Text(each.mentor, "bold"),
            f"{each.score:.2f}",
            Text(bar(each.score), "cyan"),
            Text(f"carries {each.load}, takes {each.room} more", "dim"),
            Text(each.sentences[0] if each.sentences else ""),
        )
        for sentence in each.sentences[1:]:
            table.add_row("", "", "", "", "", Text(sentence))
    return table
