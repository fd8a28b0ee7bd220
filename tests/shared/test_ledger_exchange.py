"""A ledger whose store's contents were exchanged, or whose timers the log does not hold."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from shared.ledger import Ledger
from shared.log import STREAM, Fenced, Log
from shared.partition import partition_of
from shared.store import Store
from tests.tally.events import DAY, progressed
from tests.tally.log import entries, open_log, publish
from tests.tally.service import TALLY

FUTURE = datetime(2099, 1, 1, tzinfo=UTC)
PROGRAMS = [f"program-{n}" for n in range(6)]


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = Store(TALLY.tables, database_url)
    store.create_all()
    yield store
    store.dispose()


@asynccontextmanager
async def ledger(
    log: Log, store: Store, partition: int = 0, owner: str = "one"
) -> AsyncIterator[Ledger]:
    made = Ledger(TALLY, store, log, partition, owner)
    try:
        yield made
    finally:
        await made.close()


def change(store: Store, sql: str) -> None:
    with store.engine.begin() as connection:
        connection.execute(text(sql))


async def without_timers(log: Log) -> None:
    body = json.dumps({"filter": "mentoring-timer.>"}).encode()
    assert (await log.request(f"$JS.API.STREAM.PURGE.{STREAM}", body))["success"]


async def timers(log: Log) -> list[str]:
    """The subjects of the timers that stand in the log."""
    return sorted(entry.subject for entry in await entries(log, "mentoring-timer.>"))


async def test_a_ledger_whose_store_was_exchanged_says_nothing_and_starts_again(
    nats_url: str, store: Store
) -> None:
    """Its rows in memory are of the contents before; the position alone would not tell."""
    async with open_log(nats_url) as log, ledger(log, store) as made:
        await publish(log, progressed(n=1, at=FUTURE))
        await made.fold(await entries(log, start=await made.start()))
        await made.rest()
        await made.start()
        change(store, "UPDATE position SET generation = generation + 1")
        last = await publish(log, progressed("c2", n=2, at=FUTURE))
        with pytest.raises(Fenced):
            await made.fold(await entries(log, start=last))
        assert [entry.cause for entry in await entries(log) if entry.cause] == [1]
        await made.fold(await entries(log, start=await made.start()))
        assert [entry.cause for entry in await entries(log) if entry.cause] == [1, last]


async def test_a_ledger_without_inputs_learns_that_its_store_was_exchanged(
    nats_url: str, store: Store
) -> None:
    async with open_log(nats_url) as log, ledger(log, store) as made:
        await made.start()
        await made.settle()
        change(store, "UPDATE position SET generation = generation + 1")
        with pytest.raises(Fenced):
            await made.settle()
        await made.start()
        await made.settle()


async def test_each_partition_sets_the_timers_of_its_programs_when_the_store_says_that_they_are_not_set(
    nats_url: str, store: Store
) -> None:
    async with open_log(nats_url, partitions=3) as log:
        events = [progressed(n=p, program=p, at=FUTURE) for p in PROGRAMS]
        await publish(log, *events)
        await start_all(log, store, fold=True)
        before = await timers(log)
        assert len(before) == len(PROGRAMS)
        await without_timers(log)
        await start_all(log, store)
        assert await timers(log) == []
        change(store, "UPDATE position SET timers_set = FALSE WHERE partition = 1")
        await start_all(log, store)
        of_one = [p for p in PROGRAMS if partition_of(p, 3) == 1]
        assert [subject.split(".")[2] for subject in await timers(log)] == of_one
        change(store, "UPDATE position SET timers_set = FALSE")
        await start_all(log, store)
        assert await timers(log) == before


async def start_all(log: Log, store: Store, *, fold: bool = False) -> None:
    for partition in range(3):
        async with ledger(log, store, partition) as made:
            start = await made.start()
            if fold:
                await made.fold(await entries(log, f"mentoring.*.*.*.{partition}", start=start))


async def test_more_timers_than_an_atomic_batch_holds_are_set_in_several(
    nats_url: str, store: Store
) -> None:
    async with open_log(nats_url) as log:
        await publish(log, *(progressed(f"c{n}", n=n, at=FUTURE) for n in range(2100)))
        async with ledger(log, store) as made:
            await made.fold(await entries(log, start=await made.start()))
        await without_timers(log)
        change(store, "UPDATE position SET timers_set = FALSE")
        async with ledger(log, store, owner="two") as made:
            await made.start()
        assert len(await timers(log)) == 2100


async def test_a_timer_that_has_passed_meanwhile_rings_when_it_is_set_again(
    nats_url: str, store: Store
) -> None:
    async with open_log(nats_url) as log:
        await publish(log, progressed(n=1, at=FUTURE))
        async with ledger(log, store) as made:
            await made.fold(await entries(log, start=await made.start()))
        await without_timers(log)
        past = (FUTURE.replace(year=2020) + DAY).isoformat(sep=" ")
        change(store, f"UPDATE timer SET at = '{past}'")
        change(store, "UPDATE position SET timers_set = FALSE")
        async with ledger(log, store, owner="two") as made:
            await made.start()
        reader = await log.reader(["mentoring.*.due.*.*"])
        assert [entry.word for entry in await reader.batch(wait=10)] == ["due"]
        await reader.close()
