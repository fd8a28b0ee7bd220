"""Servers and logs for the runs: each run has a copy of the same log on a NATS server of its own."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

import sqlalchemy as sa

from shared import provision
from shared.events.envelope import HEADERS, encode
from shared.log import Log, Message
from shared.store import Store
from tests.backends.database import fresh_database
from tests.backends.nats_server import NatsServer
from tests.backends.postgres_server import PostgresServer
from tests.backends.reaper import REAPER
from tests.bench.workload import SERVICE, inputs

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build"
_BATCH = 500


class Sandbox:
    """A folder on the same disk as the project, one PostgreSQL with fsync, and the logs made so far."""

    def __init__(self) -> None:
        BUILD.mkdir(exist_ok=True)
        self._place = Path(tempfile.mkdtemp(prefix="bench-", dir=BUILD))
        REAPER.watch_folder(self._place)
        self._logs: dict[int, Path] = {}
        self._postgres: PostgresServer | None = None
        self._stack = ExitStack()
        self._runs = 0

    def folder(self) -> Path:
        """A new empty folder."""
        self._runs += 1
        folder = self._place / f"run-{self._runs}"
        folder.mkdir()
        return folder

    def remove(self, folder: Path) -> None:
        """A folder that is needed no more: long logs fill a disk."""
        shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def log(self, count: int, folder: Path) -> Iterator[NatsServer]:
        """A server with a log of the first `count` inputs, a copy of its own."""
        if count not in self._logs:
            self._logs[count] = self.folder()
            make_log(self._logs[count], count)
        shutil.copytree(self._logs[count] / "store", folder / "store")
        with NatsServer(folder) as server:
            yield server

    def keep_log(self, server: NatsServer, name: int) -> None:
        """Take a stopped server's log for later runs, under a number of its own."""
        self._logs[name] = self.folder()
        shutil.copytree(server.store_dir, self._logs[name] / "store")

    def has_log(self, name: int) -> bool:
        """Whether such a log was made."""
        return name in self._logs

    @contextmanager
    def database(self, kind: str, folder: Path) -> Iterator[str]:
        """The address of a database with the tables of the tally service, and nothing in them."""
        with self.empty_database(kind, folder) as url:
            yield _with_tables(url)

    @contextmanager
    def empty_database(self, kind: str, folder: Path) -> Iterator[str]:
        """The address of a database without tables: `sqlite`, a file in the folder, or `postgresql`."""
        if kind == "sqlite":
            yield f"sqlite:///{folder / 'store.db'}"
            return
        with fresh_database(self._maintenance()) as url:
            yield url

    def postgres_version(self) -> str:
        """What PostgreSQL calls itself, and whether it syncs."""
        engine = sa.create_engine(self._maintenance())
        with engine.connect() as connection:
            version = connection.scalar(sa.text("SHOW server_version"))
            fsync = connection.scalar(sa.text("SHOW fsync"))
        engine.dispose()
        return f"{version}, fsync {fsync}"

    def _maintenance(self) -> str:
        if self._postgres is None:
            self._postgres = self._stack.enter_context(PostgresServer(durable=True))
        return self._postgres.url

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        shutil.rmtree(self._place, ignore_errors=True)


def make_log(folder: Path, count: int) -> None:
    """A log of `count` inputs in `folder`, as the server stores it."""
    with NatsServer(folder) as server:
        asyncio.run(publish(server.url, count))


async def publish(url: str, count: int, start: int = 0) -> None:
    """Make the stream, if there is none, and append inputs to it."""
    log = await Log.connect(url)
    await provision.apply(log)
    for at in range(start, start + count, _BATCH):
        events = inputs(min(_BATCH, start + count - at), at)
        await log.send_batch([Message(e.subject, encode(e), HEADERS) for e in events])
    await log.close()


def _with_tables(url: str) -> str:
    store = Store(SERVICE.tables, url)
    store.create_all()
    store.dispose()
    return url
