"""A row as people name it: its table, and its key with slashes, such as `cycle spring/c-7f3kq2`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_type_hints

from pydantic_core import PydanticCustomError

from services.cli.output import Failure, read_token
from shared.events.types import read_instant
from shared.outcome import DeadLetter
from shared.service import Service
from shared.world import Clock, Key, Ref, Row, Timer

_LEDGER: Mapping[str, type[Row]] = {"timer": Timer, "clock": Clock, "dead_letter": DeadLetter}

_DIGITS = 19
"""Of a sequence."""


def tables_of(service: Service) -> Mapping[str, type[Row]]:
    """The tables of a service's rows, those of its ledger behind them."""
    own = {str(table.__tablename__): kind for kind, table in service.tables.items()}
    return {**own, **_LEDGER}


def ref_of(service: Service, table: str, key: str, program: str | None) -> Ref:
    """The row that is named.

    Args:
        service: whose.
        table: its name.
        key: the parts of its key, separated by slashes; the program may be left out when it is given.
        program: the program.

    Raises:
        Failure: there is no such table, or its keys have other parts.
    """
    kind = tables_of(service).get(table)
    if kind is None:
        raise Failure(f"{service.name} has no table {table}: use {', '.join(tables_of(service))}")
    parts = key.split("/")
    if program is not None and len(parts) == len(kind.KEY) - 1:
        parts = [program, *parts]
    if len(parts) != len(kind.KEY) or not all(parts):
        raise Failure(f"the key of {table} is {'/'.join(kind.KEY)}, not {key}")
    if program not in {None, parts[0]}:
        raise Failure(f"the key names the program {parts[0]}, --program {program}")
    read_token(parts[0])
    hints = get_type_hints(kind)
    return Ref(
        kind, tuple(_typed(table, *each, hints) for each in zip(kind.KEY, parts, strict=True))
    )


def parts_of(key: Key) -> list[str | int]:
    """The parts of a key as people and programs read them; an instant as RFC 3339 has it, in UTC."""
    return [
        part.isoformat().replace("+00:00", "Z") if isinstance(part, datetime) else part
        for part in key
    ]


def _typed(table: str, name: str, text: str, hints: Mapping[str, Any]) -> str | int | datetime:
    if hints[name] is datetime:
        return _instant(table, name, text)
    if hints[name] is not int:
        return text
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS:
        raise Failure(f"the key of {table}: {name} must be a whole number, not {text}")
    return int(text)


def _instant(table: str, name: str, text: str) -> datetime:
    try:
        return read_instant(text)
    except PydanticCustomError as error:
        raise Failure(f"the key of {table}: {name} {error}, not {text}") from error
