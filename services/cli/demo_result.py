"""What a run of the demo came to, and what makes two runs the same.

The same seed gives the same result to the byte: `said` is a hash over every event of the program, service by
service and then everybody else, each in the order of the log; `rows` is the digest of a store. Between runs
the sequence numbers differ, because marks take some and their number depends on how fast the machine was. So
nothing here knows them: dead letters, the only rows that name one, are counted through instead.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from shared.digest import digest
from shared.entry import Entry
from shared.events.envelope import Event
from shared.outcome import DeadLetter
from shared.service import Service
from shared.store import Store
from shared.world import Row

OUTSIDE = "people and timers"


@dataclass
class Said:
    """Hashes what is said, by who says it."""

    _hashes: dict[str, hashlib._Hash] = field(default_factory=dict)

    def add(self, entry: Entry, event: Event) -> None:
        """One event, in the order of the log."""
        who = event.source.rsplit("/", 1)[-1] if entry.cause is not None else OUTSIDE
        known = self._hashes.setdefault(who, hashlib.sha256())
        known.update(entry.body + b"\n")

    def digests(self) -> dict[str, str]:
        """SHA-256 of everything that each of them said, in order."""
        return {who: known.hexdigest() for who, known in sorted(self._hashes.items())}


def store_digests(services: Sequence[Service], folder: Path) -> Mapping[str, str]:
    """The digest of each service's store in a folder of `mentoring up`."""
    return {service.name: _digest(service, folder) for service in services}


def _digest(service: Service, folder: Path) -> str:
    store = Store(service.tables, f"sqlite:///{folder / service.name}.db")
    transaction = store.connect()
    try:
        return digest(counted_through(transaction.everything()))
    finally:
        transaction.close()
        store.dispose()


def counted_through(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows, with dead letters numbered in their order instead of by sequence."""
    letters = 0
    for row in rows:
        if isinstance(row, DeadLetter):
            letters += 1
            yield replace(row, seq=letters)
        else:
            yield row
