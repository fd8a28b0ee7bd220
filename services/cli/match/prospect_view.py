"""What a waiting request may hope for, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from services.cli.brief import instant
from services.cli.match.prospect import Prospect


def plain_prospect(told: Prospect) -> dict[str, Any]:
    """For programs."""
    return asdict(told)


def show_prospect(told: Prospect) -> Iterator[RenderableType]:
    """For people: when it is looked at again."""
    yield Text("\nWhat comes next", "bold")
    for words in _next(told):
        yield Padding(Text(words), (0, 0, 0, 2), expand=False)


def _next(told: Prospect) -> Iterator[str]:
    yield f"It is number {told.place} of the {told.waiting} that wait."
    if told.next_round is not None:
        yield f"The next round is on {instant(told.next_round)} UTC."
    elif told.enough is not None:
        yield f"A round begins once {told.enough} wait."
    else:
        yield "It is looked at again as soon as something in the pool changes."
    yield f"Unless a mentor is found, it is given up on {instant(told.expires_at)} UTC."
