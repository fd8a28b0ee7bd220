"""Columns of the stores that a command does not show unless it is asked to, and what it shows in their place.

They tell of somebody's choice (whom a person prefers, avoids, declined), or hold what only an author and a
reader may know, sealed or revealed to the two of a pair.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COLUMNS: Mapping[tuple[str, str], frozenset[str]] = {
    ("matching", "person"): frozenset({"likes", "never"}),
    ("matching", "cycle"): frozenset({"wishes", "reviews"}),
    ("matching", "mentor"): frozenset({"ratings_sum", "fresh_sum"}),
    ("matching", "ratings"): frozenset({"ratings_sum", "fresh_sum"}),
    ("feedback", "review"): frozenset({"entries", "state"}),
    ("feedback", "note"): frozenset({"sealed"}),
}
HIDDEN = "(confidential)"
WHOLE = "*"
"""Stands for all columns of a row that cannot be read as one."""


def veiled(service: str, table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with its confidential columns hidden; what is empty may be seen to be."""
    hidden = COLUMNS.get((service, table), frozenset())
    hidden |= {WHOLE} if hidden else set()
    return {name: HIDDEN if name in hidden and value else value for name, value in row.items()}
