"""Sections of an explanation on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from services.cli.match.telling import Kept


def title(words: str) -> Text:
    """Of a section."""
    return Text(f"\n{words}", "bold")


def indented(shown: RenderableType) -> Padding:
    """A section's body."""
    return Padding(shown, (0, 0, 0, 2), expand=False)


def rules(kept: Sequence[Kept], nobody: str) -> RenderableType:
    """A sentence for each rule, or the words for none."""
    lines = [Text(each.sentence) for each in kept] or [Text(nobody, "dim")]
    return indented(Group(*lines))
