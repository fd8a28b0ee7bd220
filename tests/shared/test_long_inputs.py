"""While an input that takes long is decided, everything else goes on, and nothing is said twice or lost."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import httpx
import pytest
from sqlalchemy import text

from shared import app, partition
from shared.engine import eager
from shared.events.envelope import Event, EventData
from shared.events.outside import Progressed
from shared.heavy import heavy
from shared.ledger import CHUNK, Ledger
from shared.log import STREAM, Fenced, Log, Message
from shared.service import Decide, Service
from shared.settings import Settings
from shared.store import Store
from shared.world import Answer, World
from tests.backends.nats_server import NatsServer
from tests.shared.test_app import router
from tests.tally.events import progressed, withdrawn
from tests.tally.live import TallyRuntime, folded, ready, running
from tests.tally.log import entries, open_log, publish, until
from tests.tally.service import TALLY, decide_progressed

PATIENCE = 20.0
"""Seconds after which a test that has failed lets its service end."""
LONG = 77.0
"""The value of an input that takes long to decide."""


def is_long(event: Event) -> bool:
    return isinstance(event.data, Progressed) and event.data.value == LONG


@dataclass
class Held:
    """A tally service whose long inputs are decided when the test says so."""

    began: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    service: Service = TALLY

    def __post_init__(self) -> None:
        decides: dict[type[EventData], Decide] = {**TALLY.decides, Progressed: self._decide}
        self.service = replace(TALLY, decides=decides, long=is_long)

    def _decide(self, world: World, event: Event) -> list[Answer]:
        if is_long(event):
            self.began.set()
            self.go_on.wait(PATIENCE)
        return decide_progressed(world, event)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """A service can only end when it has decided."""
        self.go_on.set()

    async def deciding(self) -> None:
        """Return when it decides."""
        await until(self.began.is_set, "it decides")


@pytest.fixture
def held() -> Held:
    return Held()


def long(key: str = "long", *, program: str = "acme") -> Event:
    return progressed(key, LONG, n=f"{program}-{key}", program=program)


def elsewhere(program: str, partitions: int) -> str:
    """Another program, of another partition."""
    at = partition.partition_of(program, partitions)
    names = (f"other{n}" for n in range(1000))
    return next(each for each in names if partition.partition_of(each, partitions) != at)


async def causes(log: Log) -> list[int | None]:
    """The inputs that are answered; deadlines, which ring meanwhile, left out."""
    return [each.cause for each in await entries(log) if each.word == "flagged"]


def tallies(store: Store) -> list[str]:
    """The cycles that a store knows."""
    query = text("SELECT cycle FROM tally ORDER BY cycle")
    return [row[0] for row in store.read(lambda c: c.execute(query).all())]


# -- others go on --


async def test_inputs_of_other_partitions_are_folded_and_answered(
    nats_url: str, database_url: str, held: Held
) -> None:
    async with (
        open_log(nats_url, 8) as log,
        running(nats_url, database_url, held.service) as it,
        held,
    ):
        await ready(it)
        await publish(log, long())
        await held.deciding()
        other = elsewhere("acme", 8)
        assert (await it.append(progressed(n=1, program=other))).status == 200
        assert (await it.append(withdrawn(n=2, program=other))).status == 200
        assert await causes(log) != []


async def test_what_came_before_it_is_in_the_log_and_in_the_store(
    nats_url: str, database_url: str, held: Held
) -> None:
    """They arrive together, and yet nobody waits for what takes long behind him."""
    before = [progressed(f"c{n}", n=n) for n in range(5)]
    async with open_log(nats_url) as log, running(nats_url, database_url, held.service) as it, held:
        await ready(it)
        last = await publish(log, *before, long(), progressed("last", n="last"))
        await held.deciding()
        assert tallies(it.store) == [f"c{n}" for n in range(5)]
        assert await causes(log) == list(range(last - 6, last - 1))


async def test_what_comes_behind_it_is_folded_behind_it(
    nats_url: str, database_url: str, held: Held
) -> None:
    async with open_log(nats_url) as log, running(nats_url, database_url, held.service) as it, held:
        await ready(it)
        await publish(log, progressed(n=1), long(), progressed("c2", n=2), long("again"))
        await held.deciding()
        await publish(log, progressed("c3", n=3))
        held.go_on.set()
        everybody = ["again", "c1", "c2", "c3", "long"]
        await until(lambda: tallies(it.store) == everybody, "everything is folded")
        told = [cause or 0 for cause in await causes(log)]
        assert told == sorted(set(told))
        assert len(told) == len(everybody)


async def test_whoever_writes_beside_it_gets_the_lock_of_the_store(
    nats_url: str, tmp_path: Path, held: Held
) -> None:
    """SQLite has one writer: an operator's command would wait as long as the input takes."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    async with open_log(nats_url) as log, running(nats_url, url, held.service) as it, held:
        await ready(it)
        await publish(log, progressed(n=1), long())
        await held.deciding()
        with eager(it.store.engine, patience=0) as connection:
            connection.exec_driver_sql("UPDATE load SET refused = refused")
            connection.commit()


async def test_another_service_goes_on(nats_url: str, tmp_path: Path, held: Held) -> None:
    other = replace(TALLY, name="other")
    async with (
        open_log(nats_url) as log,
        running(nats_url, f"sqlite:///{tmp_path / 'store.db'}", held.service) as it,
        running(nats_url, f"sqlite:///{tmp_path / 'other.db'}", other) as beside,
        held,
    ):
        await ready(it)
        await ready(beside)
        last = await publish(log, long(), progressed(n=1))
        await held.deciding()
        await folded(beside, last)
        assert tallies(it.store) == []


@asynccontextmanager
async def served(
    nats_url: str, database_url: str, service: Service
) -> AsyncIterator[httpx.AsyncClient]:
    made = app.build(service, router, Settings(nats_url=nats_url, database_url=database_url))
    transport = httpx.ASGITransport(app=made)
    async with (
        made.router.lifespan_context(made),
        httpx.AsyncClient(transport=transport, base_url="http://tally") as client,
    ):
        yield client


async def test_health_metrics_and_queries_are_answered_and_say_what_is_decided(
    nats_url: str, tmp_path: Path, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "Runtime", TallyRuntime)
    url = f"sqlite:///{tmp_path / 'store.db'}"
    async with open_log(nats_url) as log, served(nats_url, url, held.service) as client, held:

        async def is_ready() -> bool:
            return (await client.get("/health/ready")).status_code == 200

        await until(is_ready, "it is ready")
        at = await publish(log, progressed(n=1), long())
        await held.deciding()
        for path in ("/health/live", "/health/ready", "/metrics", "/cycles", "/openapi.json"):
            assert (await client.get(path)).status_code == 200, path
        (place,) = (await client.get("/health/ready")).json()["partitions"]
        assert (place["state"], place["position"], place["deciding"]) == ("live", at - 1, at)
        assert (await client.get("/cycles")).json() == 1
        held.go_on.set()

        async def done() -> bool:
            (place,) = (await client.get("/health/ready")).json()["partitions"]
            return (place["position"], place["deciding"]) == (at, 0)

        await until(done, "it is decided")


async def test_it_is_told_until_it_is_in_the_store(
    nats_url: str, tmp_path: Path, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a service that was ready all the while would be stuck for the moment of publishing."""
    store = Store(TALLY.tables, f"sqlite:///{tmp_path / 'store.db'}")
    store.create_all()
    told: list[int] = []
    async with open_log(nats_url) as log, held:
        ledger = Ledger(held.service, store, log)
        send = log.send_batch

        async def watched(messages: Sequence[Message]) -> int:
            told.append(ledger.progress.deciding)
            return await send(messages)

        monkeypatch.setattr(log, "send_batch", watched)
        at = await publish(log, progressed(n=1), long())
        held.go_on.set()
        told.clear()
        start = await ledger.start()
        await ledger.fold(await entries(log, start=start))
        assert told == [0, at]
        assert ledger.progress.deciding == 0
        await ledger.close()
    store.dispose()


# -- whatever happens meanwhile --


async def test_a_consumer_that_the_server_has_dropped_loses_nothing_and_says_nothing_twice(
    nats_url: str, tmp_path: Path, held: Held
) -> None:
    """The server drops a consumer that nobody asks for a minute."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    async with open_log(nats_url) as log, running(nats_url, url, held.service) as it, held:
        await ready(it)
        await publish(log, progressed(n=1), long())
        await held.deciding()
        for name in await consumers(log):
            await log.request(f"$JS.API.CONSUMER.DELETE.{STREAM}.{name}", b"", None)
        await publish(log, progressed("c2", n=2))
        held.go_on.set()
        await until(lambda: tallies(it.store) == ["c1", "c2", "long"], "everything is folded")
        told = await causes(log)
        assert len(told) == len(set(told)) == 3


async def consumers(log: Log) -> list[str]:
    answer = await log.request(f"$JS.API.CONSUMER.NAMES.{STREAM}", b"{}", None)
    names: list[str] = answer["consumers"]
    return [name for name in names if name.startswith("tally-")]


async def test_a_server_that_goes_and_comes_back_is_said_everything_once(
    nats_server: NatsServer, tmp_path: Path, held: Held
) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    async with open_log(nats_server.url) as log:
        async with running(nats_server.url, url, held.service) as it, held:
            await ready(it)
            await publish(log, progressed(n=1), long())
            await held.deciding()
            nats_server.kill9()
            nats_server.start()
            held.go_on.set()
            await until(lambda: tallies(it.store) == ["c1", "long"], "everything is folded")
            await ready(it)
        told = await causes(log)
        assert len(told) == len(set(told)) == 2


async def test_an_owner_who_was_replaced_meanwhile_says_nothing(
    nats_url: str, database_url: str, held: Held
) -> None:
    """The other one decides the same input; the first is fenced, and starts again behind it."""
    async with open_log(nats_url) as log, held:
        await publish(log, progressed(n=1), long())
        one, other = Store(TALLY.tables, database_url), Store(TALLY.tables, database_url)
        one.create_all()
        first, second = (
            Ledger(held.service, one, log, owner="one"),
            Ledger(TALLY, other, log, owner="two"),
        )
        await first.start()
        slow = asyncio.ensure_future(first.fold(await entries(log)))
        await held.deciding()
        await second.start()
        await second.fold([each for each in await entries(log) if each.seq > 1])
        held.go_on.set()
        with pytest.raises(Fenced):
            await slow
        await first.start()
        assert first.progress.position == second.progress.position
        assert len(await causes(log)) == 2
        for ledger, store in ((first, one), (second, other)):
            await ledger.close()
            store.dispose()


async def test_a_service_that_is_told_to_end_meanwhile_ends_and_its_successor_says_the_rest(
    nats_url: str, tmp_path: Path, held: Held
) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    async with open_log(nats_url) as log:
        async with running(nats_url, url, held.service) as it, held:
            await ready(it)
            await publish(log, progressed(n=1), long())
            await held.deciding()
            ending = asyncio.ensure_future(it.stop())
            held.go_on.set()
            await ending
        async with running(nats_url, url, owner="two") as successor:
            await ready(successor)
            await until(lambda: tallies(successor.store) == ["c1", "long"], "all is folded")
        told = await causes(log)
        assert len(told) == len(set(told)) == 2


# -- heavy calls --


@dataclass
class Processes:
    """A tally service that asks for a heavy call with each long input, and remembers who ran it."""

    found: list[int] = field(default_factory=list)

    def decide(self, world: World, event: Event) -> list[Answer]:
        if is_long(event):
            self.found += [heavy(os.getpid), heavy(os.getpid)]
        return decide_progressed(world, event)

    @property
    def service(self) -> Service:
        decides: dict[type[EventData], Decide] = {**TALLY.decides, Progressed: self.decide}
        return replace(TALLY, decides=decides, long=is_long)


async def test_heavy_calls_are_run_in_a_process_that_ends_with_the_input(
    nats_url: str, tmp_path: Path
) -> None:
    processes, url = Processes(), f"sqlite:///{tmp_path / 'store.db'}"
    async with open_log(nats_url) as log, running(nats_url, url, processes.service) as it:
        await ready(it)
        await folded(it, await publish(log, long()))
    one, other = processes.found
    assert one == other != os.getpid()
    with pytest.raises(ProcessLookupError):
        os.kill(one, 0)


async def test_a_heavy_call_that_nobody_expected_ends_its_process_too(
    nats_url: str, tmp_path: Path
) -> None:
    """A round that a threshold begins, say, far down in what has arrived."""
    processes, store = Processes(), Store(TALLY.tables, f"sqlite:///{tmp_path / 'store.db'}")
    store.create_all()
    async with open_log(nats_url) as log:
        ledger = Ledger(replace(processes.service, long=TALLY.long), store, log)
        start = await ledger.start()
        await publish(log, *(progressed(f"c{n}", n=n) for n in range(CHUNK)), long())
        await ledger.fold(await entries(log, start=start))
        (one, _) = processes.found
        with pytest.raises(ProcessLookupError):
            os.kill(one, 0)
        await ledger.close()
    store.dispose()
