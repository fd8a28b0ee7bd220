"""Databases of services that a test may copy, put back, take away and return."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from tests.backends.postgres_server import PostgresServer


class Database(Protocol):
    """Where one service keeps its rows."""

    @property
    def url(self) -> str:
        """SQLAlchemy's address."""

    def copy(self) -> None:
        """Keep a copy as it is now. The service may be running."""

    def put_back(self) -> None:
        """Put the copy in its place. The service is not running."""

    def disturb(self) -> Callable[[], None] | None:
        """Take it away; what is returned brings it back. None where there is no server to take away."""


class SqliteDatabase:
    """A file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._copy = path.with_suffix(".copy")

    @property
    def url(self) -> str:
        """See Database."""
        return f"sqlite:///{self.path}"

    def copy(self) -> None:
        """See Database; SQLite's own online backup."""
        with (
            closing(sqlite3.connect(self.path, timeout=30)) as here,
            closing(sqlite3.connect(self._copy)) as there,
        ):
            here.backup(there)

    def put_back(self) -> None:
        """See Database."""
        for leftover in ("-wal", "-shm"):
            self.path.with_name(self.path.name + leftover).unlink(missing_ok=True)
        shutil.copyfile(self._copy, self.path)

    def disturb(self) -> None:
        """Nothing to take away."""


class PostgresDatabase:
    """A database on a server of its own."""

    def __init__(self, server: PostgresServer, name: str = "service") -> None:
        self._server = server
        self._name = name
        self._run(f"CREATE DATABASE {name}")

    @property
    def url(self) -> str:
        """See Database."""
        return self._server.url_of(self._name)

    def copy(self) -> None:
        """See Database: PostgreSQL copies only what nobody is connected to, so connections are cut."""
        self._make(f"{self._name}_copy", self._name)

    def put_back(self) -> None:
        """See Database."""
        self._make(self._name, f"{self._name}_copy")

    def disturb(self) -> Callable[[], None]:
        """Kill the server."""
        self._server.kill()
        return lambda: void(self._server.start())

    def _make(self, name: str, template: str) -> None:
        self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        with self._alone(template):
            self._run(f"CREATE DATABASE {name} TEMPLATE {template}")

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        """Nobody is or gets connected."""
        self._run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        try:
            self._run(
                f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'"
            )
            yield
        finally:
            self._run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")

    def _run(self, statement: str) -> None:
        engine = sa.create_engine(
            self._server.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
        )
        with engine.connect() as connection:
            connection.execute(sa.text(statement))


def void(value: object) -> None:
    """Forget a value."""
    del value
