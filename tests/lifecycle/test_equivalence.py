"""Live is a replay that never ends: the live store is the one that the log alone gives.

Whatever stands in the log in whatever order: copies, facts of others raced in behind and in front of every answer,
a capacity that cycles share, timers late and twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared import provision
from shared.entry import Entry
from shared.events.envelope import Event, due_event, encode
from shared.ledger import Ledger
from shared.log import STREAM, Log, Message
from shared.service import Service
from shared.store import Store
from shared.world import Answer, Timer, World
from tests.tally.book import Book
from tests.tally.events import (
    START,
    discarded,
    progressed,
    redriven,
    withdrawn,
)
from tests.tally.log import entries
from tests.tally.service import CAPACITY, TALLY, Load, Tally, decide_progressed

KEYS = tuple(f"c{n}" for n in range(8))
PROGRAMS = ("acme", "beta")
HOURS = st.integers(0, 72)

progresses = st.builds(
    lambda n, key, program, value, hours: progressed(
        key, value, n=n, program=program, at=START + timedelta(hours=hours)
    ),
    st.integers(0, 60),
    st.sampled_from(KEYS),
    st.sampled_from(PROGRAMS),
    st.sampled_from((1.0, 2.0, 3.0, 1.0, 2.0, 13.0, 666.0)),
    HOURS,
)
withdrawals = st.builds(
    lambda n, key, program, source: replace(
        withdrawn(key, n=f"w{n}", program=program), source=source
    ),
    st.integers(0, 30),
    st.sampled_from(KEYS),
    st.sampled_from(PROGRAMS),
    st.sampled_from(("urn:test", "/mentoring/matching")),
)
strays = st.builds(
    lambda program, key, hours, service: due_event(
        service, program, key, "expires", START + timedelta(hours=hours)
    ),
    st.sampled_from(PROGRAMS),
    st.sampled_from(KEYS),
    HOURS,
    st.sampled_from(("tally", "matching")),
)


@dataclass(frozen=True)
class Ring:
    """The timers that are set fire, those that match `which`, and again if `twice`."""

    which: int
    twice: bool


@dataclass(frozen=True)
class Operate:
    """An operator does something about a parked input."""

    which: int
    redrive: bool


@dataclass(frozen=True)
class Garbage:
    """Bytes that are no event."""

    key: str


steps = st.lists(
    st.one_of(
        progresses,
        progresses,
        withdrawals,
        strays,
        st.builds(Ring, st.integers(0, 7), st.booleans()),
        st.builds(Operate, st.integers(0, 7), st.booleans()),
        st.builds(Garbage, st.sampled_from(KEYS)),
    ),
    max_size=40,
)


@dataclass
class Mended:
    """The tally service, whose 666 stops raising after a while: a redriven input may be folded then."""

    raises: int = 3
    service: Service = field(init=False)

    def __post_init__(self) -> None:
        kind = type(progressed().data)
        self.service = replace(TALLY, decides={**TALLY.decides, kind: self._decide})

    def _decide(self, world: World, event: Event) -> list[Answer]:
        if event.data.value != 666:  # type: ignore[attr-defined]
            return decide_progressed(world, event)
        self.raises -= 1
        if self.raises >= 0:
            raise ArithmeticError("not yet")
        return []


class Author:
    """Turns steps into events, knowing what a world outside would know: which timers stand and what is parked."""

    def __init__(self) -> None:
        self._count = 0
        self._fired: list[Event] = []

    def events(self, step: object, timers: list[Timer], parked: list[Event]) -> list[Event]:
        self._count += 1
        match step:
            case Event():
                return [step]
            case Ring(which, twice):
                return self._ring(timers[which % len(timers)] if timers else None, twice=twice)
            case Operate(which, redrive) if parked:
                act = redriven if redrive else discarded
                return [act(parked[which % len(parked)], n=f"op{self._count}")]
        return []

    def _ring(self, timer: Timer | None, *, twice: bool) -> list[Event]:
        """A timer fires, perhaps twice; or one that fired long ago fires again."""
        if timer is None:
            return self._fired[-1:]
        due = due_event("tally", timer.program, timer.about, timer.name, timer.at)
        self._fired.append(due)
        return [due, due] if twice else [due]


def parked_in(log: list[Event]) -> list[Event]:
    """Events of which some may be parked."""
    return [event for event in log if getattr(event.data, "value", 0) == 666]


@given(steps)
@settings(deadline=None)
def test_in_memory_following_the_log_gives_the_world_that_live_has(sequence: list[object]) -> None:
    book, author, said = Book(Mended().service), Author(), list[Event]()
    for step in sequence:
        if isinstance(step, Garbage):
            at = len(book.entries) + 1
            book.live_entry(Entry(at, f"mentoring.acme.progressed.{step.key}", b"garbage"))
            continue
        timers = [row for row in book.rows(Timer) if isinstance(row, Timer)]
        for event in author.events(step, timers, parked_in(said)):
            said.append(event)
            book.live(event)
    assert book.replay(replace(TALLY, decides={})).digest == book.digest
    for program in PROGRAMS:
        rows = book.rows(Tally)
        active = [r for r in rows if isinstance(r, Tally) and r.program == program and r.active]
        load = book.world.get(Load, program)
        assert len(active) <= CAPACITY
        assert (load.active if load else 0) == len(active)


@given(steps)
@settings(deadline=None)
def test_in_memory_every_output_has_an_id_of_its_own(sequence: list[object]) -> None:
    book, author, said = Book(Mended().service), Author(), list[Event]()
    for step in sequence:
        if isinstance(step, Garbage):
            continue
        timers = [row for row in book.rows(Timer) if isinstance(row, Timer)]
        for event in author.events(step, timers, parked_in(said)):
            said.append(event)
            book.live(event)
    ids = [answer.id for answers in book.told.values() for answer in answers]
    assert len(ids) == len(set(ids))


@dataclass
class Racer:
    """A log in which others say something right in front of, or right behind, each batch of answers."""

    log: Log
    races: list[Event]
    behind: bool

    async def send_batch(self, messages: list[Message]) -> int:
        """Race, publish; or publish, race."""
        if not self.behind:
            await self._race()
        last = await self.log.send_batch(messages)
        if self.behind:
            await self._race()
        return last

    async def _race(self) -> None:
        if self.races:
            event = self.races.pop(0)
            await self.log.send(Message(event.subject, encode(event)))

    def __getattr__(self, name: str) -> object:
        return getattr(self.log, name)


@dataclass
class Stage:
    """A log and a database, new for every example."""

    log: Log
    url: str

    @asynccontextmanager
    async def ledger(self, owner: str, log: Log | Racer) -> AsyncIterator[Ledger]:
        """A ledger that has started; its timers are driven."""
        store = Store(TALLY.tables, self.url)
        store.create_all()
        ledger = Ledger(TALLY, store, log, owner=owner, driven=True)  # type: ignore[arg-type]
        try:
            await ledger.start()
            yield ledger
        finally:
            await ledger.close()
            store.dispose()

    async def live(self, batches: list[list[Event]], racer: Racer) -> None:
        """Fold batch after batch, each by a new owner, until nothing is left to fold."""
        for number, batch in enumerate(batches):
            for event in batch:
                await self.log.send(Message(event.subject, encode(event)))
            async with self.ledger(f"live{number}", racer) as ledger:
                await self.fold_all(ledger)

    async def fold_all(self, ledger: Ledger) -> None:
        """What was raced in is folded, too, and answered, and so on."""
        while found := await self._inputs(ledger.progress.position):
            await ledger.fold(found)
        await ledger.settle()

    async def _inputs(self, position: int) -> list[Entry]:
        found = await entries(self.log, start=position + 1)
        return [entry for entry in found if entry.said_by != "tally"]

    def digest(self) -> str:
        """Of the store as it stands."""
        store = Store(TALLY.tables, self.url)
        try:
            return store.digest()
        finally:
            store.dispose()


@asynccontextmanager
async def stage(nats_url: str, database_url: str) -> AsyncIterator[Stage]:
    """An empty log and an empty database."""
    log = await Log.connect(nats_url)
    try:
        await log.request(f"$JS.API.STREAM.DELETE.{STREAM}", b"")
        await provision.apply(log)
        store = Store(TALLY.tables, database_url)
        store.metadata.drop_all(store.engine)
        store.dispose()
        yield Stage(log, database_url)
    finally:
        await log.close()


told = st.lists(st.one_of(progresses, progresses, withdrawals, strays), max_size=15)


@given(st.lists(told, min_size=1, max_size=3), told, st.booleans())
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_on_real_servers_a_store_rebuilt_from_the_log_is_the_live_one(
    nats_url: str,
    database_url: str,
    tmp_path: Path,
    batches: list[list[Event]],
    races: list[Event],
    behind: bool,
) -> None:
    async def example() -> None:
        async with stage(nats_url, database_url) as live:
            await live.live(batches, Racer(live.log, list(races), behind))
            async with stage_for_rebuild(live, tmp_path) as rebuilt:
                async with rebuilt.ledger("rebuild", live.log):
                    pass
                assert rebuilt.digest() == live.digest()
            found = [entry.body for entry in await entries(live.log) if entry.said_by == "tally"]
            assert len(found) == len(set(found))

    asyncio.run(example())


@asynccontextmanager
async def stage_for_rebuild(live: Stage, folder: Path) -> AsyncIterator[Stage]:
    """The same log, and an empty SQLite database."""
    path = folder / "rebuilt.db"
    for leftover in folder.glob("rebuilt.db*"):
        leftover.unlink()
    yield Stage(live.log, f"sqlite:///{path}")
