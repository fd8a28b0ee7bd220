"""Stores are rebuilt with `mentoring replay` under load, while the rebuild, the services, the NATS server and
PostgreSQL are killed: each exchange changes the rows that were planted and no others, and afterwards all is as if
nobody had ever rebuilt anything.

The suite's runs are short; `make chaos` runs the long ones. CHAOS_SEED, CHAOS_INPUTS, CHAOS_KILLS and CHAOS_REBUILDS
set them.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from pathlib import Path

import pytest

from shared.log import Log
from tests.backends.nats_server import NatsServer
from tests.backends.postgres_server import PostgresServer
from tests.chaos.databases import Database, PostgresDatabase, SqliteDatabase
from tests.chaos.lifecycles import SERVICES, Lifecycles
from tests.chaos.mender import Mender
from tests.chaos.publisher import Publisher
from tests.chaos.storm import seed_of
from tests.chaos.test_services import Aftermath, Rebuilds, Size, Weather, aftermath
from tests.chaos.test_tally import database_blows, server_blows
from tests.chaos.trio import Blows, Place, Trio
from tests.lifecycle.golden import golden_log
from tests.tally.log import EVENTS, entries, open_log

SHORT = (400, 4, 2)
LONG = (12_000, 40, 36)
"""Inputs, blows beside those at the rebuilds, and how many rebuilds there are."""
_FIRST = (
    "kill the NATS server",
    "the database away",
    "kill matching",
    "kill scheduling",
    "kill feedback",
)


def blows(trio: Trio, elsewhere: Blows, dice: random.Random) -> Blows:
    """What strikes beside the kills of the rebuilds. Nobody puts back an older copy under the hands of a rebuild."""
    every = trio.blows(elsewhere, dice)
    del every["an older copy of a database"]
    first = {name: every.pop(name) for name in _FIRST if name in every}
    return {**first, **every}


async def survive(
    log: Log,
    place: Place,
    database: str,
    elsewhere: Blows,
    size: tuple[int, int, int],
    new: Rebuilds,
) -> None:
    """Rebuild while it rages, let everything settle, and look at what is there."""
    seed = seed_of(place.folder.name)
    given = Size.given(*size[:2])
    people = await asyncio.to_thread(place.prepare, seed, given.plan)
    dice = random.Random(seed)
    publisher = Publisher(log, random.Random(seed))
    lifecycles = Lifecycles(log, publisher, people, random.Random(seed), given.inputs)
    trio = Trio(log, place)
    weather = Weather(
        publisher,
        blows(trio, elsewhere, dice),
        dice,
        lambda: trio.moved(lifecycles.last),
        check=trio.check,
    )
    began = time.monotonic()
    async with trio.up(), aftermath(log, place) as after:
        mender = Mender(place, after.stores, database, random.Random(seed))
        async with asyncio.TaskGroup() as group:
            group.create_task(mender.mend_all(int(os.environ.get("CHAOS_REBUILDS", size[2]))))
            await weather.over(lifecycles, given.blows)
            print(f"  {time.strftime('%X')} published; {mender.swaps.total()} exchanges until now")
        await after.settle(lifecycles)
        await lifecycles.deafen()
        trio.stop()
        await after.judge(lifecycles, new)
        await as_in_memory(after)
    print(
        f"  {dict(mender.swaps)} exchanges in {mender.calls} calls, {mender.undone} taken back; "
        f"kills: {dict(mender.kills)} of rebuilds, {trio.kills} of services, {dict(weather.struck)}; "
        f"refused: {dict(mender.refused)}; {time.monotonic() - began:.0f} s"
    )


async def as_in_memory(after: Aftermath) -> None:
    """Every store is what the log leads to, folded in memory."""
    log = await entries(after.log, EVENTS)
    for name, service in after.services.items():
        folded = golden_log.digest_of(service, log)
        assert after.stores[name].digest() == folded, name


async def on_sqlite(server: NatsServer, folder: Path, size: tuple[int, int, int]) -> None:
    async with open_log(server.url) as log:
        databases: dict[str, Database] = {
            name: SqliteDatabase(folder / name / "live.db") for name in SERVICES
        }
        place = Place(server.url, folder, databases, f"sqlite:///{folder / 'keyring.db'}")
        await survive(
            log,
            place,
            f"sqlite:///{folder}/{{service}}/live.db",
            server_blows(server),
            size,
            lambda name: f"sqlite:///{folder / name / 'anew.db'}",
        )


async def on_postgres(
    server: NatsServer, postgres: PostgresServer, folder: Path, size: tuple[int, int, int]
) -> None:
    async with open_log(server.url) as log:
        databases = {name: PostgresDatabase(postgres, name) for name in SERVICES}
        keyring = PostgresDatabase(postgres, "keyring").url
        place = Place(server.url, folder, databases, keyring)
        await survive(
            log,
            place,
            postgres.url_of("{service}"),
            {**server_blows(server), **database_blows(databases["matching"])},
            size,
            lambda name: PostgresDatabase(postgres, f"{name}_anew").url,
        )


async def test_rebuilds_are_killed_on_sqlite(nats_server: NatsServer, tmp_path: Path) -> None:
    await on_sqlite(nats_server, tmp_path, SHORT)


async def test_rebuilds_are_killed_on_postgresql(
    nats_server: NatsServer, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    await on_postgres(nats_server, postgres_server, tmp_path, SHORT)


@pytest.mark.chaos
@pytest.mark.timeout(7200)
async def test_many_rebuilds_are_killed_on_sqlite(nats_server: NatsServer, tmp_path: Path) -> None:
    await on_sqlite(nats_server, tmp_path, LONG)


@pytest.mark.chaos
@pytest.mark.timeout(7200)
async def test_many_rebuilds_are_killed_on_postgresql(
    nats_server: NatsServer, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    await on_postgres(nats_server, postgres_server, tmp_path, LONG)
