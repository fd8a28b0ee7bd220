"""Pods of one service share the partitions of the log; whoever is killed, each input is answered once."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from shared import mark as marks
from shared.events.envelope import Event
from shared.ledger import Ledger
from shared.log import Log, LogTrouble
from shared.store import Store
from tests.backends.postgres_server import PostgresServer
from tests.chaos import truth
from tests.chaos.databases import PostgresDatabase
from tests.chaos.process import ServiceProcess
from tests.chaos.publisher import Publisher
from tests.chaos.storm import moment, seed_of
from tests.chaos.traffic import FUTURE
from tests.tally.events import progressed
from tests.tally.log import entries, open_log, until
from tests.tally.service import TALLY

PARTITIONS = 6
PODS = 3


@dataclass
class Pods:
    """Three pods on one database."""

    log: Log
    database: PostgresDatabase
    pods: list[ServiceProcess]

    def shares(self) -> list[int]:
        """How many partitions each owner holds, most first."""
        engine = sa.create_engine(self.database.url, poolclass=sa.NullPool)
        query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' GROUP BY pid"
        with engine.connect() as connection:
            return sorted((row[0] for row in connection.execute(sa.text(query))), reverse=True)

    async def shared_out(self) -> None:
        """Return when every pod holds its share."""
        even = [PARTITIONS // PODS] * PODS
        await until(lambda: self.shares() == even, "every pod holds its share")

    async def settled(self) -> None:
        """Return when every partition is folded and said."""

        async def done() -> bool:
            try:
                return all([await self._is_said(partition) for partition in range(PARTITIONS)])
            except LogTrouble:
                return False

        await until(done, "every partition is folded", 120)

    async def _is_said(self, partition: int) -> bool:
        found = await entries(self.log, f"mentoring.*.*.*.{partition}")
        last = max((entry.seq for entry in found if entry.said_by != "tally"), default=0)
        return (await marks.read(self.log, "tally", partition)).seq >= last

    async def strike(self, dice: random.Random) -> None:
        """Kill or stop one of them, and start it again after a while."""
        pod = dice.choice(self.pods)
        dice.choice((pod.kill9, pod.stop))()
        await moment(dice, 2)
        pod.start()


@asynccontextmanager
async def running(
    log: Log, url: str, database: PostgresDatabase, folder: Path
) -> AsyncIterator[Pods]:
    settings = {"MENTORING_NATS_URL": url, "MENTORING_DATABASE_URL": database.url}
    pods = [ServiceProcess(f"pod{n}", folder, settings) for n in range(PODS)]
    for pod in pods:
        pod.start()
    try:
        yield Pods(log, database, pods)
    finally:
        for pod in pods:
            pod.kill9()


def traffic(count: int, dice: random.Random) -> list[Event]:
    """Inputs of many programs, and so of every partition."""
    return [
        progressed(
            f"c{dice.randrange(20)}",
            float(dice.randrange(10)),
            n=str(uuid.UUID(int=dice.getrandbits(128))),
            program=f"program-{dice.randrange(24)}",
            at=FUTURE,
        )
        for _ in range(count)
    ]


async def rebuilt_digest(log: Log, folder: Path) -> str:
    """A new store that caught up from the log alone, partition by partition."""
    store = Store(TALLY.tables, f"sqlite:///{folder / 'rebuilt.db'}")
    store.create_all()
    for partition in range(PARTITIONS):
        ledger = Ledger(TALLY, store, log, partition, "rebuild")
        await ledger.start()
        await ledger.close()
    try:
        return store.digest()
    finally:
        store.dispose()


async def test_pods_that_come_and_go_answer_everything_once(
    nats_url: str, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    dice = random.Random(seed_of(tmp_path.name))
    told = traffic(2_000, dice)
    database = PostgresDatabase(postgres_server)
    async with (
        open_log(nats_url, PARTITIONS) as log,
        running(log, nats_url, database, tmp_path) as pods,
    ):
        await pods.shared_out()
        publishing = asyncio.create_task(Publisher(log, dice, pace=0.1).publish(told))
        for _ in range(4):
            await pods.strike(dice)
        await publishing
        await pods.settled()
        await pods.shared_out()
        for pod in pods.pods:
            pod.stop()
        found = await truth.told(log, "tally")
        truth.published_all(found, told)
        truth.nothing_said_twice(found)
        truth.each_answered_once(found, frozenset({"progressed"}))
        assert truth.live_digest(TALLY, database.url) == await rebuilt_digest(log, tmp_path)
