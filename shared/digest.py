"""Rows as lines of JSON, the same whatever database they were in, and the digest over them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from pydantic import TypeAdapter

from shared.world import Row


def digest(rows: Iterable[Row]) -> str:
    """SHA-256 over rows, canonically encoded, in the order given (table name, then key)."""
    total = hashlib.sha256()
    for row in rows:
        total.update(canonical(row))
    return total.hexdigest()


def canonical(row: Row) -> bytes:
    """A row as a line of JSON, the same whatever database it was in."""
    return line_of(type(row), plain(row))


def plain(row: Row) -> dict[str, Any]:
    """The fields of a row as JSON has them."""
    found: dict[str, Any] = _adapter(type(row)).dump_python(row, mode="json")
    return found


def line_of(kind: type[Row], fields: Mapping[str, Any]) -> bytes:
    """The line of a row with these fields."""
    return orjson.dumps(
        [kind.__name__, fields], option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    )


_ADAPTERS: dict[type[Row], TypeAdapter[Any]] = {}


def _adapter(kind: type[Row]) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]
