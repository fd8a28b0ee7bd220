"""A service's store: rows in its own database, read and written in bulk, one transaction per batch.

The batch path sends SQL that is written once per table and encodes rows itself: measured, the ORM's unit of
work does 1,000 to 2,000 rows a second, this 25,000 to 50,000. Queries for people may use the ORM.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from typing import Any, NamedTuple, TypeVar, get_type_hints

import orjson
from pydantic import TypeAdapter
from sqlalchemy import (
    Connection,
    Engine,
    Float,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    inspect,
    text,
)
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

from shared.outcome import DeadLetter, StoreRefused, StoreTrouble
from shared.tables import Json, ledger_tables
from shared.world import Key, R, Ref, Row, Timer

T = TypeVar("T")
_CHUNK = 500


class Store:
    """The database of one service.

    Args:
        tables: the table of each of its row kinds.
        url: a SQLAlchemy URL, `sqlite:///file` or `postgresql+psycopg://…`.
    """

    def __init__(self, tables: Mapping[type[Row], type[SQLModel]], url: str) -> None:
        self.url = url
        self.metadata: MetaData = metadata_of(tables)
        self.engine = make_engine(url)
        own = {kind: model.__table__ for kind, model in tables.items()}  # type: ignore[attr-defined]
        self._maps: dict[type[Row], _TableMap] = {
            kind: _TableMap(kind, table, self.engine)
            for kind, table in {**own, **ledger_tables(self.metadata)}.items()
        }

    def create_all(self) -> None:
        """Make the tables without a migration history: for tests and scratch stores."""
        self.metadata.create_all(self.engine)

    def connect(self) -> Transaction:
        """A connection for one thread, to run transactions on."""
        with _trouble():
            return Transaction(self.engine.connect(), self._maps)

    def read(self, query: Callable[[Connection], T]) -> T:
        """Run a query on a connection of its own; nothing it does is kept."""
        with _trouble(), self.engine.connect().execution_options(reads=True) as connection:
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
        with _trouble(), self.engine.connect().execution_options(reads=True) as connection:
            inspector = inspect(connection)
            there = set(inspector.get_table_names())
            return [
                name
                for name, table in sorted(self.metadata.tables.items())
                if name not in there
                or not {column["name"] for column in inspector.get_columns(name)}
                >= {column.name for column in table.columns}
            ]

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()


class Position(NamedTuple):
    """How far a store has folded a partition.

    Attributes:
        seq: the last input that it has folded; 0 before the first.
        log: the log's uuid.
        event: fingerprint of the input at `seq`.
        generation: rises when the store's contents are exchanged: rows in memory are of the generation before.
        timers_set: every timer of the partition's programs is in the log.
    """

    seq: int
    log: str
    event: str
    generation: int
    timers_set: bool


class Transaction:
    """A connection and the transaction on it. Begins by itself; ends by `commit` or `rollback`."""

    def __init__(self, connection: Connection, maps: Mapping[type[Row], _TableMap]) -> None:
        self.connection = connection
        self._maps = maps

    # -- rows --

    def load(self, kind: type[R], keys: Iterable[Key]) -> Iterable[R]:
        """The rows of these keys."""
        table = self._maps[kind]
        wanted = list(keys)
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            yield from table.rows(self._run(table.select_keys(len(chunk)), tuple(_flat(chunk))))

    def find(self, kind: type[R], where: Mapping[str, Any]) -> Iterable[R]:
        """All rows whose fields equal these values."""
        table = self._maps[kind]
        names = tuple(where)
        values = tuple(table.encode_field(name, where[name]) for name in names)
        return table.rows(self._run(table.select_where(names), values))

    def everything(self) -> Iterator[Row]:
        """Every row, by kind and key, in the order in which a world gives them."""
        for kind in sorted(self._maps, key=lambda each: each.__name__):
            yield from self.each(kind)

    def each(self, kind: type[R]) -> Iterator[R]:
        """Every row of a kind, by key."""
        table = self._maps[kind]
        yield from table.rows(self._run(table.select_all, ()))

    def save(self, changes: Mapping[Ref, Row | None]) -> None:
        """Write changed rows and remove gone ones, a statement per table."""
        puts: dict[type[Row], list[Row]] = {}
        gone: dict[type[Row], list[Key]] = {}
        for ref, row in changes.items():
            if row is None:
                gone.setdefault(ref.kind, []).append(ref.key)
            else:
                puts.setdefault(ref.kind, []).append(row)
        for kind, rows in puts.items():
            table = self._maps[kind]
            self._run_many(table.upsert, _encoded(table, rows))
        for kind, keys in gone.items():
            self._run_many(self._maps[kind].delete, keys)

    # -- bookkeeping --

    def position(self, partition: int) -> Position | None:
        """How far this partition is folded; None when never."""
        found = self._text(
            "SELECT seq, log, event, generation, timers_set FROM position WHERE partition = :p",
            {"p": partition},
        ).first()
        return None if found is None else Position(*found)._replace(timers_set=bool(found[4]))

    def begin_position(self, partition: int, log: str) -> None:
        """Start a partition at the beginning of this log; its timers are to be set."""
        self._text(
            "INSERT INTO position (partition, seq, log, event, generation, timers_set) "
            "VALUES (:p, 0, :log, '', 0, FALSE)",
            {"p": partition, "log": log},
        )

    def move(self, partition: int, before: int, seq: int, event: str, generation: int) -> bool:
        """Move the position; False when it did not stand at `before` in this generation.

        Then somebody else has folded, or the store was exchanged.
        """
        moved = self._text(
            "UPDATE position SET seq = :seq, event = :event "
            "WHERE partition = :p AND seq = :before AND generation = :generation",
            {
                "seq": seq,
                "event": event,
                "p": partition,
                "before": before,
                "generation": generation,
            },
        )
        return bool(moved.rowcount == 1)

    def set_timers_set(self, partition: int, *, flag: bool) -> None:
        """Say that every timer of this partition is in the log, or that they are to be set again."""
        sql = "UPDATE position SET timers_set = :flag WHERE partition = :p"
        self._text(sql, {"flag": flag, "p": partition})

    def timers(self) -> Iterable[Timer]:
        """Every timer of the store, all partitions', by key; read as they are asked for."""
        return self.each(Timer)

    def fold_version(self) -> int | None:
        """The version of the fold that wrote the tables; None when they are new."""
        found = self._text("SELECT version FROM fold_version", {}).first()
        return None if found is None else found[0]

    def set_fold_version(self, version: int) -> None:
        """Say which fold writes the tables; partitions that open a new store at once may all say so."""
        self._text("DELETE FROM fold_version WHERE version <> :v", {"v": version})
        sql = "INSERT INTO fold_version (version) VALUES (:v) ON CONFLICT (version) DO NOTHING"
        self._text(sql, {"v": version})

    def known(self, fingerprints: Sequence[bytes]) -> set[bytes]:
        """Which of these outside events were folded before."""
        found: set[bytes] = set()
        mark = self._maps[DeadLetter].mark
        for start in range(0, len(fingerprints), _CHUNK):
            chunk = tuple(fingerprints[start : start + _CHUNK])
            marks = ", ".join([mark] * len(chunk))
            sql = f"SELECT fingerprint FROM seen WHERE fingerprint IN ({marks})"  # noqa: S608 - only marks
            found.update(bytes(row[0]) for row in self._run(sql, chunk))
        return found

    def remember(self, fingerprints: Sequence[bytes]) -> None:
        """These outside events are folded."""
        mark = self._maps[DeadLetter].mark
        sql = f"INSERT INTO seen (fingerprint) VALUES ({mark})"  # noqa: S608 - only a mark
        self._run_many(sql, [(fingerprint,) for fingerprint in fingerprints])

    def parked(self) -> set[tuple[str, str]]:
        """The keys that a parked event holds."""
        found = self._text(
            "SELECT DISTINCT program, about FROM dead_letter WHERE kind = 'parked' AND state = 'open'",
            {},
        )
        return {(row[0], row[1]) for row in found}

    # -- the end --

    def commit(self) -> None:
        """Keep everything since the last end.

        Raises:
            StoreTrouble: whatever the database says. The log holds the answers by now, so that a refusal must not
                have them said again.
        """
        try:
            self.connection.commit()
        except SQLAlchemyError as error:
            raise StoreTrouble(str(error).splitlines()[0]) from error

    def rollback(self) -> None:
        """Drop everything since the last end."""
        with _trouble():
            self.connection.rollback()

    def close(self) -> None:
        """Give the connection back; what was not committed is dropped."""
        with _trouble():
            self.connection.close()

    def _run(self, sql: str, values: tuple[Any, ...]) -> Sequence[Any]:
        with _trouble():
            return self.connection.exec_driver_sql(sql, values).fetchall()

    def _run_many(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        if rows:
            with _trouble():
                self.connection.exec_driver_sql(sql, rows)

    def _text(self, sql: str, values: Mapping[str, Any]) -> Any:
        with _trouble():
            return self.connection.execute(text(sql), values)


class _TableMap:
    """How rows of one kind stand in one table: SQL in the driver's own style, values encoded by column."""

    def __init__(self, kind: type[Row], table: Table, engine: Engine) -> None:
        dialect = engine.dialect
        self.mark = "?" if dialect.paramstyle == "qmark" else "%s"
        self.name = table.name
        self._kind = kind
        hints = get_type_hints(kind)
        self._names = tuple(each.name for each in fields(kind))  # type: ignore[arg-type]
        self._encoders = {name: _encoder(table, name, hints[name], dialect) for name in self._names}
        self._decoders = [_decoder(table, name, hints[name], dialect) for name in self._names]
        quote = dialect.identifier_preparer.quote
        self._quoted = {name: quote(name) for name in self._names}
        self._from = f"FROM {quote(table.name)}"
        self._columns = ", ".join(self._quoted.values())
        self._key = tuple(self._quoted[name] for name in kind.KEY)
        self._plain_key = kind.KEY
        self._wheres: dict[tuple[str, ...], str] = {}
        self._loads: dict[int, str] = {}
        order = ", ".join(_order(table, name, quote(name), dialect) for name in kind.KEY)
        self.select_all = f"SELECT {self._columns} {self._from} ORDER BY {order}"
        self.upsert = self._upsert(quote(table.name))
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

    def encode(self, row: Row) -> tuple[Any, ...]:
        """A row as the driver wants it."""
        return tuple(
            [
                encode(getattr(row, name)) if encode else getattr(row, name)
                for name, encode in self._encoders.items()
            ]
        )

    def encode_field(self, name: str, value: Any) -> Any:
        """One value as the driver wants it."""
        encode = self._encoders[name]
        return encode(value) if encode else value

    def select_keys(self, count: int) -> str:
        """Rows by `count` keys."""
        if count not in self._loads:
            if len(self._key) == 1:
                marks = ", ".join([self.mark] * count)
            else:
                one = f"({', '.join([self.mark] * len(self._key))})"
                marks = "VALUES " + ", ".join([one] * count)
            key = ", ".join(self._key)
            self._loads[count] = f"SELECT {self._columns} {self._from} WHERE ({key}) IN ({marks})"
        return self._loads[count]

    def select_where(self, names: tuple[str, ...]) -> str:
        """Rows by the values of some fields."""
        if names not in self._wheres:
            match = " AND ".join(f"{self._quoted[name]} = {self.mark}" for name in names)
            self._wheres[names] = f"SELECT {self._columns} {self._from} WHERE {match}"
        return self._wheres[names]

    def _upsert(self, table: str) -> str:
        marks = ", ".join([self.mark] * len(self._names))
        rest = [self._quoted[name] for name in self._names if name not in self._plain_key]
        sets = ", ".join(f"{name} = excluded.{name}" for name in rest)
        action = f"DO UPDATE SET {sets}" if sets else "DO NOTHING"
        return (
            f"INSERT INTO {table} ({self._columns}) VALUES ({marks}) "  # noqa: S608 - names only
            f"ON CONFLICT ({', '.join(self._key)}) {action}"
        )


def metadata_of(tables: Mapping[type[Row], type[SQLModel]]) -> MetaData:
    """The metadata that a service's tables share."""
    metadata: MetaData = next(iter(tables.values())).metadata
    return metadata


def digest(rows: Iterable[Row]) -> str:
    """SHA-256 over rows, canonically encoded, in the order given (table name, then key)."""
    total = hashlib.sha256()
    adapters: dict[type[Row], TypeAdapter[Any]] = {}
    for row in rows:
        kind = type(row)
        if kind not in adapters:
            adapters[kind] = TypeAdapter(kind)
        plain = [kind.__name__, adapters[kind].dump_python(row, mode="json")]
        total.update(orjson.dumps(plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE))
    return total.hexdigest()


_PATIENCE = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""How long libpq waits for a PostgreSQL that has vanished, in seconds and, the last, milliseconds: left to itself
it would wait for hours."""


def make_engine(url: str) -> Engine:
    """An engine with our settings: SQLite in WAL mode, every commit on the disk.

    The pool has no bound: each partition keeps a connection for as long as it is folded, and what the API asks at
    a time is bounded by its threads.
    """
    if url.startswith("sqlite"):
        engine = create_engine(
            url, pool_size=0, connect_args={"timeout": 30, "check_same_thread": False}
        )
        event.listen(engine, "connect", _tune_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(url, pool_size=0, pool_pre_ping=True, connect_args=_PATIENCE)


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes the lock when it begins, so that it never fails half-way; a reader takes none."""
    reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _tune_sqlite(connection: Any, record: Any) -> None:
    del record
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "cache_size=-65536",
        "wal_autocheckpoint=4000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _order(table: Table, name: str, quoted: str, dialect: Any) -> str:
    """Text in the order of its bytes, whatever the database's locale."""
    kind = table.c[name].type
    plain = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    is_text = isinstance(plain, String) and dialect.name == "postgresql"
    return f'{quoted} COLLATE "C"' if is_text else quoted


def _encoder(table: Table, name: str, hint: Any, dialect: Any) -> Callable[[Any], Any] | None:
    kind = table.c[name].type
    if isinstance(kind, Json):
        adapter: TypeAdapter[Any] = TypeAdapter(hint)
        return lambda value: adapter.dump_json(value).decode()
    if isinstance(kind, Float):
        return _positive_zero
    processor: Callable[[Any], Any] | None = kind.dialect_impl(dialect).bind_processor(dialect)
    return processor


def _positive_zero(value: float | None) -> float | None:
    """SQLite has no negative zero and PostgreSQL has: digests would differ."""
    return None if value is None else value + 0.0


def _decoder(table: Table, name: str, hint: Any, dialect: Any) -> Callable[[Any], Any] | None:
    kind = table.c[name].type
    if isinstance(kind, Json):
        return TypeAdapter(hint).validate_json
    if isinstance(kind, Float):
        return None  # the drivers give floats; SQLAlchemy's processor asks psycopg for a column's type number
    processor: Callable[[Any], Any] | None = kind.dialect_impl(dialect).result_processor(
        dialect, None
    )
    return processor


def _encoded(table: _TableMap, rows: Iterable[Row]) -> list[tuple[Any, ...]]:
    try:
        return [table.encode(row) for row in rows]
    except Exception as error:
        raise StoreRefused(f"{table.name} cannot hold a row: {type(error).__name__}") from error


def _flat(keys: Iterable[Key]) -> Iterator[Any]:
    for key in keys:
        yield from key


@contextmanager
def _trouble() -> Iterator[None]:
    """What the database raises is trouble, to be tried again, unless it lies in the values."""
    try:
        yield
    except (DataError, IntegrityError, OverflowError, UnicodeError) as error:
        raise StoreRefused(str(error).splitlines()[0]) from error
    except SQLAlchemyError as error:
        raise StoreTrouble(str(error).splitlines()[0]) from error
