"""Sections of an answer: tables that fit, or none."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from services.cli.sections import columns, indented

ROWS: list[list[str | Text]] = [["1", Text("twelve signs")], ["2", Text("few")]]
WIDTH = 2 + 6 + 2 + 12
"""The indent, a column, the gap, and the other."""


def test_a_table_that_just_fits_is_shown_without_folding_a_cell() -> None:
    table = columns(["number", "what"], ROWS, WIDTH)
    assert table is not None
    console = Console(width=WIDTH)
    with console.capture() as capture:
        console.print(indented(table))

    assert [line.strip() for line in capture.get().splitlines()] == [
        "number  what",
        "1       twelve signs",
        "2       few",
    ]


def test_a_table_that_is_a_column_too_wide_is_none() -> None:
    assert columns(["number", "what"], ROWS, WIDTH - 1) is None
