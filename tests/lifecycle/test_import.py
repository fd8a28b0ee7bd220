"""Three services on an imported log, with empty stores: they say nothing again, and hold the rows of the original."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from services.feedback.app import service as feedback
from shared import migrate
from shared.archive.exact import Wanted
from shared.events.envelope import decode
from shared.log import Log
from shared.runtime import Runtime
from shared.service import Service
from shared.settings import Settings
from shared.world import Timer
from tests.backends.backend import Backend
from tests.feedback.history import Ring
from tests.lifecycle.golden import golden_log
from tests.shared.archive.books import Stored, exported, imported, of_program, stored
from tests.tally.log import EVENTS, entries, open_log, until

PROGRAMS = 3


@pytest.fixture
def services() -> list[Service]:
    """The three, around a key ring in memory: what the golden log has sealed stays sealed."""
    ring = Ring()
    return [
        *(each for name, each in golden_log.SERVICES.items() if name != "feedback"),
        feedback(lambda: ring),
    ]


class Migrated(Runtime):
    """A runtime whose store was migrated before: Alembic migrates one store at a time in a process."""

    def _check_schema(self) -> None:
        pass


@asynccontextmanager
async def running(url: str, folder: Path, services: list[Service]) -> AsyncIterator[list[Runtime]]:
    """All services, with their stores in a folder; nobody rings their timers."""
    folder.mkdir(exist_ok=True)
    async with AsyncExitStack() as stack:
        runtimes: list[Runtime] = []
        for service in services:
            database = f"sqlite:///{folder / service.name}.db"
            migrate.upgrade(service.name, database)
            runtime = Migrated(service, Settings(url, database, driven=True))
            await runtime.start()
            stack.push_async_callback(runtime.stop)
            runtimes.append(runtime)
        yield runtimes


async def settled(log: Log, runtimes: list[Runtime]) -> None:
    """Return when every service has folded every event and none says more."""

    async def is_still() -> bool:
        if any(runtime.reasons() or not runtime.statuses() for runtime in runtimes):
            return False
        before = (await log.info()).last_seq
        await asyncio.sleep(0.3)
        places = [status for runtime in runtimes for status in runtime.statuses()]
        idle = all(each.pending == 0 for each in places)
        return idle and (await events_end(log)) <= before and (await log.info()).last_seq == before

    await until(is_still, "everything is folded", 120)


async def events_end(log: Log) -> int:
    found = await entries(log)
    return found[-1].seq if found else 0


async def say_golden_inputs(log: Log) -> None:
    """What others said in the golden log, for several programs; the services answer in their own way."""
    outside = [entry for entry in golden_log.read() if entry.said_by is None]
    for start in range(0, len(outside), 40):
        for copy in range(PROGRAMS):
            await log.send_batch([of_program(e, copy) for e in outside[start : start + 40]])
        await asyncio.sleep(0.05)


def digests(runtimes: list[Runtime]) -> dict[str, str]:
    return {each.service.name: each.store.digest() for each in runtimes}


async def timers_that_stand(log: Log) -> set[str]:
    return {entry.subject for entry in await entries(log, "mentoring-timer.>")}


def timers_of(runtime: Runtime) -> Iterator[str]:
    transaction = runtime.store.connect()
    try:
        for timer in transaction.everything():
            if isinstance(timer, Timer):
                yield f"mentoring-timer.{runtime.service.name}.{timer.program}.{timer.about}.{timer.name}"
    finally:
        transaction.close()


@pytest.mark.parametrize("partitions", [1, 16])
async def test_services_say_nothing_again_after_an_import_and_hold_the_same_rows(
    backend: Backend, nats_url: str, services: list[Service], tmp_path: Path, partitions: int
) -> None:
    path = tmp_path / "log.zst"
    async with open_log(nats_url, partitions) as log:
        async with running(nats_url, tmp_path / "original", services) as runtimes:
            await say_golden_inputs(log)
            await settled(log, runtimes)
            expected = digests(runtimes)
        before = await stored(log)
        await exported(log, path)

    with backend.nats(tmp_path / "other") as other:
        log = await Log.connect(other)
        await imported(log, path)
        async with running(other, tmp_path / "empty", services) as runtimes:
            await settled(log, runtimes)
            found = digests(runtimes)
            wanted = {name for runtime in runtimes for name in timers_of(runtime)}
        after, standing = await stored(log), await timers_that_stand(log)
        await log.close()

    assert after == before
    assert found == expected
    assert len({entry.head for entry in before}) > 100, "the services have answered a lot"
    assert standing == wanted


async def test_stores_of_the_original_go_on_at_the_imported_log(
    backend: Backend, nats_url: str, services: list[Service], tmp_path: Path
) -> None:
    path = tmp_path / "log.zst"
    async with open_log(nats_url) as log:
        async with running(nats_url, tmp_path / "stores", services) as runtimes:
            await say_golden_inputs(log)
            await settled(log, runtimes)
            expected = digests(runtimes)
        before = await stored(log)
        await exported(log, path)

    with backend.nats(tmp_path / "other") as other:
        log = await Log.connect(other)
        await imported(log, path)
        async with running(other, tmp_path / "stores", services) as runtimes:
            await settled(log, runtimes)
            assert digests(runtimes) == expected
        assert await stored(log) == before
        await log.close()


@pytest.mark.parametrize("part", [0.3, 0.7])
async def test_a_log_that_was_cut_goes_on_as_the_original_did(
    backend: Backend, nats_url: str, services: list[Service], tmp_path: Path, part: float
) -> None:
    """What the services had said of the inputs before the cut stands once: said before the cut, or said anew."""
    path = tmp_path / "log.zst"
    async with open_log(nats_url) as log:
        async with running(nats_url, tmp_path / "original", services) as runtimes:
            await say_golden_inputs(log)
            await settled(log, runtimes)
        before = await stored(log)
        until_seq = int(before[-1].seq * part)
        tail = await exported(log, path, Wanted(until=until_seq))

    with backend.nats(tmp_path / "other") as other:
        log = await Log.connect(other)
        await imported(log, path)
        kept = await stored(log)
        async with running(other, tmp_path / "empty", services) as runtimes:
            await settled(log, runtimes)
        found = await entries(log, EVENTS)
        await log.close()

    assert tail.cut
    assert kept == before[: len(kept)]
    said = [decode(entry.body).id for entry in found if entry.said_by]
    assert len(said) == len(set(said)), "nothing is said twice"
    assert set(said) <= {*ids_of(before)}, "nothing is said otherwise"


async def test_a_log_that_was_exported_while_services_answered_goes_on_without_saying_twice(
    backend: Backend, nats_url: str, services: list[Service], tmp_path: Path
) -> None:
    path = tmp_path / "log.zst"
    async with open_log(nats_url, 4) as log:
        async with running(nats_url, tmp_path / "original", services) as runtimes:
            await until(lambda: all(each.statuses() for each in runtimes), "they have begun")
            saying = asyncio.create_task(say_golden_inputs(log))
            await asyncio.sleep(0.3)
            tail = await exported(log, path)
            await saying
            await settled(log, runtimes)
        before = await stored(log)

    with backend.nats(tmp_path / "other") as other:
        log = await Log.connect(other)
        await imported(log, path)
        kept = await stored(log)
        async with running(other, tmp_path / "empty", services) as runtimes:
            await settled(log, runtimes)
        found = await entries(log, EVENTS)
        await log.close()

    print(tail.events, "of", len(before))
    assert kept == before[: len(kept)]
    said = [decode(entry.body).id for entry in found if entry.said_by]
    assert len(said) == len(set(said)), "nothing is said twice"


def ids_of(found: list[Stored]) -> Iterator[str]:
    return (decode(each.body).id for each in found if each.body.startswith(b"{"))
