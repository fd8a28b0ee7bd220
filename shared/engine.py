"""Connections to a store's database, and what its errors mean."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import cast

from sqlalchemy import Connection, Engine, RootTransaction, create_engine, event, make_url
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, SQLAlchemyError

from shared.outcome import StoreRefused, StoreTrouble

_PATIENCE = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""How long libpq waits for a PostgreSQL that has vanished, in seconds and, the last, milliseconds: left to itself
it would wait for hours."""
_WAIT = 30
"""Seconds that a writer waits for SQLite's lock."""
_LOOK = 5
"""Milliseconds of SQLite's own waiting, whose pauses grow, for one who must not miss a gap."""


def make_engine(url: str, *, disposable: bool = False) -> Engine:
    """An engine with our settings: SQLite in WAL mode, every commit on the disk.

    What is `disposable` can be made again: its commits need not be on the disk, only in order.

    The pool has no bound: each partition keeps a connection for as long as it is folded, and what the API asks at
    a time is bounded by its threads.
    """
    if url.startswith("sqlite"):
        engine = create_engine(
            url, pool_size=0, connect_args={"timeout": _WAIT, "check_same_thread": False}
        )
        synchronous = "NORMAL" if disposable else "FULL"
        event.listen(engine, "connect", partial(_tune_sqlite, synchronous))
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    options = {"options": _options(url)} if disposable else {}
    return create_engine(
        url, pool_size=0, pool_pre_ping=True, connect_args={**_PATIENCE, **options}
    )


def _options(url: str) -> str:
    """What the address asks for, and that commits wait for no disk."""
    given = make_url(url).query.get("options", "")
    return f"{given} -csynchronous_commit=off".strip()


@contextmanager
def eager(engine: Engine, patience: float = 60.0) -> Iterator[Connection]:
    """A connection whose transaction has begun, to be committed at the end: for one who writes beside a service.

    SQLite has no queue: between two batches of a busy service its lock is free for less than a millisecond, and
    who looks every tenth of a second, as SQLite's own waiting does, may look for a very long time.

    Args:
        engine: the database.
        patience: seconds to wait for SQLite's lock.

    Raises:
        StoreTrouble: the database does not answer, or its lock was not free in time.
    """
    with trouble(), engine.connect() as connection, _begun(connection, patience):
        yield connection


@contextmanager
def _begun(connection: Connection, patience: float) -> Iterator[None]:
    if connection.dialect.name != "sqlite":
        with connection.begin():
            yield
        return
    raw = cast("sqlite3.Connection", connection.connection.dbapi_connection)
    raw.execute(f"PRAGMA busy_timeout={_LOOK}")
    try:
        with _begin_soon(connection, time.monotonic() + patience):
            yield
    finally:
        raw.execute(f"PRAGMA busy_timeout={_WAIT * 1000}")


def _begin_soon(connection: Connection, deadline: float) -> RootTransaction:
    while True:
        try:
            return connection.begin()
        except OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes the lock when it begins, so that it never fails half-way; a reader takes none."""
    reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _tune_sqlite(synchronous: str, connection: sqlite3.Connection, record: object) -> None:
    del record
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        f"synchronous={synchronous}",
        "foreign_keys=ON",
        "cache_size=-65536",
        "wal_autocheckpoint=4000",
    ):
        connection.execute(f"PRAGMA {pragma}")


@contextmanager
def trouble() -> Iterator[None]:
    """What the database raises is trouble, to be tried again, unless it lies in the values."""
    try:
        yield
    except (DataError, IntegrityError, OverflowError, UnicodeError) as error:
        raise StoreRefused(str(error).splitlines()[0]) from error
    except SQLAlchemyError as error:
        raise StoreTrouble(str(error).splitlines()[0]) from error
