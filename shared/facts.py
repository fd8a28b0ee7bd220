"""What a service's database says about itself: generations, timers, and what operators do to it now."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sqlalchemy import Connection, Table, func, select, text

from shared.outcome import StoreRefused, StoreTrouble
from shared.store import Store
from shared.transaction import Position, positions_of

T = TypeVar("T")
_FRESH, _PATIENCE = 1.0, 0.5
"""Seconds for which an answer is good, and for which it is waited for: health answers when the database does not."""


@dataclass(frozen=True, slots=True)
class Running:
    """An operator's act that goes on, or waits for an answer."""

    id: int
    kind: str
    state: str
    program: str | None
    position: int | None


@dataclass(frozen=True, slots=True)
class Verified:
    """The last check of the whole store that came to its end.

    Attributes:
        at: when; seconds since 1970.
        differing: rows that were not what the log says.
    """

    at: float
    differing: int


@dataclass(frozen=True, slots=True)
class Facts:
    """The database's own bookkeeping.

    Attributes:
        positions: by partition.
        running: acts that go on, the oldest first.
        operations: how many there were, by kind and state.
        ended: when the last one ended well, by kind; seconds since 1970.
        verified: None where the store was never checked.
    """

    positions: Mapping[int, Position] = field(default_factory=dict)
    running: Sequence[Running] = ()
    operations: Mapping[tuple[str, str], int] = field(default_factory=dict)
    ended: Mapping[str, float] = field(default_factory=dict)
    verified: Verified | None = None


def facts_of(connection: Connection, store: Store) -> Facts:
    """Read them."""
    operation = store.metadata.tables["operation"]
    going = connection.execute(
        text(
            "SELECT id, kind, state, program, position FROM operation "
            "WHERE state IN ('running', 'waiting') AND ended IS NULL ORDER BY id"
        )
    )
    running = tuple(Running(*row) for row in going)
    counts = connection.execute(
        text(
            "SELECT kind, state, count(*) FROM operation GROUP BY kind, state ORDER BY kind, state"
        )
    )
    operations = {(kind, state): count for kind, state, count in counts}
    last = connection.execute(
        select(operation.c.kind, func.max(operation.c.ended))
        .where(operation.c.state == "done")
        .group_by(operation.c.kind)
    )
    ended = {kind: at.timestamp() for kind, at in last if at is not None}
    return Facts(
        positions_of(connection), running, operations, ended, _verified(connection, operation)
    )


def _verified(connection: Connection, operation: Table) -> Verified | None:
    """Not one of a single program: it says nothing of the others."""
    columns = operation.c
    last = connection.execute(
        select(columns.ended, columns.detail)
        .where(columns.kind == "verify", columns.state == "done", columns.program.is_(None))
        .order_by(columns.id.desc())
        .limit(1)
    ).first()
    return None if last is None else Verified(last[0].timestamp(), int(last[1]["differing"]))


class AtHand(Generic[T]):
    """What a query found a moment ago; a database that does not answer holds nobody up.

    Args:
        store: where to ask.
        query: what.
        unknown: stands for the answer until there is one.
        fresh: seconds for which an answer is good.
    """

    def __init__(
        self, store: Store, query: Callable[[Connection], T], unknown: T, fresh: float = _FRESH
    ) -> None:
        self._store = store
        self._query = query
        self._fresh = fresh
        self._known = unknown
        self._read_at = -fresh
        self._task: asyncio.Task[None] | None = None

    async def get(self) -> T:
        """The newest that can be had at once."""
        if self._task is None and time.monotonic() - self._read_at >= self._fresh:
            self._task = asyncio.create_task(self._read())
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=_PATIENCE)
        return self._known

    async def _read(self) -> None:
        try:
            self._known = await asyncio.to_thread(self._store.read, self._query)
        except (StoreTrouble, StoreRefused):
            pass  # the ledgers say that the database is away
        finally:
            self._read_at, self._task = time.monotonic(), None


def facts_at_hand(store: Store) -> AtHand[Facts]:
    """A database's facts as they were a moment ago."""
    return AtHand(store, lambda connection: facts_of(connection, store), Facts())
