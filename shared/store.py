"""A service's store: rows in its own database, read and written in bulk, one transaction per batch.

The batch path sends SQL that is written once per table and encodes rows itself: measured, the ORM's unit of
work does 1,000 to 2,000 rows a second, this 25,000 to 50,000. Queries for people may use the ORM.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection, MetaData, event, inspect
from sqlmodel import SQLModel

from shared.digest import digest
from shared.engine import make_engine, trouble
from shared.outcome import StoreTrouble
from shared.rows import TableMap
from shared.tables import ledger_tables, table_of
from shared.transaction import Transaction
from shared.world import Row

T = TypeVar("T")


class Store:
    """The database of one service.

    Args:
        tables: the table of each of its row kinds.
        url: a SQLAlchemy URL, `sqlite:///file` or `postgresql+psycopg://…`.
        disposable: it can be made again, so that commits need not wait for the disk.
    """

    def __init__(
        self,
        tables: Mapping[type[Row], type[SQLModel]],
        url: str,
        *,
        disposable: bool = False,
    ) -> None:
        self.url = url
        self.tables = tables
        self.metadata: MetaData = metadata_of(tables)
        self.engine = make_engine(url, disposable=disposable)
        self._file = _file_of(self.engine.url)
        self._identity: tuple[int, int] | None = None
        event.listen(self.engine, "connect", self._remember_file)
        own = {kind: table_of(model) for kind, model in tables.items()}
        self.maps: dict[type[Row], TableMap] = {
            kind: TableMap(kind, table, self.engine)
            for kind, table in {**own, **ledger_tables(self.metadata)}.items()
        }

    def create_all(self) -> None:
        """Make the tables without a migration history: for tests and scratch stores."""
        self.metadata.create_all(self.engine)

    def connect(self) -> Transaction:
        """A connection for one thread, to run transactions on."""
        with trouble():
            return Transaction(self.engine.connect(), self.maps)

    def read(self, query: Callable[[Connection], T]) -> T:
        """Run a query on a connection of its own; nothing it does is kept."""
        with trouble(), self.engine.connect().execution_options(reads=True) as connection:
            return query(connection)

    def digest(self) -> str:
        """SHA-256 over all rows, in the order of tables and keys, canonically encoded.

        Position, fingerprints, locks and the key ring are no part of it.
        """
        transaction = self.connect()
        try:
            return digest(transaction.everything())
        finally:
            transaction.close()

    def strange_tables(self) -> list[str]:
        """Tables that are not there, or lack columns of ours: another service's have the same names."""
        with trouble(), self.engine.connect().execution_options(reads=True) as connection:
            inspector = inspect(connection)
            there = set(inspector.get_table_names())
            return [
                name
                for name, table in sorted(self.metadata.tables.items())
                if name not in there
                or not {column["name"] for column in inspector.get_columns(name)}
                >= {column.name for column in table.columns}
            ]

    def check_file(self) -> None:
        """Whether a SQLite store is still the file that was opened first: a removed one is written without a trace.

        Raises:
            StoreTrouble: it was removed, or another one is in its place.
        """
        if self._file is None or self._identity is None:
            return
        found = _identity(self._file)
        if found != self._identity:
            what = "is gone" if found is None else "was replaced by another file"
            raise StoreTrouble(
                f"the store {self._file} {what} while the service runs: put it back, or start the service again, "
                "which works on what is there then, and folds a new store from the log"
            )

    def _remember_file(self, *_: object) -> None:
        if self._file is not None and self._identity is None:
            self._identity = _identity(self._file)

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _file_of(url: URL) -> Path | None:
    """A SQLite store's file; None of one in memory or on a server."""
    is_file = url.drivername.startswith("sqlite") and url.database not in {None, "", ":memory:"}
    return Path(str(url.database)) if is_file else None


def _identity(file: Path) -> tuple[int, int] | None:
    """What tells a file from another one of the same name; None when there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def metadata_of(tables: Mapping[type[Row], type[SQLModel]]) -> MetaData:
    """The metadata that a service's tables share."""
    metadata: MetaData = next(iter(tables.values())).metadata
    return metadata
