"""The key ring's tables, and connections to its database that leave no traces."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from sqlalchemy import URL, Connection, Engine, LargeBinary, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError, SQLAlchemyError
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from services.feedback.keyring_keks import KeyRefused
from shared.outcome import StoreTrouble
from shared.tables import table_of

_ADDRESS = "MENTORING_KEYRING_URL: use sqlite:///<file> or postgresql://<user>@<host>/<database>"
FINGERPRINT = 16
"""Room for a fingerprint, in characters."""


class RingBase(SQLModel, registry=registry()):
    """The key ring's own tables: no other metadata knows them."""


class DataKey(RingBase, table=True):
    """A person's wrapped data key; none: the person is erased.

    `kek` is the fingerprint of the key-encryption key that wraps it; a row of a build that knew only one has none
    until the key ring is opened.
    """

    __tablename__ = "data_key"

    program: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    wrapped: bytes | None = Field(default=None, sa_type=LargeBinary)
    kek: str | None = Field(default=None, max_length=FINGERPRINT)


class Proof(RingBase, table=True):
    """The one row says which key-encryption key wraps new data keys, and holds a known text under it."""

    __tablename__ = "proof"

    id: int = Field(default=1, primary_key=True)
    wrapped: bytes = Field(sa_type=LargeBinary)
    kek: str | None = Field(default=None, max_length=FINGERPRINT)


KEYS = table_of(DataKey)
PROOFS = table_of(Proof)


def insert(connection: Connection, table: Any) -> Any:  # noqa: ANN401  either dialect's insert
    """An insert that can meet a row that is there."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as postgresql_insert  # noqa: PLC0415

        return postgresql_insert(table)
    from sqlalchemy.dialects.sqlite import insert as sqlite_insert  # noqa: PLC0415

    return sqlite_insert(table)


@contextmanager
def trouble() -> Iterator[None]:
    """A database that does not answer is trouble, never a verdict about an input."""
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreTrouble(f"the key ring: {type(error).__name__}") from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection to read on; it takes no lock on SQLite."""
    with trouble(), engine.connect().execution_options(reads=True) as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction, kept at its end; on SQLite it has the lock from its beginning on."""
    with trouble(), engine.begin() as connection:
        yield connection


def read_url(text: str | URL) -> URL:
    """The address of a key ring, with the driver that we use.

    Raises:
        KeyRefused: it is none.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # ValueError: a port that is no number
        raise KeyRefused(_ADDRESS) from None
    if url.drivername == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    in_memory = url.drivername == "sqlite" and url.database in {None, "", ":memory:"}
    if in_memory or url.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise KeyRefused(_ADDRESS)
    return url


def make_engine(url: URL) -> Engine:
    """Connections to the key ring; no error of theirs repeats a parameter."""
    engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)
    if url.get_backend_name() == "sqlite":
        _make_private(url.database or "")
        event.listen(engine, "connect", _keep_no_traces)
        event.listen(engine, "begin", _begin)
        event.listen(engine, "connect", partial(_remember_file, url.database))
        event.listen(engine, "checkout", partial(_check_file, url.database))
    return engine


def _make_private(path: str) -> None:
    """A new file is for its owner alone: a copy that another account took would outlive every erasure."""
    with suppress(OSError):  # it is there; else SQLite says what is wrong
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))


def _keep_no_traces(connection: Any, record: object) -> None:  # noqa: ANN401  the driver's own
    """Overwrite what is deleted, and keep no write-ahead log or temporary file that would still hold it."""
    del record
    connection.isolation_level = None  # transactions begin when we say so
    for pragma in (
        "busy_timeout=5000",
        "journal_mode=DELETE",
        "synchronous=FULL",
        "secure_delete=ON",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """A writer takes the lock when it begins; what is `bare` runs outside of transactions."""
    options = connection.get_execution_options()
    if not options.get("bare"):
        connection.exec_driver_sql("BEGIN" if options.get("reads") else "BEGIN IMMEDIATE")


def _remember_file(path: str | None, connection: object, record: Any) -> None:  # noqa: ANN401
    del connection
    record.info["file"] = _identity(path)


def _check_file(path: str | None, connection: object, record: Any, proxy: object) -> None:  # noqa: ANN401
    """A file that was removed or replaced is not written any more: a key that only it holds would be lost."""
    del connection, proxy
    if record.info["file"] != _identity(path):
        raise DisconnectionError("the key ring's file was replaced")


def _identity(path: str | None) -> tuple[int, int] | None:
    """What tells a file from another one of the same name."""
    try:
        found = os.stat(path or "")  # noqa: PTH116
    except OSError:
        return None
    return found.st_dev, found.st_ino
