"""Columns of the stores that a command does not show unless it is asked to, and what it shows in their place.

They tell of somebody's choice (whom a person prefers, avoids, declined; who is willing to mentor), of ratings that
two have given each other, or hold what only an author and a reader may know, sealed or revealed to the two of a pair.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COLUMNS: Mapping[tuple[str, str], frozenset[str]] = {
    ("matching", "person"): frozenset({"likes", "never"}),
    ("matching", "cycle"): frozenset({"wishes", "reviews"}),
    ("matching", "mentor"): frozenset({"ratings_sum", "fresh_sum"}),
    ("matching", "ratings"): frozenset({"ratings_sum", "fresh_sum"}),
    ("feedback", "person"): frozenset({"willing"}),
    ("feedback", "cycle"): frozenset(
        {
            "state.watch.opinions",
            "state.watch.flags",
            "state.totals",
            "state.summary.satisfaction",
        }
    ),
    ("feedback", "review"): frozenset({"entries", "state", "late"}),
    ("feedback", "note"): frozenset({"sealed"}),
}
"""Of a column that holds more than one thing, the members that are hidden, as `column.member`."""
HIDDEN = "(confidential)"
WHOLE = "*"
"""Stands for all columns of a row that cannot be read as one."""


def veiled(service: str, table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with its confidential columns hidden; what is empty may be seen to be, but never a no."""
    hidden = COLUMNS.get((service, table), frozenset())
    return _veiled(row, hidden | {WHOLE} if hidden else hidden)


def _veiled(values: Mapping[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    return {name: _shown(value, _within(hidden, name)) for name, value in values.items()}


def _shown(value: Any, hidden: frozenset[str]) -> Any:  # noqa: ANN401 - a column may hold anything
    """A value of which these members are hidden; the empty name stands for all of it."""
    if "" in hidden:
        return HIDDEN if value or value is False else value
    return _veiled(value, hidden) if hidden and isinstance(value, Mapping) else value


def _within(hidden: frozenset[str], name: str) -> frozenset[str]:
    """What is hidden of the value of this name."""
    paths = (path.partition(".") for path in hidden)
    return frozenset(rest for first, _, rest in paths if first == name)
