"""Who folds which partition.

Two owners by mistake are harmless, position and mark both fence; ownership only keeps them from taking turns.
SQLite: exactly one process per service, held by a file lock. PostgreSQL: advisory locks, shared out over the
live pods, so that any number of replicas works.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import math
import os
import zlib
from pathlib import Path

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

logger = logging.getLogger("mentoring.ownership")
LOOK = 1.0
"""Seconds between looks at what is free, and between heartbeats."""
DEAD_AFTER = 10.0
"""Seconds without a heartbeat after which a pod does not count."""


class FileOwnership:
    """One process owns all partitions of a SQLite store: the holder of `<database>.lock`."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".lock")
        self._handle: int | None = None
        self.trouble = ""

    async def start(self) -> None:
        """Nothing runs beside."""

    async def wait(self, partition: int) -> None:
        """Return when this process holds the lock."""
        del partition
        while self._handle is None and not self._take():
            self.trouble = "another process holds the store"
            await asyncio.sleep(LOOK / 4)
        self.trouble = ""

    def owns(self, partition: int) -> bool:
        """Whether the lock is held."""
        del partition
        return self._handle is not None

    async def stop(self) -> None:
        """Give the lock back."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _take(self) -> bool:
        handle = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return False
        self._handle = handle
        return True


class SharedOwnership:
    """Partitions shared out over the live pods of a service by PostgreSQL advisory locks.

    Args:
        engine: the service's database.
        service: its name.
        partitions: how many there are.
        pod: this process's name.
    """

    def __init__(self, engine: Engine, service: str, partitions: int, pod: str) -> None:
        self._engine = engine
        self._space = zlib.crc32(service.encode()) - 2**31
        self._partitions = partitions
        self._pod = pod
        self.trouble = ""
        self._held: set[int] = set()
        self._changed = asyncio.Event()
        self._connection: Connection | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look for partitions."""
        self._task = asyncio.create_task(self._keep())

    async def wait(self, partition: int) -> None:
        """Return when this pod holds the partition's lock."""
        while partition not in self._held:
            self._changed.clear()
            await self._changed.wait()

    def owns(self, partition: int) -> bool:
        """Whether the lock is held."""
        return partition in self._held

    async def stop(self) -> None:
        """Give all locks back."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._held.clear()
        await asyncio.to_thread(self._leave)

    async def _keep(self) -> None:
        while True:
            try:
                held = await asyncio.to_thread(self._look)
                self.trouble = ""
            except SQLAlchemyError as error:
                self.trouble = f"the database is away: {str(error).splitlines()[0]}"
                logger.warning(self.trouble)
                await asyncio.to_thread(self._drop)
                held = set()
            if held != self._held:
                self._held = held
                self._changed.set()
            await asyncio.sleep(LOOK)

    def _drop(self) -> None:
        """End the session, and with it every lock that it holds: back in the pool it would keep them."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(SQLAlchemyError):
                connection.invalidate()
                connection.close()

    def _look(self) -> set[int]:
        if self._connection is None:
            self._held = set()
            self._connection = self._engine.connect().execution_options(
                isolation_level="AUTOCOMMIT"
            )
        connection = self._connection
        wanted = math.ceil(self._partitions / self._count_pods(connection))
        held = set(self._held)
        for partition in sorted(held)[wanted:]:
            connection.execute(text("SELECT pg_advisory_unlock(:s, :p)"), self._key(partition))
            held.discard(partition)
        for partition in range(self._partitions):
            if len(held) >= wanted:
                break
            if partition not in held and self._try(connection, partition):
                held.add(partition)
        return held

    def _try(self, connection: Connection, partition: int) -> bool:
        found = connection.execute(
            text("SELECT pg_try_advisory_lock(:s, :p)"), self._key(partition)
        )
        return bool(found.scalar())

    def _key(self, partition: int) -> dict[str, int]:
        return {"s": self._space, "p": partition}

    def _count_pods(self, connection: Connection) -> int:
        """Heartbeat; then count the pods whose heart beats, by the database's clock."""
        connection.execute(
            text(
                "INSERT INTO pod (name, heard) VALUES (:pod, now()) "
                "ON CONFLICT (name) DO UPDATE SET heard = excluded.heard"
            ),
            {"pod": self._pod},
        )
        dead = {"seconds": DEAD_AFTER}
        connection.execute(
            text("DELETE FROM pod WHERE heard < now() - make_interval(secs => :seconds)"), dead
        )
        return int(connection.execute(text("SELECT count(*) FROM pod")).scalar() or 1)

    def _leave(self) -> None:
        if self._connection is None:
            return
        with contextlib.suppress(SQLAlchemyError):
            self._connection.execute(text("DELETE FROM pod WHERE name = :pod"), {"pod": self._pod})
        self._drop()
