"""One rebuild of a store at a time: a lock that ends with the process that holds it."""

from __future__ import annotations

import fcntl
import os
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from shared.engine import trouble
from shared.fitness import NotReady
from shared.replay.beside import beside
from shared.service import Service
from shared.store import Store

PATIENCE_SECONDS = 5
"""PostgreSQL gives a lock back when it notices that its session is gone, a while after the process ended."""
PAUSE_SECONDS = 0.05


def hold(live: Store, service: Service) -> Callable[[], None]:
    """Be the only one who rebuilds this store; returns what ends it.

    Raises:
        NotReady: another process is.
        StoreTrouble: the database does not answer.
    """
    if live.engine.dialect.name == "sqlite":
        return _hold_file(Path(f"{beside(live, 'rebuild').name}.lock"), service)
    return _hold_session(live, service)


def _hold_file(path: Path, service: Service) -> Callable[[], None]:
    handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise NotReady(_taken(service)) from None
    return lambda: os.close(handle)


def _hold_session(live: Store, service: Service) -> Callable[[], None]:
    """A lock of the session: PostgreSQL gives it back when the process is gone."""
    with trouble():
        connection = live.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        schema = connection.execute(text("SELECT current_schema()")).scalar()
        key = zlib.crc32(f"rebuild {schema}".encode())
        if not _is_locked_in_time(connection, key):
            connection.close()
            raise NotReady(_taken(service))
    return lambda: _end(connection, key)


def _is_locked_in_time(connection: Connection, key: int) -> bool:
    """Try until the session of a process that has just ended is gone too."""
    patience = time.monotonic() + PATIENCE_SECONDS
    lock = text("SELECT pg_try_advisory_lock(:key)")
    while not connection.execute(lock, {"key": key}).scalar():
        if time.monotonic() > patience:
            return False
        time.sleep(PAUSE_SECONDS)
    return True


def _end(connection: Connection, key: int) -> None:
    """Give the lock back now; where the database no longer answers, the end of the session does."""
    with suppress(DBAPIError):
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})
    connection.invalidate()
    connection.close()


def _taken(service: Service) -> str:
    return f"another process rebuilds {service.name}: wait for it, or end it"
