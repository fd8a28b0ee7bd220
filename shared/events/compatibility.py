"""The gate for frozen schemas: within a major, a new optional field is all that may change.

A default that is an object may gain members, since its type may: what it said before it says still.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

ANNOTATIONS = frozenset({"$comment", "description", "examples", "title"})
"""Keywords that say nothing about which events are valid."""
NAMED = frozenset({"$defs", "properties"})
"""Keywords whose keys are names, and may grow."""
LITERAL = frozenset({"const", "enum"})
"""Keywords whose value is data, not a schema, and may not change."""


def breaks(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return what `new` removes, narrows, widens or gives another meaning, as JSON Pointers with a word why.

    Empty when every reader of `old` can read what a writer of `new` says, and the other way round.
    """
    return list(_keywords(old, new, ""))


def _keywords(old: Mapping[str, Any], new: Mapping[str, Any], at: str) -> Iterator[str]:
    for keyword in sorted((old.keys() | new.keys()) - ANNOTATIONS):
        yield from _keyword(keyword, old.get(keyword), new.get(keyword), f"{at}/{keyword}")


def _keyword(keyword: str, old: Any, new: Any, at: str) -> Iterator[str]:  # noqa: ANN401  any JSON value
    if keyword in NAMED:
        yield from _names(old or {}, new or {}, at)
    elif keyword == "required":
        yield from _required(old or [], new or [], at)
    elif keyword == "default":
        yield from _default(old, new, at)
    elif keyword in LITERAL:
        yield from _differ(old, new, at)
    else:
        yield from _values(old, new, at)


def _names(old: Mapping[str, Any], new: Mapping[str, Any], at: str) -> Iterator[str]:
    yield from (f"{at}/{name} is removed" for name in sorted(old.keys() - new.keys()))
    for name in sorted(old.keys() & new.keys()):
        yield from _values(old[name], new[name], f"{at}/{name}")


def _required(old: list[str], new: list[str], at: str) -> Iterator[str]:
    yield from (f"{at}: {name} becomes required" for name in sorted({*new} - {*old}))
    yield from (f"{at}: {name} is no longer required" for name in sorted({*old} - {*new}))


def _values(old: Any, new: Any, at: str) -> Iterator[str]:  # noqa: ANN401  any JSON value
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _keywords(old, new, at)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _values(before, after, f"{at}/{index}")
    else:
        yield from _differ(old, new, at)


def _default(old: Any, new: Any, at: str) -> Iterator[str]:  # noqa: ANN401  any JSON value
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from (f"{at}/{name} is removed" for name in sorted(old.keys() - new.keys()))
        for name in sorted(old.keys() & new.keys()):
            yield from _default(old[name], new[name], f"{at}/{name}")
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _default(before, after, f"{at}/{index}")
    else:
        yield from _differ(old, new, at)


def _differ(old: object, new: object, at: str) -> Iterator[str]:
    if old != new or type(old) is not type(new):
        yield f"{at} changes"
