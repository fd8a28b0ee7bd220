"""How many mentors each rule kept away, as a section of an explanation on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from services.cli.match.telling import Kept
from services.cli.sections import indented


def rules(kept: Sequence[Kept], nobody: str) -> RenderableType:
    """A sentence for each rule, or the words for none."""
    lines = [Text(each.sentence) for each in kept] or [Text(nobody, "dim")]
    return indented(Group(*lines))
