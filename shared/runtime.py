"""A running service: its connections, its ledgers, and what its API may ask of them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from faststream.nats import NatsBroker
from sqlalchemy import Connection, text

from shared import migrate
from shared.entry import Entry
from shared.events.envelope import Event
from shared.facts import AtHand, facts_at_hand
from shared.figure import Figure
from shared.fold import fingerprint
from shared.ledger import Ledger
from shared.log import Log, LogTrouble
from shared.ownership import FileOwnership, SharedOwnership
from shared.service import Service
from shared.settings import Settings
from shared.store import Store
from shared.subscription import LogSubscriber, subscribe
from shared.telemetry import Movement, PartitionStatus, readiness

T = TypeVar("T")
logger = logging.getLogger("mentoring.runtime")
ANSWER_WITHIN = 5.0
"""Seconds that a command waits for its service to fold it."""
FIGURES_FRESH = 5.0
"""Seconds for which the figures of a service's rows are good."""


class _Owner(Protocol):
    trouble: str

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def wait(self, partition: int) -> None: ...
    def owns(self, partition: int) -> bool: ...


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of a command.

    Attributes:
        status: 200 folded, 409 refused, 202 stored in the log and not folded yet.
        seq: its sequence in the log.
        rule, field: why it was refused.
    """

    status: int
    seq: int
    rule: str = ""
    field: str = ""


class Runtime:
    """One process of one service. `start` returns at once; connecting goes on for ever beside it."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self.service = service
        self.settings = settings
        self.store = Store(service.tables, settings.database_url)
        self.facts = facts_at_hand(self.store)
        self.figures: AtHand[Sequence[Figure]] = AtHand(
            self.store, service.figures, (), FIGURES_FRESH
        )
        self.trouble = "starting"
        self._movement = Movement()
        self._broker: NatsBroker | None = None
        self._log: Log | None = None
        self._ownership: _Owner | None = None
        self._ledgers: list[Ledger] = []
        self._subscribers: list[LogSubscriber] = []
        self._task: asyncio.Task[None] | None = None
        self._partitions = 1
        self._caught_up = False

    # -- life --

    async def start(self) -> None:
        """Begin to connect and to fold."""
        self._task = asyncio.create_task(self._connect_for_ever())

    async def stop(self) -> None:
        """End after the batches under way, marks written, locks given back."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await asyncio.gather(*(subscriber.stop() for subscriber in self._subscribers))
        if self._ownership is not None:
            await self._ownership.stop()
        if self._broker is not None:
            await self._broker.stop()
        self.store.dispose()

    async def _connect_for_ever(self) -> None:
        pause = 0.1
        while True:
            try:
                await self._connect()
            except Exception as error:  # noqa: BLE001 - trouble while starting is told and tried again
                words = str(error).partition("\n")[0]
                self.trouble = f"{type(error).__name__}: {words}"
                logger.warning("%s does not start yet: %s", self.service.name, self.trouble)
                await self._drop_connection()
                await asyncio.sleep(pause)
                pause = min(5.0, pause * 2)
            else:
                self.trouble = ""
                return

    async def _connect(self) -> None:
        await asyncio.to_thread(self._check_schema)
        self._broker = make_broker(self.settings.nats_url, self.service.name, self._disconnected)
        client = await asyncio.wait_for(self._broker.connect(), 5)
        self._log = Log(client)
        self._partitions = (await self._log.info()).partitions
        self._ownership = self._make_ownership()
        await self._ownership.start()
        for partition in range(self._partitions):
            self._add(partition)
        await self._broker.start()

    def _check_schema(self) -> None:
        service, url = self.service.name, self.settings.database_url
        if self.settings.sqlite_path is not None:
            migrate.upgrade(service, url)
        elif missing := migrate.pending(service, url):
            raise LookupError(
                f"the database lacks the migrations {', '.join(missing)}: run `python -m services.{service} migrate`"
            )
        if strange := self.store.strange_tables():
            raise LookupError(
                f"the tables {', '.join(strange)} are not those of {service}: give each service its own database"
            )

    def _make_ownership(self) -> _Owner:
        path = self.settings.sqlite_path
        if path is not None:
            return FileOwnership(path)
        return SharedOwnership(
            self.store.engine, self.service.name, self._partitions, self.settings.owner
        )

    def _add(self, partition: int) -> None:
        assert self._broker is not None
        assert self._log is not None
        assert self._ownership is not None
        ledger = Ledger(
            self.service,
            self.store,
            self._log,
            partition,
            self.settings.owner,
            driven=self.settings.driven,
        )

        async def fold(batch: list[Entry]) -> None:
            await ledger.fold(batch)

        subscriber = subscribe(self._broker, partition, fold)
        subscriber.attach(ledger, self._log, self._ownership)
        self._ledgers.append(ledger)
        self._subscribers.append(subscriber)

    async def _disconnected(self) -> None:
        if self._log is not None:
            await self._log.disconnected()

    async def _drop_connection(self) -> None:
        self._ledgers.clear()
        self._subscribers.clear()
        if self._ownership is not None:
            await self._ownership.stop()
            self._ownership = None
        if self._broker is not None:
            with contextlib.suppress(Exception):
                await self._broker.stop()
            self._broker = None

    # -- what health, metrics and the API ask --

    def statuses(self) -> list[PartitionStatus]:
        """Every partition as this process sees it."""
        ownership = self._ownership
        return [
            PartitionStatus(
                ledger.partition,
                isinstance(ownership, FileOwnership)
                or (ownership is not None and ownership.owns(ledger.partition)),
                subscriber.pending,
                ledger.progress,
            )
            for ledger, subscriber in zip(self._ledgers, self._subscribers, strict=True)
        ]

    def has_caught_up(self) -> bool:
        """Whether it has, once since it started, folded again what it had answered: a store may be from a backup.

        One that owns no partition cannot tell, and trusts those that do.
        """
        if self._caught_up or not self._ledgers:
            return self._caught_up
        mine = [each.progress.state for each in self.statuses() if each.owned]
        folded = not self.trouble and set(mine) <= {"live"}
        self._caught_up = folded and bool(mine)
        return folded

    def reasons(self) -> list[str]:
        """Why this process is not ready; nothing when it is."""
        ownership = self._ownership
        trouble = self.trouble
        if ownership is not None and ownership.trouble:
            trouble = ownership.trouble
        elif not trouble and self._log is not None and not self._log.client.is_connected:
            trouble = "not connected to NATS"
        return readiness(self.statuses(), self._movement, trouble)

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Run a query on the store, in a thread, on a connection of its own."""
        return await asyncio.to_thread(self.store.read, query)

    async def append(self, event: Event) -> Appended:
        """Append a command's event and wait until this service has folded it.

        Raises:
            LogTrouble: the log did not take it; the same id may be sent again.
        """
        if self._log is None:
            raise LogTrouble("not connected to the log")
        seq = await self._log.publish(event)
        deadline = asyncio.get_running_loop().time() + ANSWER_WITHIN
        while asyncio.get_running_loop().time() < deadline:
            appended = await self.read(lambda connection: _outcome(connection, event, seq))
            if appended is not None:
                return appended
            await asyncio.sleep(0.01)
        return Appended(202, seq)


def _outcome(connection: Connection, event: Event, seq: int) -> Appended | None:
    """What became of an event, by its identity: a retry is told what the first one was; None: not folded yet."""
    known = text("SELECT 1 FROM seen WHERE fingerprint = :print")
    if connection.execute(known, {"print": fingerprint(event)}).first() is None:
        return None
    letter = text(
        "SELECT kind, rule, field FROM dead_letter "
        "WHERE program = :program AND event = :event AND state = 'open'"
    )
    found = connection.execute(letter, {"program": event.program, "event": event.id}).first()
    if found is None:
        return Appended(200, seq)
    if found[0] == "parked":
        return Appended(202, seq, "parked")
    return Appended(409, seq, found[1], found[2])


def make_broker(url: str, name: str, disconnected: Callable[[], Any] | None = None) -> NatsBroker:
    """FastStream's broker with our settings: reconnects for ever, validates nothing twice."""
    return NatsBroker(
        url.split(","),
        name=f"mentoring-{name}",
        apply_types=False,
        max_reconnect_attempts=-1,
        reconnect_time_wait=1,
        connect_timeout=2,
        ping_interval=5,
        max_outstanding_pings=2,
        allow_reconnect=True,
        disconnected_cb=disconnected,
        graceful_timeout=10,
        log_level=logging.DEBUG,
        inbox_prefix=f"_INBOX_{name}".encode(),
    )
