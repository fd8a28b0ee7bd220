"""How PostgreSQL exchanges a store's contents: tables change their schema, which takes no time at any size."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection, RootTransaction, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import CreateSchema, DropSchema

from shared.engine import trouble
from shared.replay.beside import Beside, beside, schema_of
from shared.store import Store

_WAIT = 500
"""Milliseconds that one try waits for a lock: less than PostgreSQL's deadlock_timeout, so that a batch that holds
what is wanted, and wants what is held, is not the one that is ended."""
_TAKEN = frozenset({"55P03", "40P01"})
"""lock_not_available and deadlock_detected (PostgreSQL, appendix A)."""


@contextmanager
def held(live: Store, tables: list[str], patience: float) -> Iterator[Connection]:
    """A connection that holds all tables: who reads or writes waits, so that nobody sees half of it."""
    deadline = time.monotonic() + patience
    with trouble(), live.engine.connect() as connection:
        transaction = None
        while transaction is None:
            transaction = _lock(connection, tables, last=time.monotonic() > deadline)
        with transaction:
            yield connection


def _lock(connection: Connection, tables: list[str], *, last: bool) -> RootTransaction | None:
    """Lock the tables in their order; all or, unless it was the last try, none."""
    transaction = connection.begin()
    try:
        connection.execute(text(f"SET LOCAL lock_timeout = {_WAIT}"))
        for name in tables:
            connection.execute(text(f'LOCK TABLE "{name}" IN ACCESS EXCLUSIVE MODE'))
    except OperationalError as error:
        transaction.rollback()
        if last or getattr(error.orig, "sqlstate", None) not in _TAKEN:
            raise
        time.sleep(random.uniform(0.01, 0.1))  # noqa: S311 - only not in step with others
        return None
    return transaction


class Way:
    """Exchanges contents on a connection that holds the tables."""

    def __init__(self, live: Store, connection: Connection) -> None:
        self._live = live
        self._connection = connection
        self._schema = schema_of(live)
        self._before = beside(live, "before").name

    def keep(self) -> None:
        """Make the schema for the store as it was."""
        self._connection.execute(DropSchema(self._before, cascade=True, if_exists=True))
        self._connection.execute(CreateSchema(self._before))

    def take(self, other: Beside, tables: list[str]) -> None:
        """Take over all tables of another schema. Those of before are kept, unless it is these that come back."""
        back = other.name == self._before
        for name in tables:
            if back:
                self._run(f"DROP TABLE {self._name(self._schema, name)}")
            else:
                self._move(name, self._schema, self._before)
            self._move(name, other.name, self._schema)
        if back:
            self._connection.execute(DropSchema(self._before, cascade=True))

    def take_program(self, other: Beside, tables: list[str], rows: list[str], program: str) -> None:
        """Take over the rows of one program. All are copied first: an undo goes back to one position."""
        for name in tables:
            live, before = self._name(self._schema, name), self._name(self._before, name)
            self._run(f"CREATE TABLE {before} (LIKE {live} INCLUDING ALL)")
            self._run(f"INSERT INTO {before} SELECT * FROM {live}")  # noqa: S608 - our own names
        for name in rows:
            self._take_rows(name, other, program)

    def _take_rows(self, name: str, other: Beside, program: str) -> None:
        live, rebuilt = self._name(self._schema, name), self._name(other.name, name)
        columns = ", ".join(map(self._quote, self._live.metadata.tables[name].columns.keys()))
        where, values = "WHERE program = :program", {"program": program}
        self._run(f"DELETE FROM {live} {where}", values)  # noqa: S608 - our own names
        self._run(
            f"INSERT INTO {live} ({columns}) SELECT {columns} FROM {rebuilt} {where}",  # noqa: S608 - our own names
            values,
        )

    def _move(self, name: str, source: str, target: str) -> None:
        self._run(f"ALTER TABLE {self._name(source, name)} SET SCHEMA {self._quote(target)}")

    def _name(self, schema: str, table: str) -> str:
        return f"{self._quote(schema)}.{self._quote(table)}"

    def _quote(self, name: str) -> str:
        return self._live.engine.dialect.identifier_preparer.quote(name)

    def _run(self, sql: str, values: Mapping[str, str] | None = None) -> None:
        self._connection.execute(text(sql), values)
