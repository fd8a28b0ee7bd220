"""What must be true afterwards, whatever was killed: read from the log and the stores alone."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared import mark as marks
from shared.entry import Entry
from shared.events.envelope import Event
from shared.ledger import Ledger
from shared.log import Log, LogTrouble
from shared.reader import ReaderLost
from shared.service import Service
from shared.store import Store
from tests.tally.log import EVENTS, entries, until

_SOON = timedelta(minutes=1)


@dataclass(frozen=True)
class Told:
    """The log's events, as one service sees them."""

    inputs: list[Entry]
    answers: list[Entry]


async def told(log: Log, service: str) -> Told:
    """Everything in the log, parted into inputs and answers of this service."""
    found = await entries(log, EVENTS)
    own = [entry for entry in found if entry.said_by == service]
    return Told([entry for entry in found if entry.said_by != service], own)


async def settled(
    log: Log, services: Sequence[str], patience: float = 120, *, driven: bool = False
) -> None:
    """Return when every service has folded the whole log and said all of it.

    Timers that are due are waited for, unless they are `driven`: then they stand in the log for good.
    """
    tail = _Tail(log, dict.fromkeys(services, 0), driven=driven)
    await until(tail.is_said, f"{', '.join(services)} have folded everything", patience)


async def moved(log: Log, service: str) -> None:
    """Return when the service has said more than it had when this was called, or there is nothing more to say."""
    tail = _Tail(log, {service: 0})
    before: list[int] = []

    async def done() -> bool:
        try:
            before.append((await marks.read(log, service, 0)).seq)
        except LogTrouble:
            return False
        return before[-1] > before[0] or await tail.is_said()

    await until(done, f"{service} moves again")


@dataclass
class _Tail:
    """The last input of each service, as the log grows."""

    log: Log
    last: dict[str, int]
    driven: bool = False
    _read: int = 0

    async def is_said(self) -> bool:
        """Whether every service's mark stands at its last input, and nothing more has come."""
        try:
            for service in self.last:
                if (await marks.read(self.log, service, 0)).seq < self.last[service]:
                    return False
            return not await self._grew() and (self.driven or not await _rings_soon(self.log))
        except (LogTrouble, ReaderLost):
            return False

    async def _grew(self) -> bool:
        found = await entries(self.log, EVENTS, start=self._read + 1)
        for entry in found:
            for service in self.last:
                if entry.said_by != service:
                    self.last[service] = entry.seq
        self._read = found[-1].seq if found else self._read
        return bool(found)


async def _rings_soon(log: Log) -> bool:
    """Whether the log holds a timer that is due: the server puts it into the log any moment."""
    timers = await entries(log, "mentoring-timer.>")
    now = datetime.now(UTC) + _SOON
    return any(datetime.fromisoformat(json.loads(e.body)["data"]["at"]) < now for e in timers)


def published_all(told: Told, published: Sequence[Event]) -> None:
    """Every published event is in the log: the publisher keeps its word."""
    stored = {_id(entry) for entry in told.inputs if _is_json(entry)}
    missing = [event.id for event in published if event.id not in stored]
    assert not missing, f"{len(missing)} events were never stored"


def nothing_said_twice(told: Told) -> None:
    """No output id stands twice in the log."""
    places: dict[str, list[Entry]] = {}
    for entry in told.answers:
        places.setdefault(_id(entry), []).append(entry)
    twice = [
        (entry.seq, entry.cause, entry.subject)
        for found in places.values()
        if len(found) > 1
        for entry in found
    ]
    assert not twice, f"of {len(places)} outputs stand more than once in the log: {twice[:20]}"


def answered_in_order(told: Told) -> None:
    """Answers stand in the order of their inputs, each behind its own."""
    causes = [entry.cause or 0 for entry in told.answers]
    assert causes == sorted(causes)
    assert all(entry.cause is not None and entry.cause < entry.seq for entry in told.answers)


def each_answered_once(told: Told, words: frozenset[str]) -> None:
    """Every input of these words has exactly one answer, or is a copy of one that has."""
    first: dict[str, int] = {}
    for entry in told.inputs:
        if entry.word in words and _is_json(entry):
            first.setdefault(_id(entry), entry.seq)
    causes = Counter(entry.cause for entry in told.answers)
    wrong = [seq for seq in first.values() if causes[seq] != 1]
    assert not wrong, f"{len(wrong)} of {len(first)} inputs are not answered exactly once"


async def rebuilt_digest(log: Log, service: Service, folder: Path, owner: str = "rebuild") -> str:
    """The digest of a new store that caught up from the log alone. The service is not running."""
    store = Store(service.tables, f"sqlite:///{folder / f'{service.name}-{owner}.db'}")
    store.create_all()
    ledger = Ledger(service, store, log, owner=owner)
    try:
        await _started(ledger)
        return store.digest()
    finally:
        await ledger.close()
        store.dispose()


async def _started(ledger: Ledger) -> None:
    """Start as a service does: a cluster that elects a leader loses readers, and starting again is what one does."""
    for tries_left in range(20, -1, -1):
        try:
            await ledger.start()
        except (LogTrouble, ReaderLost):
            if not tries_left:
                raise
            await asyncio.sleep(0.5)
        else:
            return


def live_digest(service: Service, url: str) -> str:
    """The digest of a service's store as it stands."""
    store = Store(service.tables, url)
    try:
        return store.digest()
    finally:
        store.dispose()


def position(service: Service, url: str, partition: int = 0) -> int:
    """What a store says it has folded."""
    store = Store(service.tables, url)
    transaction = store.connect()
    try:
        found = transaction.position(partition)
        return found[0] if found else 0
    finally:
        transaction.close()
        store.dispose()


def _id(entry: Entry) -> str:
    found: str = json.loads(entry.body)["id"]
    return found


def _is_json(entry: Entry) -> bool:
    try:
        return bool(json.loads(entry.body)["id"])
    except (ValueError, KeyError, TypeError):
        return False
