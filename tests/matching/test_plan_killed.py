"""A real ledger that dies in the middle of a large round: the plan goes on where the log says it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from services.matching import limits
from services.matching.app import SERVICE
from shared import migrate
from shared.events.envelope import Event, EventData, due_event
from shared.events.rules import OnCalendar
from shared.ledger import Ledger
from shared.log import Log, LogTrouble
from shared.store import Store
from tests.matching.history import PROGRAM, always, offered, opened, requested
from tests.tally.events import event_id
from tests.tally.log import entries, open_log, publish

LATER = datetime(2099, 3, 2, 8, tzinfo=UTC)
"""So late that no deadline rings by itself."""
REQUESTS, STEPS = 10, 4


class Killed(Exception):
    """Stands for kill -9 at this place."""


def _before_the_store(ledger: Ledger) -> None:
    def die() -> None:
        raise Killed

    ledger._folding.commit = die  # type: ignore[method-assign]


def _before_the_log(ledger: Ledger) -> None:
    async def away(work: object) -> None:
        raise LogTrouble("away")

    ledger._publish = away  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PAIRS", {"none": 3})


def crowd() -> Iterator[Event]:
    """A program with rounds on a calendar, more requests than one input says, and a place for each."""
    rules = opened(
        effective_at=LATER,
        starts_on=date(2099, 3, 1),
        ends_on=date(2099, 8, 31),
        rounds=OnCalendar(rrule="FREQ=WEEKLY;BYDAY=MO"),
        capacity=REQUESTS,
    )
    yield said(PROGRAM, rules)
    yield said("mia", always())
    yield said("mia", offered(capacity=REQUESTS))
    for n in range(REQUESTS):
        yield said(f"mentee{n}", always())
        yield said(f"c{n}", requested(f"mentee{n}", request=f"q{n}"))


def said(key: str, data: EventData) -> Event:
    return Event(event_id(f"{key} {data.WORD}"), "urn:test", PROGRAM, key, LATER, data)


@dataclass
class Place:
    """A log, and a database that one ledger after the other works on."""

    log: Log
    url: str
    owners: int = 0

    @asynccontextmanager
    async def ledger(self, url: str = "") -> AsyncIterator[Ledger]:
        """A ledger that has started, with an owner of its own."""
        self.owners += 1
        store = Store(SERVICE.tables, url or self.url)
        ledger = Ledger(SERVICE, store, self.log, owner=f"owner{self.owners}", driven=True)
        try:
            await ledger.start()
            yield ledger
        finally:
            await ledger.close()
            store.dispose()

    async def fold(self) -> None:
        """A new owner folds what is new in the log."""
        async with self.ledger() as ledger:
            await ledger.fold(await entries(self.log, start=ledger.progress.position + 1))

    async def dies(self, wound: Callable[[Ledger], None]) -> None:
        """A new owner begins to fold what is new in the log, and dies over it."""
        async with self.ledger() as ledger:
            wound(ledger)
            with pytest.raises((Killed, LogTrouble)):
                await ledger.fold(await entries(self.log, start=ledger.progress.position + 1))

    async def ring(self, name: str) -> None:
        """The deadline of the program that the store waits for stands in the log."""
        store = Store(SERVICE.tables, self.url)
        timer = store.metadata.tables["timer"].c
        query = select(timer.at).where(timer.program == PROGRAM, timer.name == name)
        at = store.read(lambda connection: connection.execute(query).scalar_one())
        store.dispose()
        await publish(self.log, due_event("matching", PROGRAM, PROGRAM, name, at))

    def digest(self, url: str = "") -> str:
        store = Store(SERVICE.tables, url or self.url)
        try:
            return store.digest()
        finally:
            store.dispose()

    async def rebuilt(self, file: Path) -> str:
        """The digest of an empty store that has caught up."""
        url = f"sqlite:///{file}"
        migrate.upgrade("matching", url)
        async with self.ledger(url):
            pass
        return self.digest(url)


@pytest.fixture
async def place(nats_url: str, database_url: str) -> AsyncIterator[Place]:
    migrate.upgrade("matching", database_url)
    async with open_log(nats_url) as log:
        yield Place(log, database_url)


@pytest.mark.parametrize("wound", [_before_the_log, _before_the_store])
async def test_whoever_dies_in_any_step_of_a_plan_has_it_said_once_and_rebuilt_the_same(
    place: Place, tmp_path: Path, wound: Callable[[Ledger], None]
) -> None:
    await publish(place.log, *crowd())
    await place.fold()
    for step in range(STEPS):
        await place.ring("again" if step else "round")
        await place.dies(wound)
        await place.fold()
        assert await place.rebuilt(tmp_path / f"rebuilt{step}.db") == place.digest()
    pairs = Counter(entry.subject for entry in await entries(place.log, "mentoring.*.paired.>"))
    assert sorted(pairs.values()) == [1] * REQUESTS
    assert len(await entries(place.log, "mentoring.*.planned.>")) == STEPS - 1
