"""Matching over the golden log, with a store that a bug has written, and the command beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from services.matching.app import SERVICE as MATCHING
from services.matching.model import Mentor
from shared import migrate
from shared.events.envelope import Event
from shared.events.outside import Offered
from shared.log import Log
from shared.replay import operation
from shared.service import Service
from shared.store import Store
from shared.transaction import positions_of
from shared.world import Change, World
from tests.cli.conftest import Answer, Mentoring, on_log
from tests.cli.faulty import running
from tests.lifecycle.golden import golden_log
from tests.shared.replay.recorded import golden, publish
from tests.tally.log import until

GOLDEN = golden()
PROGRAM = GOLDEN[0].subject.split(".")[1]


def buggy() -> Service:
    """Matching whose fold adds a language to each offer."""
    right = MATCHING.evolves[Offered]

    def evolve(world: World, event: Event) -> Iterable[Change]:
        for change in right(world, event):
            yield _with_latin(change) if isinstance(change, Mentor) else change

    return replace(MATCHING, evolves={**MATCHING.evolves, Offered: evolve})


def _with_latin(row: Mentor) -> Mentor:
    offer = row.offer.model_copy(update={"languages": (*row.offer.languages, "la")})
    return replace(row, offer=offer)


@dataclass
class Scene:
    """A log, a store and the command."""

    url: str
    database: str
    command: Mentoring

    def __post_init__(self) -> None:
        on_log(self.url, lambda log: publish(log, GOLDEN))
        migrate.upgrade("matching", self.database)

    def fold(self, service: Service = MATCHING, last: int = len(GOLDEN)) -> None:
        """Let a service fold what is in the log, and end it."""
        with self.running(service):
            self.wait(last)

    def running(self, service: Service = MATCHING) -> Any:
        """The service, in a thread of its own."""
        return running(service, self.url, self.database)

    def wait(self, last: int) -> None:
        """Until the store has folded so far."""

        async def work(log: Log) -> None:
            store = self.store()
            await until(lambda: self.position(store) >= last, f"{last} is folded")
            store.dispose()

        on_log(self.url, work)

    @staticmethod
    def position(store: Store) -> int:
        """How far it is."""
        return max((each.seq for each in store.read(positions_of).values()), default=0)

    def say(self, *events: Event) -> int:
        """Publish; the last sequence."""

        async def work(log: Log) -> int:
            return [await log.publish(each) for each in events][-1]

        last: int = on_log(self.url, work)
        return last

    def store(self) -> Store:
        return Store(MATCHING.tables, self.database)

    def digest(self) -> str:
        store = self.store()
        try:
            return store.digest()
        finally:
            store.dispose()

    def operations(self) -> list[operation.Operation]:
        store = self.store()
        try:
            return operation.listing(store)
        finally:
            store.dispose()

    def replay(self, *arguments: str) -> Answer:
        """`mentoring replay`, where this scene is."""
        beside = arguments[0] in {"list", "undo", "drop"}
        return self.command("replay", *arguments, *(self.named if beside else self.place))

    @property
    def place(self) -> Sequence[str]:
        """Options that say where the log and the store are."""
        return ["--nats", self.url, *self.named]

    @property
    def named(self) -> Sequence[str]:
        """The option that says where the store is."""
        sign = "&" if "?" in self.database else "?"
        named = f"{self.database}{sign}application_name={{service}}"
        if self.database.startswith("sqlite"):
            named = self.database.replace("matching.db", "{service}.db")
        return ["--database", named]


def truth() -> str:
    """The digest of what the golden log leads to, folded in memory."""
    return golden_log.digest_of(golden_log.SERVICES["matching"], GOLDEN)


def database(folder: Path) -> str:
    """A SQLite store's address."""
    return f"sqlite:///{folder / 'matching.db'}"
