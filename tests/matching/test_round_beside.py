"""A real round of a running service: its event loop goes on, and the tally in the log tells how long it took."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Self

import httpx
from sqlalchemy import select

from services.matching.api import router
from services.matching.app import SERVICE
from services.matching.record import Round
from shared import app, migrate, provision
from shared.events.envelope import Event, EventData, decode, due_event
from shared.events.matching import Tallied
from shared.events.rules import OnCalendar
from shared.events.system import Due
from shared.ledger import Ledger
from shared.log import Log
from shared.partition import partition_of
from shared.runtime import Runtime
from shared.service import Decide, Service
from shared.settings import Settings
from shared.store import Store
from shared.world import Answer, World
from tests.matching.history import PROGRAM, always, offered, opened, requested
from tests.tally.events import event_id
from tests.tally.log import entries, publish, until

LATER = datetime(2099, 3, 2, 8, tzinfo=UTC)
"""So late that no deadline rings by itself."""
REQUESTS, MENTORS, PARTITIONS = 1500, 500, 2
OTHER = next(
    name
    for name in (f"other{n}" for n in range(100))
    if partition_of(name, PARTITIONS) != partition_of(PROGRAM, PARTITIONS)
)


@dataclass
class Watched:
    """Matching, whose rounds are decided, and then held until the test has seen enough."""

    began: threading.Event = field(default_factory=threading.Event)
    seen_enough: threading.Event = field(default_factory=threading.Event)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.seen_enough.set()

    @property
    def service(self) -> Service:
        decides: Mapping[type[EventData], Decide] = {**SERVICE.decides, Due: self._decide}
        return replace(SERVICE, decides=decides)

    def _decide(self, world: World, event: Event) -> list[Answer]:
        self.began.set()
        answers = list(SERVICE.decides[Due](world, event))
        self.seen_enough.wait(60)
        return answers


def said(key: str, data: EventData, program: str = PROGRAM) -> Event:
    name = event_id(f"{program} {key} {data.WORD}")
    return Event(name, "urn:test", program, key, LATER, data)


def crowd() -> Iterator[Event]:
    """A program with rounds on a calendar, and everybody in it."""
    rules = opened(
        effective_at=LATER,
        starts_on=date(2099, 3, 1),
        ends_on=date(2099, 8, 31),
        rounds=OnCalendar(rrule="FREQ=WEEKLY;BYDAY=MO"),
    )
    yield said(PROGRAM, rules)
    for n in range(MENTORS):
        yield said(f"mentor{n}", always())
        yield said(f"mentor{n}", offered(skills=(f"s{n % 7}", f"s{n % 11}"), seniority=4 + n % 6))
    for n in range(REQUESTS):
        yield said(f"mentee{n}", always())
        wanted = (f"s{n % 5}", f"s{n % 13}")
        wishes = requested(f"mentee{n}", request=f"q{n}", wanted_skills=wanted, seniority=n % 4)
        yield said(f"c{n}", wishes)


@asynccontextmanager
async def served(
    nats_url: str, folder: Path, service: Service
) -> AsyncIterator[tuple[Runtime, httpx.AsyncClient]]:
    url = f"sqlite:///{folder / 'matching.db'}"
    made = app.build(service, router, Settings(nats_url=nats_url, database_url=url))
    transport = httpx.ASGITransport(app=made)
    async with (
        made.router.lifespan_context(made),
        httpx.AsyncClient(transport=transport, base_url="http://matching") as client,
    ):
        yield made.state.runtime, client


def position(runtime: Runtime) -> int:
    at = partition_of(PROGRAM, PARTITIONS)
    return max((s.progress.position for s in runtime.statuses() if s.partition == at), default=0)


async def round_due(store: Store) -> Event:
    """The `due` that the store waits for; whoever publishes it lets it ring now."""
    timer = store.metadata.tables["timer"].c
    query = select(timer.at).where(timer.program == PROGRAM, timer.name == "round")
    at = store.read(lambda connection: connection.execute(query).scalar_one())
    return due_event("matching", PROGRAM, PROGRAM, "round", at)


def rounds(store: Store) -> list[Round]:
    transaction = store.connect()
    try:
        return list(transaction.each(Round))
    finally:
        transaction.close()


async def rebuilt(log: Log, folder: Path) -> list[Round]:
    """What an empty store holds when it has caught up."""
    url = f"sqlite:///{folder / 'rebuilt.db'}"
    migrate.upgrade("matching", url)
    store = Store(SERVICE.tables, url)
    ledger = Ledger(SERVICE, store, log, partition_of(PROGRAM, PARTITIONS), "rebuilt")
    await ledger.start()
    await ledger.close()
    found = rounds(store)
    store.dispose()
    return found


async def test_everything_else_goes_on_while_a_round_of_a_large_program_is_decided(
    nats_url: str, tmp_path: Path
) -> None:
    log, watched = await Log.connect(nats_url), Watched()
    await provision.apply(log, PARTITIONS)
    async with served(nats_url, tmp_path, watched.service) as (runtime, client), watched:
        everybody = await publish(log, *crowd())
        await until(lambda: position(runtime) >= everybody, "everybody is in the pool")
        due = await publish(log, await round_due(runtime.store))
        await until(watched.began.is_set, "the round begins")

        elsewhere = said("someone", always(), OTHER)
        assert (await runtime.append(elsewhere)).status == 200
        assert (await client.get("/health/ready")).status_code == 200
        assert (await client.get("/metrics")).status_code == 200
        loads = (await client.get(f"/programs/{PROGRAM}/loads")).json()
        assert [each["load"] for each in loads] == [0] * MENTORS
        assert position(runtime) < due

        watched.seen_enough.set()
        await until(lambda: position(runtime) >= due, "the round is folded")
        live = rounds(runtime.store)

        async def is_told() -> bool:
            return "mentoring_round_duration_seconds{" in (await client.get("/metrics")).text

        await until(is_told, "metrics tell of the round")

    (tally,) = await entries(log, f"mentoring.{PROGRAM}.tallied.>")
    told = decode(tally.body).data
    assert isinstance(told, Tallied)
    assert (told.waiting, told.matched) == (REQUESTS, MENTORS)
    assert told.milliseconds is not None
    assert [each.milliseconds for each in live] == [told.milliseconds]
    assert await rebuilt(log, tmp_path) == live
    await log.close()
