"""Whatever is killed while inputs flow: every input is folded or a dead letter, nothing is said twice, and the
live store is the one that the log alone gives.

The suite's runs are short; `make chaos` runs the long ones. CHAOS_SEED, CHAOS_INPUTS and CHAOS_KILLS set them.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from shared.log import STREAM, Log
from tests.backends.nats_cluster import NatsCluster
from tests.backends.nats_server import NatsServer
from tests.backends.postgres_server import PostgresServer
from tests.chaos import truth
from tests.chaos.databases import Database, PostgresDatabase, SqliteDatabase
from tests.chaos.process import ServiceProcess
from tests.chaos.publisher import Publisher
from tests.chaos.storm import Blow, Storm, moment, seed_of
from tests.chaos.traffic import events, traffic
from tests.tally.log import open_log
from tests.tally.service import TALLY

SHORT = (2_000, 9)
LONG = (20_000, 76)
"""Inputs and blows; about half of the blows are kill -9."""
ANSWERED = frozenset({"progressed"})


@dataclass
class Scene:
    """Everything that can be struck."""

    log: Log
    service: ServiceProcess
    second: ServiceProcess
    database: Database
    copied: bool = False

    def blows(self) -> dict[str, tuple[float, Blow]]:
        """What strikes the service and its database, wherever the log is."""
        return {
            "kill the service": (4, self.kill_service),
            "stop the service": (1, self.stop_service),
            "freeze the service": (1, self.freeze_service),
            "a second owner": (2, self.second_owner),
            "an older copy of the database": (2, self.older_copy),
            "delete the consumer": (1, self.delete_consumers),
        }

    def check(self) -> None:
        """The service did not end by itself."""
        assert self.service.running, self.service.last_words()

    async def kill_service(self, dice: random.Random) -> None:
        """SIGKILL, and start it again: sometimes it is killed while it starts."""
        for _ in range(dice.choice((1, 1, 2))):
            self.service.kill9()
            self.service.start()
            await moment(dice, 0.5)

    async def stop_service(self, dice: random.Random) -> None:
        """SIGTERM, as a deployment does."""
        self.service.stop()
        self.service.start()

    async def freeze_service(self, dice: random.Random) -> None:
        """SIGSTOP: another one takes over meanwhile, and then it wakes up."""
        self.service.freeze()
        self.second.start()
        await moment(dice, 3)
        self.service.thaw()
        await moment(dice, 1)
        self.second.kill9()

    async def second_owner(self, dice: random.Random) -> None:
        """A process without the lock beside the one that holds it."""
        self.second.start()
        await moment(dice, 4)
        self.second.kill9()

    async def older_copy(self, dice: random.Random) -> None:
        """The database as it was some time ago, or long ago, takes the place of the present one."""
        if not self.copied or dice.random() < 0.3:
            self.database.copy()
            self.copied = True
            await moment(dice, 3)
        self.service.kill9()
        self.database.put_back()
        self.service.start()

    async def delete_consumers(self, dice: random.Random) -> None:
        """Somebody deletes every consumer of the stream."""
        answer = await self.log.request(f"$JS.API.CONSUMER.NAMES.{STREAM}", b"{}")
        for name in answer.get("consumers") or ():
            await self.log.request(f"$JS.API.CONSUMER.DELETE.{STREAM}.{name}", b"")


def scene(log: Log, url: str, database: Database, folder: Path) -> Scene:
    settings = {"MENTORING_NATS_URL": url, "MENTORING_DATABASE_URL": database.url}
    service = ServiceProcess("tally", folder, settings)
    second = ServiceProcess("second", folder, {**settings, "TALLY_WITHOUT_LOCK": "1"})
    return Scene(log, service, second, database)


@asynccontextmanager
async def running(scene: Scene) -> AsyncIterator[None]:
    """The service runs inside, and nothing of it outside."""
    scene.service.start()
    try:
        yield
    except BaseException:
        print(scene.service.last_words())
        raise
    finally:
        scene.service.kill9()
        scene.second.kill9()


def database_blows(database: Database) -> dict[str, tuple[float, Blow]]:
    async def away(dice: random.Random) -> None:
        bring_back = database.disturb()
        await moment(dice, float(os.environ.get("CHAOS_AWAY", "5")))
        if bring_back is not None:
            bring_back()

    return {"the database away": (2, away)}


def server_blows(server: NatsServer) -> dict[str, tuple[float, Blow]]:
    async def kill(dice: random.Random) -> None:
        server.kill9()
        await moment(dice, 1)
        server.start()

    async def freeze(dice: random.Random) -> None:
        server.freeze()
        await moment(dice, 8)
        server.thaw()

    return {"kill the NATS server": (4, kill), "freeze the NATS server": (1, freeze)}


def leader_blows(cluster: NatsCluster) -> dict[str, tuple[float, Blow]]:
    async def kill_leader(dice: random.Random) -> None:
        leader = cluster.leader_of(STREAM)
        leader.kill9()
        cluster.leader_of(STREAM)
        await moment(dice, 1)
        leader.launch()
        cluster.wait_healthy()

    return {"kill the leader": (4, kill_leader)}


async def survive(
    scene: Scene, blows: dict[str, tuple[float, Blow]], size: tuple[int, int], folder: Path
) -> None:
    """Rage, let it settle, and look at what is there."""
    seed = seed_of(folder.name)
    dice = random.Random(seed)
    count = int(os.environ.get("CHAOS_INPUTS", size[0]))
    told = traffic(count, random.Random(seed))
    moved = partial(truth.moved, scene.log, "tally")
    storm = Storm(Publisher(scene.log, dice), {**blows, **scene.blows()}, dice, moved, scene.check)
    async with running(scene):
        await storm.rage(told, int(os.environ.get("CHAOS_KILLS", size[1])))
        print(f"  {time.strftime('%X')} published")
        await truth.settled(scene.log, ["tally"])
        print(f"  {time.strftime('%X')} settled")
        scene.service.stop()
        print(f"  {storm.publisher.retries} retries; {dict(storm.struck)}")
        found = await truth.told(scene.log, "tally")
        truth.published_all(found, events(told))
        truth.nothing_said_twice(found)
        truth.answered_in_order(found)
        truth.each_answered_once(found, ANSWERED)
        assert truth.position(TALLY, scene.database.url) == found.inputs[-1].seq
        live = truth.live_digest(TALLY, scene.database.url)
        assert live == await truth.rebuilt_digest(scene.log, TALLY, folder)


async def on_sqlite(server: NatsServer, folder: Path, size: tuple[int, int]) -> None:
    async with open_log(server.url) as log:
        database = SqliteDatabase(folder / "service" / "tally.db")
        here = scene(log, server.url, database, folder)
        await survive(here, server_blows(server), size, folder)


async def on_postgres(
    server: NatsServer, postgres: PostgresServer, folder: Path, size: tuple[int, int]
) -> None:
    async with open_log(server.url) as log:
        database = PostgresDatabase(postgres)
        here = scene(log, server.url, database, folder)
        blows = {**server_blows(server), **database_blows(database)}
        await survive(here, blows, size, folder)


async def replicated(cluster: NatsCluster, folder: Path, size: tuple[int, int]) -> None:
    async with open_log(cluster.url, replicas=3) as log:
        database = SqliteDatabase(folder / "service" / "tally.db")
        here = scene(log, cluster.url, database, folder)
        await survive(here, leader_blows(cluster), size, folder)


async def test_kills_on_sqlite(nats_server: NatsServer, tmp_path: Path) -> None:
    await on_sqlite(nats_server, tmp_path, SHORT)


async def test_kills_on_postgresql(
    nats_server: NatsServer, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    await on_postgres(nats_server, postgres_server, tmp_path, SHORT)


async def test_kills_of_leaders_of_a_replicated_stream(
    nats_cluster: NatsCluster, tmp_path: Path
) -> None:
    await replicated(nats_cluster, tmp_path, SHORT)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
async def test_many_kills_on_sqlite(nats_server: NatsServer, tmp_path: Path) -> None:
    await on_sqlite(nats_server, tmp_path, LONG)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
async def test_many_kills_on_postgresql(
    nats_server: NatsServer, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    await on_postgres(nats_server, postgres_server, tmp_path, LONG)


@pytest.mark.chaos
@pytest.mark.timeout(3600)
async def test_many_kills_of_leaders_of_a_replicated_stream(
    nats_cluster: NatsCluster, tmp_path: Path
) -> None:
    await replicated(nats_cluster, tmp_path, LONG)
