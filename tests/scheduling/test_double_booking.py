"""Fifty pairs of one mentor planned at once, in two programs on two partitions, over a real log and real tables."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import text

from services.scheduling.app import SERVICE
from services.scheduling.decide import paired as decide_paired
from services.scheduling.model import Booking
from shared import migrate
from shared.catchup import input_filters
from shared.events import matching
from shared.events.envelope import Event, EventData
from shared.ledger import Ledger
from shared.log import Log
from shared.partition import partition_of
from shared.service import Service
from shared.store import Store
from shared.world import Answer, Row, World
from tests.scheduling.history import MENTOR, START, available, opened, paired
from tests.tally.log import entries, open_log, publish

PARTITIONS = 2
PROGRAMS = ("spring", "autumn")
PAIRS = 50
DOUBLE = """
WITH taken AS (
    SELECT program, mentor AS person, cycle, meeting, starts_at, ends_at
    FROM meeting WHERE status IN ('confirmed', 'met')
    UNION ALL
    SELECT program, mentee, cycle, meeting, starts_at, ends_at
    FROM meeting WHERE status IN ('confirmed', 'met')
)
SELECT count(*) FROM taken a JOIN taken b
    ON a.program = b.program AND a.person = b.person
    AND (a.cycle <> b.cycle OR a.meeting <> b.meeting)
    AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
"""
"""Pairs of meetings that one person would be in at once: from the meetings themselves, not from bookings."""
STANDING = "SELECT count(*) FROM meeting WHERE status = 'confirmed' AND program = :program"
PARKED = "SELECT count(*) FROM dead_letter WHERE kind = 'parked' AND program = :program"


@dataclass
class Place:
    """A log and a database, with what is asked of them."""

    log: Log
    url: str

    async def plan(self, service: Service = SERVICE) -> Store:
        """Fold both partitions at the same time, with a ledger for each; the store that they made."""
        store = Store(service.tables, self.url)
        async with self._ledger(service, store, 0) as one, self._ledger(service, store, 1) as two:
            await asyncio.gather(self._fold(one), self._fold(two))
        return store

    @asynccontextmanager
    async def _ledger(
        self, service: Service, store: Store, partition: int
    ) -> AsyncIterator[Ledger]:
        ledger = Ledger(service, store, self.log, partition, driven=True)
        try:
            yield ledger
        finally:
            await ledger.close()

    async def _fold(self, ledger: Ledger) -> None:
        start = await ledger.start()
        inputs = await entries(self.log, *input_filters(ledger.partition), start=start)
        assert len(inputs) > PAIRS
        await ledger.fold(inputs)


@pytest.fixture
async def place(nats_url: str, database_url: str) -> AsyncIterator[Place]:
    """Two programs are open, and a mentor who is free on weekdays has fifty new pairs in each."""
    migrate.upgrade("scheduling", database_url)
    async with open_log(nats_url, PARTITIONS) as log:
        for program in PROGRAMS:
            await publish(log, *said_in(program))
        yield Place(log, database_url)


def said_in(program: str) -> Iterator[Event]:
    def event(key: str, data: EventData) -> Event:
        return Event(str(uuid.uuid4()), "/tests", program, key, START, data)

    yield event(program, opened(weekly_max=40))
    yield event(MENTOR, available())
    for number in range(PAIRS):
        yield event(f"p{number}", available())
    for number in range(PAIRS):
        yield event(f"c{number}", paired(f"p{number}", MENTOR, planned_meetings=2))


def count(store: Store, sql: str, **values: Any) -> int:
    return int(store.read(lambda connection: connection.execute(text(sql), values).scalar_one()))


class Blind(World):
    """A world that shows nobody's bookings: what a planner sees that has forgotten to look."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world
        self.now = world.now

    def get(self, kind: type[Any], /, *key: Any) -> Any:
        return self._world.get(kind, *key)

    def where(self, kind: type[Row], /, **how: Any) -> list[Any]:
        return [] if kind is Booking else self._world.where(kind, **how)


def careless(world: World, event: Event) -> list[Answer]:
    """Plan a pair without a look at what stands."""
    assert isinstance(event.data, matching.Paired)
    return decide_paired(Blind(world), event, event.data)


def test_the_two_programs_lie_in_two_partitions() -> None:
    assert sorted(partition_of(program, PARTITIONS) for program in PROGRAMS) == [0, 1]


async def test_nobody_is_double_booked_when_fifty_pairs_of_a_mentor_are_planned_at_once(
    place: Place,
) -> None:
    store = await place.plan()
    try:
        for program in PROGRAMS:
            assert count(store, PARKED, program=program) == 0
            assert count(store, STANDING, program=program) > PAIRS
        assert count(store, DOUBLE) == 0
    finally:
        store.dispose()


async def test_a_planner_that_does_not_look_is_refused_by_the_database_and_its_pairs_are_parked(
    place: Place,
) -> None:
    decides: dict[type[EventData], Callable[[World, Event], list[Answer]]] = {
        matching.Paired: careless
    }
    store = await place.plan(replace(SERVICE, decides={**SERVICE.decides, **decides}))
    try:
        for program in PROGRAMS:
            assert count(store, STANDING, program=program) == 2  # the first pair's
            assert count(store, PARKED, program=program) == PAIRS - 1
        assert count(store, DOUBLE) == 0
    finally:
        store.dispose()
    told = [entry.word for entry in await entries(place.log) if entry.said_by == SERVICE.name]
    assert told.count("parked") == 2 * (PAIRS - 1)
    assert told.count("scheduled") == 4
