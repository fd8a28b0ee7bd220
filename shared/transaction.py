"""A transaction of a store: rows read and written in bulk, and the bookkeeping of the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from shared.copying import copies, copy
from shared.engine import trouble
from shared.outcome import DeadLetter, StoreTrouble
from shared.rows import TableMap, encoded
from shared.world import Key, R, Ref, Row, Timer

_CHUNK = 500


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


def positions_of(connection: Connection) -> dict[int, Position]:
    """How far a store has folded, by partition."""
    sql = "SELECT partition, seq, log, event, generation, timers_set FROM position"
    found = connection.execute(text(sql)).all()
    return {row[0]: Position(row[1], row[2], row[3], row[4], bool(row[5])) for row in found}


def fold_version_of(connection: Connection) -> int | None:
    """The version of the fold that wrote a store; None when it is new."""
    found: int | None = connection.execute(text("SELECT version FROM fold_version")).scalar()
    return found


class Transaction:
    """A connection and the transaction on it. Begins by itself; ends by `commit` or `rollback`."""

    def __init__(self, connection: Connection, maps: Mapping[type[Row], TableMap]) -> None:
        self.connection = connection
        self._maps = maps

    # -- reading, then writing --

    def only_read(self) -> None:
        """Nothing is written until `write`: on SQLite, whose one writer keeps all others out, wait for nobody.

        A transaction that has written goes on as it is.
        """
        connection = self.connection
        if connection.dialect.name == "sqlite" and not connection.in_transaction():
            connection.execution_options(reads=True)

    def write(self) -> None:
        """From now on write.

        SQLite could refuse a reader that begins to write when others have written since, so it begins anew. What
        was read holds all the same: only the owner of a partition writes its rows, and `move` says whether it still is.
        """
        if self.connection.get_execution_options().get("reads", False):
            if self.connection.in_transaction():
                self.rollback()
            self.connection.execution_options(reads=False)

    # -- rows --

    def load(self, kind: type[R], keys: Iterable[Key]) -> Iterable[R]:
        """The rows of these keys."""
        table = self._maps[kind]
        wanted = [table.encode_key(key) for key in keys]
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            yield from table.rows(self._run(table.select_keys(len(chunk)), tuple(_flat(chunk))))

    def find(self, kind: type[R], where: Mapping[str, Any]) -> Iterable[R]:
        """All rows whose fields equal these values."""
        table = self._maps[kind]
        names = tuple(where)
        values = tuple(table.encode_field(name, where[name]) for name in names)
        return table.rows(self._run(table.select_where(names), values))

    def holds(self, tables: Iterable[str], program: str) -> bool:
        """Whether any of these tables has a row of the program."""
        any_row = " OR ".join(
            f"EXISTS (SELECT 1 FROM {table} WHERE program = :program)"  # noqa: S608 - names of ours
            for table in tables
        )
        return bool(self._text(f"SELECT {any_row}", {"program": program}).scalar())

    def everything(self) -> Iterator[Row]:
        """Every row, by kind and key, in the order in which a world gives them."""
        for kind in sorted(self._maps, key=lambda each: each.__name__):
            yield from self.each(kind)

    def each(self, kind: type[R]) -> Iterator[R]:
        """Every row of a kind, by key."""
        table = self._maps[kind]
        yield from table.rows(self._run(table.select_all, ()))

    def save(self, changes: Mapping[Ref, Row | None]) -> None:
        """Remove gone rows, then write changed ones, a statement per table.

        In this order a rule of the database over several rows, such as an exclusion, sees nothing that is gone.
        """
        puts: dict[type[Row], list[Row]] = {}
        gone: dict[type[Row], list[Key]] = {}
        for ref, row in changes.items():
            if row is None:
                gone.setdefault(ref.kind, []).append(ref.key)
            else:
                puts.setdefault(ref.kind, []).append(row)
        for kind, keys in gone.items():
            table = self._maps[kind]
            self._run_many(table.delete, [table.encode_key(key) for key in keys])
        for kind, rows in puts.items():
            self._put(self._maps[kind], rows)

    def _put(self, table: TableMap, rows: Sequence[Row]) -> None:
        values = encoded(table, rows)
        if copies(self.connection, values):
            with trouble():
                copy(self.connection, table.quoted, table.columns, table.conflict, values)
        else:
            self._run_many(table.upsert, values)

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
        with trouble():
            return fold_version_of(self.connection)

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
        rows = [(fingerprint,) for fingerprint in sorted(fingerprints)]
        if copies(self.connection, rows):
            with trouble():
                copy(self.connection, "seen", "fingerprint", "(fingerprint) DO NOTHING", rows)
        else:
            self._run_many(sql, rows)

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
        with trouble():
            self.connection.rollback()

    def close(self) -> None:
        """Give the connection back; what was not committed is dropped."""
        with trouble():
            self.connection.close()

    def _run(self, sql: str, values: tuple[Any, ...]) -> Sequence[Any]:
        with trouble():
            return self.connection.exec_driver_sql(sql, values).fetchall()

    def _run_many(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        if rows:
            with trouble():
                self.connection.exec_driver_sql(sql, rows)

    def _text(self, sql: str, values: Mapping[str, Any]) -> Any:
        with trouble():
            return self.connection.execute(text(sql), values)


def _flat(keys: Iterable[Key]) -> Iterator[Any]:
    for key in keys:
        yield from key
