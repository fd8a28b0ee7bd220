"""How SQLite exchanges a store's contents: rows are copied, under the one lock of the file.

Readers go on with what they have; who begins afterwards sees everything new. The copy of the store as it was is
whole and on the disk before the transaction that replaces it is committed.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import cast

from sqlalchemy import Connection

from shared.engine import eager
from shared.replay.beside import Beside, beside
from shared.store import Store


@contextmanager
def held(live: Store, tables: list[str], patience: float) -> Iterator[Connection]:
    """A connection that holds the file's lock; readers go on."""
    del tables
    with eager(live.engine, patience) as connection:
        connection.detach()  # what is attached to it ends with it
        yield connection


class Way:
    """Exchanges contents on a connection that holds the lock."""

    def __init__(self, live: Store, connection: Connection) -> None:
        self._live = live
        self._connection = connection

    def keep(self) -> None:
        """Copy the store as it is; the copy has its name when it is whole."""
        place = beside(self._live, "before")
        place.drop()
        path, part = Path(place.name), Path(f"{place.name}.part")
        part.unlink(missing_ok=True)
        with closing(sqlite3.connect(self._live.engine.url.database or "")) as other:
            other.execute("VACUUM INTO ?", (str(part),))
        _sync(part)
        part.rename(path)
        _sync(path.parent)

    def take(self, other: Beside, tables: list[str]) -> None:
        """Take over all rows of another store."""
        self._attach(other)
        for name in tables:
            self._run(f'DELETE FROM main."{name}"')  # noqa: S608 - our own names
            columns = self._columns(name)
            self._run(f'INSERT INTO main."{name}" SELECT {columns} FROM other."{name}"')  # noqa: S608 - our own names

    def take_program(self, other: Beside, tables: list[str], rows: list[str], program: str) -> None:
        """Take over the rows of one program."""
        del tables
        self._attach(other)
        for name in rows:
            self._run(f'DELETE FROM main."{name}" WHERE program = ?', program)  # noqa: S608 - our own names
            columns = self._columns(name)
            self._run(
                f'INSERT INTO main."{name}" SELECT {columns} FROM other."{name}" WHERE program = ?',  # noqa: S608 - our own names
                program,
            )

    def _attach(self, other: Beside) -> None:
        self._run("ATTACH DATABASE ? AS other", other.name)

    def _columns(self, name: str) -> str:
        """`*` where columns stand in the same order: then SQLite copies whole pages, not values."""
        mine, others = self._names("main", name), self._names("other", name)
        return "*" if mine == others else ", ".join(f'"{each}"' for each in mine)

    def _names(self, schema: str, table: str) -> list[str]:
        found = self._connection.exec_driver_sql(f'PRAGMA {schema}.table_info("{table}")')
        return [cast("str", row[1]) for row in found]

    def _run(self, sql: str, *values: str) -> None:
        self._connection.exec_driver_sql(sql, values)


def _sync(path: Path) -> None:
    """Wait until a file, or a folder's entries, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
