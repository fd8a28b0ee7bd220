"""The peer's materialised views: a service's rows in SQLite, as the `eventsourcing` package updates them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from eventsourcing.persistence import Tracking
from eventsourcing.sqlite import (
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteTrackingRecorder,
)

from shared.events.envelope import Event
from shared.rows import TableMap
from shared.service import Evolve
from shared.world import Key, R, Ref, Row, World


class View(SQLiteTrackingRecorder):
    """The rows of a service, in its own tables beside the tracking record."""

    maps: Mapping[type[Row], TableMap]

    def __init__(self, datastore: SQLiteDatastore) -> None:
        super().__init__(datastore)
        self.tracked = 0

    def fold(self, evolve: Evolve, event: Event, now: datetime, tracking: Tracking) -> None:
        """Read the rows that an event is about, write what it changes, and that it is processed."""
        with self.datastore.transaction(commit=True) as cursor:
            world = World(Standing(cursor, self.maps))
            self._write(cursor, _changes(world, evolve, event, now), tracking)

    def _write(
        self, cursor: SQLiteCursor, changes: Mapping[Ref, Row | None], tracking: Tracking
    ) -> None:
        # What is gone goes first: the store refuses a booking beside one that it takes the place of.
        for ref, row in sorted(changes.items(), key=lambda change: change[1] is not None):
            table = self.maps[ref.kind]
            if row is None:
                cursor.execute(table.delete, table.encode_key(ref.key))
            else:
                cursor.execute(table.upsert, table.encode(row))
        self._insert_tracking(cursor, tracking)
        self.tracked = tracking.notification_id


@dataclass(frozen=True)
class Standing:
    """Rows as they stand in the view."""

    cursor: SQLiteCursor
    maps: Mapping[type[Row], TableMap]

    def load(self, kind: type[R], keys: Iterable[Key]) -> Iterable[R]:
        """By their keys."""
        table, wanted = self.maps[kind], list(keys)
        self.cursor.execute(
            table.select_keys(len(wanted)),
            [part for key in wanted for part in table.encode_key(key)],
        )
        return table.rows(map(tuple, self.cursor.fetchall()))

    def find(self, kind: type[R], where: Mapping[str, Any]) -> Iterable[R]:
        """By the values of some fields."""
        table = self.maps[kind]
        values = [table.encode_field(name, value) for name, value in where.items()]
        self.cursor.execute(table.select_where(tuple(where)), values)
        return table.rows(map(tuple, self.cursor.fetchall()))


class EasedView(View):
    """Rows stay in memory; no commit waits for the disk, as in the store that our rebuild fills."""

    def __init__(self, datastore: SQLiteDatastore) -> None:
        name = datastore.pool.db_name
        datastore.pool.close()
        datastore.pool = EasedPool(db_name=name)
        super().__init__(datastore)
        self._world = World()

    def fold(self, evolve: Evolve, event: Event, now: datetime, tracking: Tracking) -> None:
        """Write what an event changes, and that it is processed."""
        changes = _changes(self._world, evolve, event, now)
        with self.datastore.transaction(commit=True) as cursor:
            self._write(cursor, changes, tracking)


class EasedPool(SQLiteConnectionPool):
    """Connections with `synchronous=NORMAL`."""

    def _create_connection(self) -> SQLiteConnection:
        connection = super()._create_connection()
        connection.cursor().execute("PRAGMA synchronous=NORMAL")
        return connection


def _changes(world: World, evolve: Evolve, event: Event, now: datetime) -> Mapping[Ref, Row | None]:
    world.now = now
    world.apply(evolve(world, event))
    world.keep()
    return world.take_changes()
