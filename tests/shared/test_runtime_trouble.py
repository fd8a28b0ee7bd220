"""A running service when its database goes away, and when it folds more partitions than a pool has connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sqlalchemy import text

from shared.runtime import Runtime
from shared.settings import Settings
from tests.backends.postgres_server import PostgresServer
from tests.chaos.runner import TallyRuntime
from tests.tally.events import progressed
from tests.tally.log import open_log, publish, until
from tests.tally.service import TALLY

PARTITIONS = 16
PROGRAMS = [f"program-{n}" for n in range(100)]


@asynccontextmanager
async def running(nats_url: str, database_url: str) -> AsyncIterator[Runtime]:
    runtime = TallyRuntime(TALLY, Settings(nats_url=nats_url, database_url=database_url))
    await runtime.start()
    try:
        yield runtime
    finally:
        await runtime.stop()


def counted(runtime: Runtime) -> Callable[[], bool]:
    return lambda: sum(status.progress.inputs for status in runtime.statuses()) == len(PROGRAMS)


async def test_one_process_folds_sixteen_partitions_and_still_answers_queries(
    nats_url: str, postgres_url: str
) -> None:
    async with open_log(nats_url, PARTITIONS) as log, running(nats_url, postgres_url) as runtime:
        await publish(log, *(progressed(n=p, program=p) for p in PROGRAMS))
        await until(counted(runtime), "every partition is folded", 20)
        assert len({s.partition for s in runtime.statuses() if s.progress.inputs}) == PARTITIONS
        queries = [
            runtime.read(lambda c: c.execute(text("SELECT count(*) FROM tally")).scalar())
            for _ in range(8)
        ]
        assert await asyncio.gather(*queries) == [len(PROGRAMS)] * 8


async def test_a_service_whose_database_is_away_is_not_ready_until_it_is_back(
    nats_url: str, postgres_server: PostgresServer
) -> None:
    async with open_log(nats_url) as log, running(nats_url, postgres_server.url) as runtime:
        await until(lambda: not runtime.reasons(), "ready", 20)
        postgres_server.stop()
        away = "the database is away"
        await until(lambda: any(away in why for why in runtime.reasons()), "not ready", 20)
        postgres_server.start()
        await until(lambda: not runtime.reasons(), "ready again", 30)
        await publish(log, progressed(n=1))
        await until(lambda: bool(runtime.statuses()[0].progress.inputs), "folded", 20)
