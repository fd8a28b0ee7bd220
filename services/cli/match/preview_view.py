"""Whom matching would try for a request, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from services.cli.match.plot import bar
from services.cli.match.sections import rules
from services.cli.match.telling import kept
from services.cli.sections import indented, title
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
    one = found.mentors == 1
    yield title(f"Whom rules exclude, of {found.mentors:,} mentor{'' if one else 's'}")
    yield rules(kept(found.excluded), "Nobody.")


def _candidates(found: Preview) -> RenderableType:
    widest = max(len(each.mentor) for each in found.candidates)
    return Group(*(part for each in found.candidates for part in _candidate(each, widest)))


def _candidate(found: Candidate, widest: int) -> Iterator[RenderableType]:
    """A line with the score, and below it a sentence for each part that speaks for the mentor."""
    yield Text.assemble(
        f"{found.place:>2}  ",
        (f"{found.mentor:<{widest}}", "bold"),
        f"  {found.score:.2f}  ",
        (bar(found.score), "cyan"),
        (f"  carries {found.load}, takes {found.room} more", "dim"),
    )
    for sentence in found.sentences:
        yield Padding(Text(sentence), (0, 0, 0, 4), expand=False)
