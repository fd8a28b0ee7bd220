"""Sections of an answer for people."""

from __future__ import annotations

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text


def title(words: str) -> Text:
    """Of a section."""
    return Text(f"\n{words}", "bold")


def indented(shown: RenderableType) -> Padding:
    """A section's body."""
    return Padding(shown, (0, 0, 0, 2), expand=False)
