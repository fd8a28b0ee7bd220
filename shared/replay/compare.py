"""What differs between two stores: table by table, row by row, in the order of keys, in one pass without memory.

Both are read under a snapshot, so the service may go on; the digests come from the same pass.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any, Literal

from sqlalchemy import Connection, text

from shared.digest import line_of, plain
from shared.engine import trouble
from shared.rows import TableMap
from shared.store import Store
from shared.transaction import Position, positions_of
from shared.world import Key, Ref, Row

Kind = Literal["changed", "missing", "extra"]
Values = Sequence[Any]
_STREAM = {"stream_results": True}
_AT_ONCE = 2_000
"""Rows fetched at a time."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that two stores do not have alike.

    Attributes:
        table: its name.
        ref: which row.
        kind: `changed`; `missing` in the first store; `extra` in it.
        columns: by name, what the first has and what the second has, as JSON has it; of a changed row those that
            differ, else all, with None on the side where the row is not. A row that cannot be read has the one
            column `*`.
    """

    table: str
    ref: Ref
    kind: Kind
    columns: Mapping[str, tuple[Any, Any]]

    @property
    def key(self) -> Key:
        """The row's key, the program first."""
        return self.ref.key


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A store as it was at one moment, whatever is written meanwhile. Made by `snapshot`.

    Attributes:
        connection: on which it is read.
        maps: how its rows stand in tables.
        positions: how far it was folded.
    """

    connection: Connection
    maps: Mapping[type[Row], TableMap]
    positions: Mapping[int, Position]

    def values(self, kind: type[Row], program: str | None = None) -> Iterator[Values]:
        """Rows of a kind as the driver gives them, by key."""
        table = self.maps[kind]
        sql = table.select_all if program is None else table.select_program
        with trouble():
            values = () if program is None else (program,)
            cursor = self.connection.exec_driver_sql(sql, values, execution_options=_STREAM)
            while some := cursor.fetchmany(_AT_ONCE):
                yield from some

    def digest(self, program: str | None = None) -> str:
        """As `Store.digest`, or of one program's rows alone."""
        total = hashlib.sha256()
        for kind in _in_order(self.maps):
            for values in self.values(kind, program):
                total.update(_Read.of(kind, self.maps[kind], values).line)
        return total.hexdigest()


@contextmanager
def snapshot(store: Store) -> Iterator[Snapshot]:
    """Read a store as it is now. On PostgreSQL an exchange waits until this ends.

    Raises:
        StoreTrouble: the database does not answer.
    """
    options: dict[str, Any] = {"reads": True}
    if store.engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    with trouble(), store.engine.connect().execution_options(**options) as connection:
        if store.engine.dialect.name == "postgresql":
            # Before the snapshot: tables that an exchange brings later would hold rows that it sees.
            names = ", ".join(f'"{name}"' for name in sorted(store.metadata.tables))
            connection.execute(text(f"LOCK TABLE {names} IN ACCESS SHARE MODE"))
        yield Snapshot(connection, store.maps, positions_of(connection))


class Comparison:
    """Two snapshots side by side: iterate over it once for the differences; the digests stand when it is done.

    Args:
        live: the first store, such as the live one.
        other: the second, such as what the log says.
        program: compare only this one's rows.

    Attributes:
        rows: how many rows were looked at.
        found: how many differences there were, by table and kind.
    """

    def __init__(self, live: Snapshot, other: Snapshot, program: str | None = None) -> None:
        self.rows = 0
        self.found: dict[str, dict[str, int]] = {}
        self._live, self._other, self._program = live, other, program
        self._digests = hashlib.sha256(), hashlib.sha256()
        self._alike = live.connection.dialect.name == other.connection.dialect.name

    def __iter__(self) -> Iterator[Difference]:
        """Differences by table and key.

        Raises:
            StoreTrouble: a database does not answer.
        """
        for kind in _in_order(self._live.maps):
            yield from self._of(kind)

    @property
    def digest_live(self) -> str:
        """Of the rows of the first store that were passed."""
        return self._digests[0].hexdigest()

    @property
    def digest_other(self) -> str:
        """Of the rows of the second."""
        return self._digests[1].hexdigest()

    def _of(self, kind: type[Row]) -> Iterator[Difference]:
        table = self._live.maps[kind]
        left = self._live.values(kind, self._program)
        right = self._other.values(kind, self._program)
        for mine, theirs in _pairs(left, right, table):
            self.rows += 1
            if mine is not None and theirs is not None and self._alike and mine == theirs:
                self._pass(kind, mine)
            elif difference := self._differ(kind, mine, theirs):
                of_table = self.found.setdefault(table.name, {})
                of_table[difference.kind] = of_table.get(difference.kind, 0) + 1
                yield difference

    def _pass(self, kind: type[Row], values: Values) -> None:
        """Both have the same."""
        line = _Read.of(kind, self._live.maps[kind], values).line
        for digest in self._digests:
            digest.update(line)

    def _differ(
        self, kind: type[Row], mine: Values | None, theirs: Values | None
    ) -> Difference | None:
        table = self._live.maps[kind]
        before = None if mine is None else _Read.of(kind, table, mine)
        after = None if theirs is None else _Read.of(kind, self._other.maps[kind], theirs)
        for read, digest in zip((before, after), self._digests, strict=True):
            digest.update(read.line if read else b"")
        if before and after and before.line == after.line:
            return None
        key = self._key_of(kind, mine, theirs)
        return Difference(
            table.name, Ref(kind, key), _kind(mine, theirs), _columns(kind, before, after)
        )

    def _key_of(self, kind: type[Row], mine: Values | None, theirs: Values | None) -> Key:
        store = self._other if mine is None else self._live
        values, table = mine or theirs or (), store.maps[kind]
        try:
            return table.key_of(values)
        except (ValueError, TypeError):
            return table.order_of(values)


@dataclass(frozen=True, slots=True)
class _Read:
    """A row as JSON has it, and its line of a digest."""

    plain: Mapping[str, Any]
    line: bytes

    @classmethod
    def of(cls, kind: type[Row], table: TableMap, values: Values) -> _Read:
        """The row, or what stands in its place where somebody has written what is none."""
        try:
            found = plain(table.rows([values])[0])
        except Exception:  # noqa: BLE001 - whatever a decoder raises on what stands there
            words = f"cannot be read: {tuple(values)}"
            return cls({"*": words}, words.encode())
        return cls(found, line_of(kind, found))


def _pairs(
    left: Iterator[Values], right: Iterator[Values], table: TableMap
) -> Iterator[tuple[Values | None, Values | None]]:
    """Rows of equal keys together, others alone: both sides come in the order of their keys."""
    mine, theirs = next(left, None), next(right, None)
    while mine is not None or theirs is not None:
        order = _order(mine, theirs, table)
        yield (mine if order <= 0 else None), (theirs if order >= 0 else None)
        if order <= 0:
            mine = next(left, None)
        if order >= 0:
            theirs = next(right, None)


def _order(mine: Values | None, theirs: Values | None, table: TableMap) -> int:
    if mine is None or theirs is None:
        return 1 if mine is None else -1
    first, second = table.order_of(mine), table.order_of(theirs)
    return (first > second) - (first < second)


def _kind(mine: Values | None, theirs: Values | None) -> Kind:
    if mine is None:
        return "missing"
    return "extra" if theirs is None else "changed"


def _columns(
    kind: type[Row], before: _Read | None, after: _Read | None
) -> dict[str, tuple[Any, Any]]:
    left, right = (read.plain if read else {} for read in (before, after))
    names = [each.name for each in fields(kind)]  # type: ignore[arg-type]
    pairs = {
        name: (left.get(name), right.get(name))
        for name in (*names, "*")
        if name in left or name in right
    }
    if before is None or after is None:
        return pairs
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _in_order(maps: Mapping[type[Row], TableMap]) -> list[type[Row]]:
    return sorted(maps, key=lambda kind: kind.__name__)
