"""Sections of an answer for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

_GAP, _INDENT = 2, 2


def title(words: str) -> Text:
    """Of a section."""
    return Text(f"\n{words}", "bold")


def indented(shown: RenderableType) -> Padding:
    """A section's body."""
    return Padding(shown, (0, 0, 0, _INDENT), expand=False)


def columns(
    titles: Sequence[str], rows: Sequence[Sequence[str | Text]], width: int
) -> Table | None:
    """A table in which no cell is folded; None where the terminal is too narrow for it."""
    cells = [[title, *(str(row[n]) for row in rows)] for n, title in enumerate(titles)]
    if sum(max(map(cell_len, column)) + _GAP for column in cells) - _GAP > width - _INDENT:
        return None
    table = Table(*titles, box=None, padding=(0, _GAP, 0, 0), pad_edge=False)
    for row in rows:
        table.add_row(*row)
    return table
