"""Column types and the tables that every service's store has beside its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    false,
)
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

from shared.outcome import DeadLetter
from shared.world import Clock, Row, Timer


def table_of(model: type[SQLModel]) -> Any:
    """The table that a model describes."""
    return model.__table__  # type: ignore[attr-defined]


class Instant(TypeDecorator[datetime]):
    """An instant in UTC: timezone-aware in Python on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database: UTC, without a zone where the database has none."""
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database: aware, in UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """A value as JSON text, the same bytes on every database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """To JSON text."""
        del dialect
        return None if value is None else orjson.dumps(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """From JSON text."""
        del dialect
        return None if value is None else orjson.loads(value)


def ledger_tables(metadata: MetaData) -> Mapping[type[Row], Table]:
    """Add the ledger's tables to a service's metadata (once); returns those that hold rows.

    `position`: what the tables have folded, per partition. `seen`: fingerprints of folded outside events.
    `fold_version`: the version of the fold that wrote the tables. `operation`: what operators did, and how far it
    is; facts of this database, not of the log. `timer`, `clock`, `dead_letter`: rows.
    """
    if "position" not in metadata.tables:
        _add_bookkeeping(metadata)
        _add_rows(metadata)
    tables = metadata.tables
    return {Timer: tables["timer"], Clock: tables["clock"], DeadLetter: tables["dead_letter"]}


def _add_bookkeeping(metadata: MetaData) -> None:
    Table(
        "position",
        metadata,
        Column("partition", Integer, primary_key=True, autoincrement=False),
        Column("seq", BigInteger, nullable=False),
        Column("log", String(64), nullable=False),
        Column("event", String(64), nullable=False),
        Column("generation", Integer, nullable=False, server_default="0"),
        Column("timers_set", Boolean, nullable=False, server_default=false()),
    )
    Table(
        "seen",
        metadata,
        Column("fingerprint", LargeBinary(16), primary_key=True),
        sqlite_with_rowid=False,
    )
    Table(
        "fold_version", metadata, Column("version", Integer, primary_key=True, autoincrement=False)
    )
    Table(
        "pod",
        metadata,
        Column("name", String(128), primary_key=True),
        Column("heard", Instant, nullable=False),
    )
    _add_operations(metadata)


def _add_operations(metadata: MetaData) -> None:
    operations = Table(
        "operation",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("kind", String(32), nullable=False),
        Column("state", String(16), nullable=False),
        Column("by", String(128), nullable=False),
        Column("reason", Text, nullable=False),
        Column("started", Instant, nullable=False),
        Column("ended", Instant, nullable=True),
        Column("program", String(256), nullable=True),
        Column("from_seq", BigInteger, nullable=True),
        Column("to_seq", BigInteger, nullable=True),
        Column("position", BigInteger, nullable=True),
        Column("digest_before", String(64), nullable=False),
        Column("digest_after", String(64), nullable=False),
        Column("detail", Json, nullable=False),
    )
    Index("ix_operation_state", operations.c.kind, operations.c.state)


def _add_rows(metadata: MetaData) -> None:
    Table(
        "timer",
        metadata,
        Column("program", String(64), primary_key=True),
        Column("about", String(64), primary_key=True),
        Column("name", String(64), primary_key=True),
        Column("at", Instant, nullable=False),
    )
    Table(
        "clock",
        metadata,
        Column("program", String(64), primary_key=True),
        Column("at", Instant, nullable=False),
    )
    letters = Table(
        "dead_letter",
        metadata,
        Column("program", String(256), primary_key=True),
        Column("seq", BigInteger, primary_key=True, autoincrement=False),
        Column("about", String(256), nullable=False),
        Column("word", String(256), nullable=False),
        Column("event", String(64), nullable=False),
        Column("kind", String(16), nullable=False),
        Column("rule", Text, nullable=False),
        Column("field", Text, nullable=False),
        Column("state", String(16), nullable=False),
    )
    Index("ix_dead_letter_about", letters.c.program, letters.c.about)
    Index("ix_dead_letter_state", letters.c.kind, letters.c.state)
