"""What a running service does while it decides a round: the lag of its event loop, its HTTP, other programs' inputs.

`python -m tests.bench.matching_loop --requests 2000 --mentors 600`: a NATS server and a SQLite store of its own, the
service in this process, and a round on a calendar whose `due` is published when everybody is there. It prints; it
judges nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import tempfile
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from time import perf_counter, sleep
from typing import get_args

import httpx
import uvloop
from sqlalchemy import select

from services.matching.api import router
from services.matching.app import SERVICE
from services.matching.model import Cycle, Mentor, Person
from shared import migrate, provision
from shared.app import build
from shared.events.envelope import HEADERS, Event, EventData, answer_id, decode, due_event, encode
from shared.events.matching import Tallied
from shared.events.outside import Available
from shared.events.rules import OnCalendar
from shared.log import Log, Message
from shared.partition import partition_of
from shared.runtime import Runtime
from shared.settings import Settings
from shared.world import Row
from tests.backends.nats_server import NatsServer
from tests.bench.latency import rank
from tests.bench.matching.people import PROGRAM, people, rules
from tests.bench.matching.settings import SEED, Setting, Supply

LATER = datetime(2099, 3, 2, 8, tzinfo=UTC)
"""Everything happens so late that no deadline rings by itself."""
BEAT = 0.005
PARTITIONS = 2
PATHS = ("/health/live", "/health/ready", "/metrics", f"/programs/{PROGRAM}/loads")


@dataclass
class Measured:
    """Seconds, by what was measured."""

    found: dict[str, list[float]] = field(default_factory=dict)

    async def time(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        """How long this takes."""
        begun = perf_counter()
        await work()
        self.add(name, perf_counter() - begun)

    def add(self, name: str, seconds: float) -> None:
        """One more."""
        self.found.setdefault(name, []).append(seconds)

    def show(self) -> None:
        """A line each: how many, median, 99 of 100, worst."""
        for name, values in self.found.items():
            ms = sorted(value * 1000 for value in values)
            told = " ".join(f"{share:8.1f}" for share in (rank(ms, 0.5), rank(ms, 0.99), ms[-1]))
            print(f"{name:42}{len(ms):7} {told}")


def program_rules() -> EventData:
    """The rules of the benchmark's people, with rounds on a calendar."""
    given = {
        **rules().model_dump(),
        "effective_at": LATER,
        "starts_on": date(2099, 3, 1),
        "ends_on": date(2099, 8, 31),
        "rounds": OnCalendar(rrule="FREQ=WEEKLY;BYDAY=MO"),
    }
    return type(rules()).model_validate(given)


def events(rows: Sequence[Row]) -> Iterator[Event]:
    """What brings these people into the pool."""
    yield _event(PROGRAM, program_rules())
    for row in rows:
        match row:
            case Person(person=person, time=time, likes=likes):
                yield from (_event(person, data) for data in (time, likes) if data)
            case Mentor(mentor=mentor, offer=offer):
                yield _event(mentor, offer)
            case Cycle(cycle=cycle, wishes=wishes) if wishes:
                yield _event(cycle, wishes)


def _event(key: str, data: EventData, program: str = PROGRAM) -> Event:
    identity = answer_id("bench", f"{program} {key}", data.WORD, 0)
    return Event(identity, "/bench", program, key, LATER, data)


async def publish(log: Log, said: Sequence[Event]) -> int:
    """In their order; returns the last one's sequence."""
    last = 0
    for start in range(0, len(said), 500):
        part = said[start : start + 500]
        last = await log.send_batch([Message(e.subject, encode(e), HEADERS) for e in part])
    return last


@asynccontextmanager
async def served(server: str, folder: Path) -> AsyncIterator[tuple[Runtime, httpx.AsyncClient]]:
    """The service, and a client of its HTTP."""
    url = f"sqlite:///{folder / 'matching.db'}"
    migrate.upgrade("matching", url)
    made = build(SERVICE, router, Settings(nats_url=server, database_url=url))
    transport = httpx.ASGITransport(app=made)
    async with (
        made.router.lifespan_context(made),
        httpx.AsyncClient(transport=transport, base_url="http://matching") as client,
    ):
        yield made.state.runtime, client


async def folded(runtime: Runtime, seq: int) -> None:
    """Return when the program's partition has come to a sequence."""
    at = partition_of(PROGRAM, PARTITIONS)
    while not any(s.partition == at and s.progress.position >= seq for s in runtime.statuses()):
        await asyncio.sleep(0.02)


async def round_due(runtime: Runtime) -> Event:
    """The `due` of the program's next round."""
    timer = runtime.store.metadata.tables["timer"].c
    at = await runtime.read(
        lambda c: c.execute(
            select(timer.at).where(timer.program == PROGRAM, timer.name == "round")
        ).scalar_one()
    )
    return due_event("matching", PROGRAM, PROGRAM, "round", at)


class Collections:
    """Measures Python's garbage collections, which hold everything up."""

    def __init__(self, measured: Measured, name: str) -> None:
        self._measured, self._name, self._begun = measured, name, 0.0

    def __call__(self, phase: str, info: dict[str, int]) -> None:
        """Python begins or ends one."""
        del info
        if phase == "start":
            self._begun = perf_counter()
        else:
            self._measured.add(self._name, perf_counter() - self._begun)


class Others:
    """What goes on beside: the loop's beat, queries, and inputs of a program of the other partition."""

    def __init__(self, runtime: Runtime, client: httpx.AsyncClient, measured: Measured) -> None:
        self._runtime, self._client, self._measured = runtime, client, measured
        mine = partition_of(PROGRAM, PARTITIONS)
        names = (f"other-{n}" for n in range(100))
        self._program = next(n for n in names if partition_of(n, PARTITIONS) != mine)
        self._count = 0

    async def during(self, work: Awaitable[None], when: str) -> None:
        """Measure until this is over."""
        ended = asyncio.ensure_future(work)
        collecting = Collections(self._measured, f"{when}: garbage collections")
        gc.callbacks.append(collecting)
        threading.Thread(target=self._pause, args=(ended, when), daemon=True).start()
        tasks = [self._beat(ended, when), self._ask(ended, when), self._say(ended, when)]
        await asyncio.gather(ended, *tasks)
        gc.callbacks.remove(collecting)

    async def _beat(self, ended: asyncio.Future[None], when: str) -> None:
        while not ended.done():
            begun = perf_counter()
            await asyncio.sleep(BEAT)
            self._measured.add(f"{when}: lag of the loop", perf_counter() - begun - BEAT)

    def _pause(self, ended: asyncio.Future[None], when: str) -> None:
        """A thread that does nothing: it is late when another holds the lock, whatever the loop has to do."""
        while not ended.done():
            begun = perf_counter()
            sleep(BEAT)
            self._measured.add(f"{when}: lag of an idle thread", perf_counter() - begun - BEAT)

    async def _ask(self, ended: asyncio.Future[None], when: str) -> None:
        while not ended.done():
            for path in PATHS:
                await self._measured.time(f"{when}: GET {path}", partial(self._get, path))
            await asyncio.sleep(0.02)

    async def _get(self, path: str) -> None:
        answer = await self._client.get(path)
        if answer.is_error:
            print(f"GET {path}: {answer.status_code} {answer.text[:300]}")

    async def _say(self, ended: asyncio.Future[None], when: str) -> None:
        while not ended.done():
            self._count += 1
            event = _event(f"person-{self._count}", Available(zone="UTC"), self._program)
            say = partial(self._runtime.append, event)
            await self._measured.time(f"{when}: input elsewhere", say)
            await asyncio.sleep(0.05)


async def measure(setting: Setting) -> None:
    """One round in a pool of this setting."""
    measured = Measured()
    with tempfile.TemporaryDirectory() as place, NatsServer(Path(place) / "nats") as server:
        log = await Log.connect(server.url)
        await provision.apply(log, PARTITIONS)
        async with served(server.url, Path(place)) as (runtime, client):
            await folded(runtime, await publish(log, list(events(people(setting)))))
            others = Others(runtime, client, measured)
            await others.during(asyncio.sleep(3), "idle")
            seq = await publish(log, [await round_due(runtime)])
            await others.during(folded(runtime, seq), "round")
        await show_tally(log)
        await log.close()
    measured.show()


async def show_tally(log: Log) -> None:
    """What the round came to, as the log tells."""
    async for entries in log.read([f"mentoring.{PROGRAM}.tallied.>"]):
        for entry in entries:
            data = decode(entry.body).data
            assert isinstance(data, Tallied)
            print(f"round: {data.model_dump_json(exclude_none=True)}")


def main() -> None:
    """The command."""
    command = argparse.ArgumentParser(description=__doc__)
    command.add_argument("--requests", type=int, default=2000)
    command.add_argument("--mentors", type=int, default=600)
    command.add_argument("--supply", choices=get_args(Supply), default="tight")
    command.add_argument("--seed", type=int, default=SEED)
    given = command.parse_args()
    setting = Setting("people", given.requests, given.mentors, given.supply, given.seed)
    gc.set_threshold(50_000, 20, 50)  # as a service runs
    print(f"{setting.name}, seed {setting.seed}; milliseconds: median, 99 of 100, worst")
    uvloop.run(measure(setting))


if __name__ == "__main__":
    main()
