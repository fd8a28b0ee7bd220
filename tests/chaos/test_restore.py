"""One harm at a time, on real processes: restores, two owners, another log, a database that is away for long."""

from __future__ import annotations

import asyncio
import random
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from shared import mark as marks
from shared.log import Log
from tests.backends.nats_server import NatsServer
from tests.backends.postgres_server import PostgresServer
from tests.chaos import truth
from tests.chaos.databases import Database, PostgresDatabase, SqliteDatabase
from tests.chaos.process import ServiceProcess
from tests.chaos.publisher import Publisher
from tests.tally.events import progressed
from tests.tally.live import folded, ready, running
from tests.tally.log import open_log, publish, until
from tests.tally.service import TALLY


def process(url: str, database: Database, folder: Path, name: str = "tally") -> ServiceProcess:
    settings = {
        "MENTORING_NATS_URL": url,
        "MENTORING_DATABASE_URL": database.url,
        "MENTORING_DRIVEN": "1",
        "TALLY_WITHOUT_LOCK": "" if name == "tally" else "1",
    }
    return ServiceProcess(name, folder, settings)


@asynccontextmanager
async def started(*processes: ServiceProcess) -> AsyncIterator[None]:
    for each in processes:
        each.start()
    try:
        yield
    finally:
        for each in processes:
            each.kill9()


async def say(log: Log, first: int, count: int) -> None:
    """Publish, and wait until all of it is said."""
    last = await publish(
        log, *[progressed(f"c{n % 30}", float(n % 5), n=n) for n in range(first, first + count)]
    )

    async def said() -> bool:
        return (await marks.read(log, "tally", 0)).seq >= last

    await until(said, f"{count} inputs are answered")


async def insist(log: Log, first: int, count: int) -> None:
    """The same while the server comes and goes."""
    publisher = Publisher(log, random.Random(first))
    await publisher.publish([progressed(f"c{n}", n=n) for n in range(first, first + count)])
    await truth.settled(log, ["tally"], driven=True)


async def is_whole(log: Log, database: Database, folder: Path) -> None:
    """What must be true at the end of everything here."""
    found = await truth.told(log, "tally")
    truth.nothing_said_twice(found)
    truth.answered_in_order(found)
    truth.each_answered_once(found, frozenset({"progressed"}))
    live = truth.live_digest(TALLY, database.url)
    assert live == await truth.rebuilt_digest(log, TALLY, folder)


async def an_older_copy_heals(log: Log, url: str, database: Database, folder: Path) -> None:
    service = process(url, database, folder)
    async with started(service):
        await say(log, 0, 300)
        service.stop()
        database.copy()
        service.start()
        await say(log, 300, 900)
        service.kill9()
        database.put_back()
        service.start()
        await say(log, 1_200, 300)
        service.stop()
        await is_whole(log, database, folder)


async def test_an_older_copy_of_a_sqlite_database_heals_and_says_nothing_twice(
    nats_url: str, tmp_path: Path
) -> None:
    async with open_log(nats_url) as log:
        database = SqliteDatabase(tmp_path / "service" / "tally.db")
        await an_older_copy_heals(log, nats_url, database, tmp_path)


async def test_an_older_copy_of_a_postgresql_database_heals_and_says_nothing_twice(
    nats_url: str, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    async with open_log(nats_url) as log:
        await an_older_copy_heals(log, nats_url, PostgresDatabase(postgres_server), tmp_path)


async def test_two_processes_for_one_partition_do_no_harm(nats_url: str, tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "service" / "tally.db")
    both = [process(nats_url, database, tmp_path, name) for name in ("one", "two")]
    async with open_log(nats_url) as log, started(*both):
        for turn in range(6):
            await say(log, turn * 200, 200)
        for each in both:
            each.stop()
        await is_whole(log, database, tmp_path)


async def test_two_stores_for_one_partition_say_everything_once(
    nats_url: str, tmp_path: Path
) -> None:
    """Each has a database of its own: only the mark in the log keeps them apart."""
    databases = [SqliteDatabase(tmp_path / name / "tally.db") for name in ("a", "b")]
    both = [
        process(nats_url, database, tmp_path, name)
        for database, name in zip(databases, ("one", "two"), strict=True)
    ]
    async with open_log(nats_url) as log, started(*both):
        for turn in range(6):
            await say(log, turn * 200, 200)
        for each in both:
            each.stop()
        found = await truth.told(log, "tally")
        truth.nothing_said_twice(found)
        truth.each_answered_once(found, frozenset({"progressed"}))


async def test_a_service_on_an_older_copy_of_the_log_says_what_to_do_and_goes_on_with_the_right_one(
    nats_server: NatsServer, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 't.db'}"
    async with (
        open_log(nats_server.url) as log,
        running(nats_server.url, url, driven=True) as service,
    ):
        await insist(log, 0, 5)
        nats_server.stop()
        shutil.copytree(nats_server.store_dir, tmp_path / "older")
        nats_server.start()
        await insist(log, 5, 45)
        nats_server.stop()
        nats_server.store_dir.rename(tmp_path / "newer")
        shutil.move(tmp_path / "older", nats_server.store_dir)
        nats_server.start()
        await until(
            lambda: any("Restore the log" in reason for reason in service.reasons()),
            "it says that the log was truncated",
        )
        nats_server.stop()
        shutil.rmtree(nats_server.store_dir)
        (tmp_path / "newer").rename(nats_server.store_dir)
        nats_server.start()
        await insist(log, 50, 5)
        await ready(service)


async def test_a_service_on_an_empty_log_asks_whether_it_was_lost(
    nats_server: NatsServer, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 't.db'}"
    async with open_log(nats_server.url) as log, running(nats_server.url, url) as service:
        await folded(service, await publish(log, progressed()))
        nats_server.stop()
        shutil.rmtree(nats_server.store_dir)
        nats_server.start()
        async with open_log(nats_server.url):
            await until(
                lambda: any("was the log lost?" in reason for reason in service.reasons()),
                "it says that this log is empty",
            )


async def a_database_is_away(
    url: str, postgres: PostgresServer, folder: Path, seconds: float
) -> None:
    database = PostgresDatabase(postgres)
    service = process(url, database, folder)
    async with open_log(url) as log, started(service):
        await say(log, 0, 100)
        postgres.kill()
        await publish(log, *[progressed(f"c{n}", n=n) for n in range(100, 400)])
        await asyncio.sleep(seconds)
        assert service.running
        postgres.start()
        await say(log, 400, 100)
        service.stop()
        await is_whole(log, database, folder)


async def test_a_database_that_is_away_for_a_while_loses_nothing(
    nats_url: str, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    await a_database_is_away(nats_url, postgres_server, tmp_path, 5)


@pytest.mark.chaos
async def test_a_database_that_is_away_for_half_a_minute_loses_nothing(
    nats_url: str, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    await a_database_is_away(nats_url, postgres_server, tmp_path, 30)
