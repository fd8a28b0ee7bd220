"""What a waiting request may hope for, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from services.cli.brief import instant
from services.cli.match.preview_view import plain_preview, show_preview
from services.cli.match.prospect import Prospect
from services.cli.sections import indented, title

_NOBODY: dict[str, Any] = {"rules": None, "mentors": None, "candidates": [], "excluded": []}
"""Of a preview that looks at nobody: the same names as of one that does."""


def plain_prospect(told: Prospect) -> dict[str, Any]:
    """For programs."""
    return {
        "place": told.place,
        "waiting": told.waiting,
        "next_round": told.next_round,
        "enough": told.enough,
        "expires_at": told.expires_at,
        "held": told.held,
        **(plain_preview(told.preview) if told.preview else _NOBODY),
    }


def show_prospect(told: Prospect) -> Iterator[RenderableType]:
    """For people: when it is looked at again, and whom matching would try now."""
    yield title("What comes next")
    for words in _next(told):
        yield indented(Text(words))
    if told.preview is not None:
        yield from show_preview(told.preview)


def _next(told: Prospect) -> Iterator[str]:
    alone = told.waiting == 1
    yield (
        "No other waits."
        if alone
        else f"It is number {told.place} of the {told.waiting} that wait."
    )
    if told.held:
        yield "A parked event holds it until an operator has seen to that: mentoring dead list matching"
        return
    if told.next_round is not None:
        yield f"The next round is on {instant(told.next_round)} UTC."
    elif told.enough is not None:
        yield f"A round begins once {told.enough} wait."
    else:
        yield "It is looked at again as soon as something in the pool changes."
    yield f"Unless a mentor is found, it is given up on {instant(told.expires_at)} UTC."
