"""How rows stand in tables: SQL in the driver's own style, and values as the driver wants them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, get_type_hints

from pydantic import TypeAdapter
from sqlalchemy import Dialect, Engine, Float, String, Table
from sqlalchemy.types import TypeDecorator

from shared.outcome import StoreRefused
from shared.tables import Instant, Json
from shared.world import Key, Row


class TableMap:
    """How rows of one kind stand in one table: SQL in the driver's own style, values encoded by column."""

    def __init__(self, kind: type[Row], table: Table, engine: Engine) -> None:
        dialect = engine.dialect
        self.mark = "?" if dialect.paramstyle == "qmark" else "%s"
        self._is_sqlite = dialect.name == "sqlite"
        self.name = str(table.name)  # SQLAlchemy has a kind of its own
        self._kind = kind
        hints = get_type_hints(kind)
        self._names = tuple(each.name for each in fields(kind))  # type: ignore[arg-type]
        self._encoders = {name: _encoder(table, name, hints[name], dialect) for name in self._names}
        self._encoded = [
            (at, encode) for at, name in enumerate(self._names) if (encode := self._encoders[name])
        ]
        self._values: Callable[[Row], tuple[Any, ...]] = attrgetter(*self._names)
        self._decoders = [_decoder(table, name, hints[name], dialect) for name in self._names]
        quote = dialect.identifier_preparer.quote
        self._quoted = {name: quote(name) for name in self._names}
        self._from = f"FROM {quote(table.name)}"
        self.columns = ", ".join(self._quoted.values())
        self.quoted = quote(table.name)
        self._key = tuple(self._quoted[name] for name in kind.KEY)
        self._plain_key = kind.KEY
        self._wheres: dict[tuple[str, ...], str] = {}
        self._loads: dict[int, str] = {}
        order = ", ".join(_order(table, name, quote(name), dialect) for name in kind.KEY)
        self.select_all = f"SELECT {self.columns} {self._from} ORDER BY {order}"
        program = quote("program")
        self.select_program = (
            f"SELECT {self.columns} {self._from} WHERE {program} = {self.mark} ORDER BY {order}"
        )
        self._key_places = tuple(self._names.index(name) for name in kind.KEY)
        self.conflict = self._conflict()
        marks = ", ".join([self.mark] * len(self._names))
        self.upsert = (
            f"INSERT INTO {self.quoted} ({self.columns}) VALUES ({marks}) "  # noqa: S608 - names only
            f"ON CONFLICT {self.conflict}"
        )
        self._key_encoded = [
            (at, encode) for at, name in enumerate(kind.KEY) if (encode := self._encoders[name])
        ]
        self._key_instants = [
            at for at, name in enumerate(kind.KEY) if isinstance(table.c[name].type, Instant)
        ]
        match = " AND ".join(f"{name} = {self.mark}" for name in self._key)
        self.delete = f"DELETE {self._from} WHERE {match}"

    def rows(self, found: Iterable[Sequence[Any]]) -> list[Any]:
        """Rows from what the driver gave."""
        kind, decoders = self._kind, self._decoders
        return [
            kind(
                *[
                    decode(value) if decode else value
                    for decode, value in zip(decoders, row, strict=True)
                ]
            )
            for row in found
        ]

    def key_of(self, values: Sequence[Any]) -> Key:
        """The key of a row that the driver gave.

        Raises:
            ValueError, TypeError: somebody has written what is no instant in the place of one.
        """
        pairs = [(values[place], self._decoders[place]) for place in self._key_places]
        return tuple([decode(value) if decode else value for value, decode in pairs])

    def order_of(self, values: Sequence[Any]) -> Key:
        """What rows are sorted by, the same on every database: instants as SQLite has them, whatever stands there."""
        key = [values[place] for place in self._key_places]
        for at in self._key_instants:
            value = key[at]
            key[at] = _instant_text(value) if isinstance(value, datetime) else str(value)
        return tuple(key)

    def encode(self, row: Row) -> tuple[Any, ...]:
        """A row as the driver wants it."""
        values = [*self._values(row)]
        for at, encode in self._encoded:
            values[at] = encode(values[at])
        return tuple(values)

    def encode_key(self, key: Key) -> tuple[Any, ...]:
        """A key as the driver wants it: instants may be part of one."""
        if not self._key_encoded:
            return key
        values = [*key]
        for at, encode in self._key_encoded:
            values[at] = encode(values[at])
        return tuple(values)

    def encode_field(self, name: str, value: object) -> object:
        """One value as the driver wants it."""
        encode = self._encoders[name]
        return encode(value) if encode else value

    def select_keys(self, count: int) -> str:
        """Rows by `count` keys."""
        if count not in self._loads:
            one = ", ".join([self.mark] * len(self._key))
            several = len(self._key) > 1
            values = ", ".join([f"({one})" if several else one] * count)
            self._loads[count] = self._by_keys(f"VALUES {values}" if several else values)
        return self._loads[count]

    def _by_keys(self, values: str) -> str:
        if self._is_sqlite and len(self._key) > 1:
            # It would read the whole table for `IN (VALUES …)`: so each key is looked up, in this order.
            same = " AND ".join(
                f"{self.quoted}.{name} = wanted.column{at}" for at, name in enumerate(self._key, 1)
            )
            return f"SELECT {self.columns} FROM ({values}) AS wanted CROSS JOIN {self.quoted} ON {same}"  # noqa: S608 - names only
        key = ", ".join(self._key)
        return f"SELECT {self.columns} {self._from} WHERE ({key}) IN ({values})"

    def select_where(self, names: tuple[str, ...]) -> str:
        """Rows by the values of some fields."""
        if names not in self._wheres:
            match = " AND ".join(f"{self._quoted[name]} = {self.mark}" for name in names)
            self._wheres[names] = f"SELECT {self.columns} {self._from} WHERE {match}"
        return self._wheres[names]

    def _conflict(self) -> str:
        rest = [self._quoted[name] for name in self._names if name not in self._plain_key]
        sets = ", ".join(f"{name} = excluded.{name}" for name in rest)
        action = f"DO UPDATE SET {sets}" if sets else "DO NOTHING"
        return f"({', '.join(self._key)}) {action}"


def encoded(table: TableMap, rows: Iterable[Row]) -> list[tuple[Any, ...]]:
    """Rows as the driver wants them.

    Raises:
        StoreRefused: a value that the table cannot hold.
    """
    try:
        return [table.encode(row) for row in rows]
    except Exception as error:
        raise StoreRefused(f"{table.name} cannot hold a row: {type(error).__name__}") from error


def _order(table: Table, name: str, quoted: str, dialect: Dialect) -> str:
    """Text in the order of its bytes, whatever the database's locale."""
    kind = table.c[name].type
    plain = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    is_text = isinstance(plain, String) and dialect.name == "postgresql"
    return f'{quoted} COLLATE "C"' if is_text else quoted


def _encoder(
    table: Table, name: str, hint: type[Any], dialect: Dialect
) -> Callable[[Any], Any] | None:
    kind = table.c[name].type
    if isinstance(kind, Json):
        adapter: TypeAdapter[Any] = TypeAdapter(hint)
        return lambda value: adapter.dump_json(value).decode()
    if isinstance(kind, Float):
        return _positive_zero
    if isinstance(kind, Instant) and dialect.name == "sqlite":
        return _instant_text
    processor: Callable[[Any], Any] | None = kind.dialect_impl(dialect).bind_processor(dialect)
    return processor


def _instant_text(value: datetime | None) -> str | None:
    """As SQLAlchemy has SQLite keep an instant, in an eighth of its time."""
    if value is None:
        return None
    utc = value if value.tzinfo is UTC else value.astimezone(UTC)
    return utc.replace(tzinfo=None).isoformat(" ", "microseconds")


def _positive_zero(value: float | None) -> float | None:
    """SQLite has no negative zero and PostgreSQL has: digests would differ."""
    return None if value is None else value + 0.0


def _decoder(
    table: Table, name: str, hint: type[Any], dialect: Dialect
) -> Callable[[Any], Any] | None:
    kind = table.c[name].type
    if isinstance(kind, Json):
        return TypeAdapter(hint).validate_json
    if isinstance(kind, Float):
        return None  # the drivers give floats; SQLAlchemy's processor asks psycopg for a column's type number
    processor: Callable[[Any], Any] | None = kind.dialect_impl(dialect).result_processor(
        dialect, None
    )
    return processor
