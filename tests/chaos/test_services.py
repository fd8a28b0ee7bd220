"""Whatever is killed while whole lifecycles flow through matching, scheduling and feedback: every input is folded
or a dead letter, nothing is said twice, every cycle ends once, no mentor has too many, and each live store is the
one that the log alone gives.

The suite's runs are short; `make chaos` runs the long ones. CHAOS_SEED, CHAOS_INPUTS and CHAOS_KILLS set them.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from services.cli.population_program import Plan
from shared.log import Log, LogTrouble
from shared.reader import ReaderLost
from shared.service import Service
from shared.store import Store
from tests.backends.nats_cluster import NatsCluster
from tests.backends.nats_server import NatsServer
from tests.backends.postgres_server import PostgresServer
from tests.chaos import truth, verdicts
from tests.chaos.databases import Database, PostgresDatabase, SqliteDatabase
from tests.chaos.lifecycles import FILTERS, SERVICES, Lifecycles
from tests.chaos.publisher import Publisher
from tests.chaos.storm import Storm, seed_of
from tests.chaos.test_tally import database_blows, leader_blows, server_blows
from tests.chaos.trio import Blows, Place, Trio
from tests.tally.log import entries, open_log, until

Rebuilds = Callable[[str], str]
"""The address of an empty database for a service's rebuild."""


@dataclass(frozen=True)
class Size:
    """How much flows, how often something is struck, and how many people that takes."""

    inputs: int
    blows: int
    plan: Plan

    @classmethod
    def given(cls, inputs: int, blows: int) -> Size:
        """As the environment says, else this; a mentee makes some fifty inputs in half a year, half of it in three months."""
        inputs = int(os.environ.get("CHAOS_INPUTS", inputs))
        blows = int(os.environ.get("CHAOS_KILLS", blows))
        months = 6 if inputs > _MANY else 3
        mentees = inputs // (12 * months)
        return cls(inputs, blows, Plan(mentees // 2, mentees, months))


_MANY = 10_000
SHORT = (1_000, 6)
LONG = (20_000, 48)
PATIENCE = 180.0


class Weather(Storm):
    """A storm over something that flows by itself."""

    async def over(self, lifecycles: Lifecycles, count: int) -> None:
        """Strike `count` times until the flow ends, somewhere in each of as many stretches."""
        flowing = asyncio.create_task(lifecycles.run())
        try:
            for number in range(count):
                share = (number + self.dice.random()) / count
                await until(
                    partial(self._reached, flowing, share * lifecycles.total),
                    "inputs flow",
                    PATIENCE,
                )
                if flowing.done():
                    flowing.result()
                await self._strike(number + 1)
            await flowing
        finally:
            flowing.cancel()

    def _reached(self, flowing: asyncio.Task[None], count: float) -> bool:
        return flowing.done() or self.publisher.published >= count


@dataclass
class Aftermath:
    """The stores of the three services, when nothing strikes any more."""

    log: Log
    place: Place
    ring: verdicts.Erasures
    services: Mapping[str, Service]
    stores: Mapping[str, Store]

    async def settle(self, lifecycles: Lifecycles) -> None:
        """Let every timer fire, each some days' worth when everything before is folded."""
        while True:
            await until(partial(self._is_quiet, lifecycles), "everything is folded", PATIENCE)
            if not await lifecycles.finish():
                return

    async def _is_quiet(self, lifecycles: Lifecycles) -> bool:
        """Whether all is folded and, looked at after that, nothing stands in the log that was not heard."""
        if await lifecycles.hear():
            return False
        places = {name: verdicts.position(store) for name, store in self.stores.items()}
        if any(places[name] < lifecycles.last[name] for name in SERVICES):
            return False
        try:
            return not await entries(self.log, *FILTERS, start=lifecycles.seen + 1)
        except (LogTrouble, ReaderLost):
            return False

    async def judge(self, lifecycles: Lifecycles, rebuilds: Rebuilds) -> None:
        """Look at everything. The services are stopped."""
        told = {name: await truth.told(self.log, name) for name in SERVICES}
        truth.published_all(told["matching"], lifecycles.published)
        for name, service in self.services.items():
            truth.nothing_said_twice(told[name])
            truth.answered_in_order(told[name])
            letters = verdicts.folded_or_dead(service, self.stores[name], told[name])
            rebuilt = await verdicts.rebuild(self.log, service, rebuilds(name))
            live = (self.stores[name].digest(), verdicts.position(self.stores[name]))
            assert rebuilt == live, name
            print(f"  {name}: {len(told[name].answers)} answers, {dict(letters)}, {live}")
        capacity = verdicts.within_capacity(told["matching"])
        concluded = verdicts.each_concluded_once(
            verdicts.rows(self.stores["matching"]), told["feedback"]
        )
        verdicts.keys_are_gone(self.place.keyring, self.place.kek, self.ring.erased)
        print(f"  {concluded} cycles concluded; at most {capacity.most} pairs of one mentor")
        print(f"  said {dict(verdicts.words(told))}")


@asynccontextmanager
async def aftermath(log: Log, place: Place) -> AsyncIterator[Aftermath]:
    ring = verdicts.Erasures()
    services = verdicts.trio(ring)
    stores = {name: Store(services[name].tables, place.databases[name].url) for name in SERVICES}
    try:
        yield Aftermath(log, place, ring, services, stores)
    finally:
        for store in stores.values():
            store.dispose()


async def survive(log: Log, place: Place, blows: Blows, size: Size, rebuilds: Rebuilds) -> None:
    """Rage over the lifecycles, let everything settle, and look at what is there."""
    seed = seed_of(place.folder.name)
    people = await asyncio.to_thread(place.prepare, seed, size.plan)
    dice = random.Random(seed)
    publisher = Publisher(log, random.Random(seed))
    lifecycles = Lifecycles(log, publisher, people, random.Random(seed), size.inputs)
    trio = Trio(log, place)
    blows = trio.blows(blows, dice)
    weather = Weather(publisher, blows, dice, lambda: trio.moved(lifecycles.last), check=trio.check)
    began = time.monotonic()
    async with trio.up():
        await weather.over(lifecycles, size.blows)
        print(f"  {time.strftime('%X')} published {publisher.published} until {lifecycles.now:%F}")
        async with aftermath(log, place) as after:
            await after.settle(lifecycles)
            await lifecycles.deafen()
            trio.stop()
            await after.judge(lifecycles, rebuilds)
    print(
        f"  {publisher.published} inputs ({lifecycles.dues} of timers), {publisher.retries} retries, "
        f"{len(lifecycles.crowd.played)} played programs, {trio.kills} kills of services, "
        f"{dict(weather.struck)}, {time.monotonic() - began:.0f} s"
    )


async def on_sqlite(server: NatsServer, folder: Path, size: tuple[int, int]) -> None:
    await on_files(server.url, folder, server_blows(server), size, 1)


async def on_files(
    url: str, folder: Path, blows: Blows, size: tuple[int, int], replicas: int
) -> None:
    async with open_log(url, replicas=replicas) as log:
        databases: dict[str, Database] = {
            name: SqliteDatabase(folder / name / "live.db") for name in SERVICES
        }
        place = Place(url, folder, databases, f"sqlite:///{folder / 'keyring.db'}")
        await survive(
            log,
            place,
            blows,
            Size.given(*size),
            lambda name: f"sqlite:///{folder / name / 'rebuilt.db'}",
        )


async def on_postgres(
    server: NatsServer, postgres: PostgresServer, folder: Path, size: tuple[int, int]
) -> None:
    async with open_log(server.url) as log:
        databases = {name: PostgresDatabase(postgres, name) for name in SERVICES}
        keyring = PostgresDatabase(postgres, "keyring").url
        place = Place(server.url, folder, databases, keyring)
        blows = {**server_blows(server), **database_blows(databases["matching"])}
        await survive(
            log,
            place,
            blows,
            Size.given(*size),
            lambda name: PostgresDatabase(postgres, f"{name}_rebuilt").url,
        )


async def test_lifecycles_survive_kills_on_sqlite(nats_server: NatsServer, tmp_path: Path) -> None:
    await on_sqlite(nats_server, tmp_path, SHORT)


async def test_lifecycles_survive_kills_on_postgresql(
    nats_server: NatsServer, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    await on_postgres(nats_server, postgres_server, tmp_path, SHORT)


@pytest.mark.chaos
@pytest.mark.timeout(7200)
async def test_lifecycles_survive_many_kills_on_sqlite(
    nats_server: NatsServer, tmp_path: Path
) -> None:
    await on_sqlite(nats_server, tmp_path, LONG)


@pytest.mark.chaos
@pytest.mark.timeout(7200)
async def test_lifecycles_survive_many_kills_on_postgresql(
    nats_server: NatsServer, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    await on_postgres(nats_server, postgres_server, tmp_path, LONG)


@pytest.mark.chaos
@pytest.mark.timeout(7200)
async def test_lifecycles_survive_many_kills_of_leaders(
    nats_cluster: NatsCluster, tmp_path: Path
) -> None:
    await on_files(nats_cluster.url, tmp_path, leader_blows(nats_cluster), LONG, 3)
