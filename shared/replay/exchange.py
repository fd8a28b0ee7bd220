"""The exchange: a store's contents for those of its shadow, in one transaction of the live database.

Files are never renamed under those who have them open. The service waits at its next batch while the exchange is
held, so its position stands still; afterwards the position's generation has risen, and a ledger that holds rows of
the store before is fenced and starts again. The store as it was is kept beside it until it is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from sqlalchemy import Connection

from shared.engine import trouble
from shared.fitness import NotReady
from shared.replay import in_file, in_schema
from shared.replay.beside import Beside, beside
from shared.replay.shadow import Shadow
from shared.store import Store
from shared.transaction import Position, positions_of

PATIENCE = 60.0
"""Seconds to wait for the service's batch, and for whoever reads."""
_NEVER = frozenset({"pod", "operation"})
"""Tables that say what is done to this database, not what is in the log."""


class _Way(Protocol):
    """How a database exchanges contents, within the transaction that holds its lock."""

    def keep(self) -> None:
        """Copy the store as it is to the place beside it."""

    def take(self, other: Beside, tables: list[str]) -> None:
        """Take over all rows of another store."""

    def take_program(self, other: Beside, tables: list[str], rows: list[str], program: str) -> None:
        """Take over the rows of one program; `rows` are those of the tables that hold any."""


class Exchange:
    """Holds a live store still, and exchanges its contents: `with Exchange(live) as held:`.

    What was done is kept at a clean end, and nothing of it otherwise.

    Args:
        live: the store that the service works on.
        patience: seconds to wait until it can be held.

    Attributes:
        connection: on which the lock is held; what is written here is kept or dropped with the exchange.
        positions: where the live store stands.

    Raises:
        StoreTrouble: it could not be held in time, or the database does not answer.
    """

    def __init__(self, live: Store, patience: float = PATIENCE) -> None:
        self._live = live
        self._patience = patience
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            module = in_file if self._live.engine.dialect.name == "sqlite" else in_schema
            self.connection: Connection = stack.enter_context(
                module.held(self._live, exchanged(self._live), self._patience)
            )
            stack.enter_context(trouble())
            self.positions: Mapping[int, Position] = positions_of(self.connection)
            self._way: _Way = module.Way(self._live, self.connection)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def replace(self, shadow: Shadow, program: str | None = None) -> None:
        """Take over what a shadow holds, and keep the store as it was beside it.

        Args:
            shadow: folded exactly to `positions`; no transaction on it is open.
            program: take over only the rows of this one.

        Raises:
            NotReady: the shadow is not where the live store stands, or a store is kept already.
        """
        found = shadow.positions
        if program is None:
            _check_whole(self.positions, found)
        else:
            _check_program(self.positions, found)
        if self._kept() is not None:
            raise NotReady(
                f"a store is kept already in {beside(self._live, 'before').name}: undo the rebuild that has "
                "replaced it, or drop it"
            )
        tables = exchanged(self._live)
        self._way.keep()
        if program is None:
            self._way.take(shadow.place, tables)
            self._rise(sorted({*self.positions, *found}))
        else:
            self._way.take_program(shadow.place, tables, _of_programs(self._live), program)
            self._rise(sorted(found))

    def undo(self) -> int:
        """Take back the store that is kept; what has replaced it is gone.

        Returns:
            the highest sequence at which it stood; the service catches up from there.

        Raises:
            NotReady: none is kept.
        """
        found = self._kept()
        if found is None:
            raise NotReady("no store is kept: there is nothing to undo")
        self._way.take(beside(self._live, "before"), exchanged(self._live))
        self._rise(sorted(found.positions))
        return max((each.seq for each in found.positions.values()), default=0)

    def _kept(self) -> Kept | None:
        return _kept(self._live, self.positions)

    def _rise(self, partitions: list[int]) -> None:
        """Fence whoever holds rows of before, and have the service set its timers."""
        generation = 1 + max((each.generation for each in self.positions.values()), default=0)
        for partition in partitions:
            self.connection.exec_driver_sql(
                f"UPDATE position SET generation = {generation}, timers_set = FALSE "  # noqa: S608 - numbers
                f"WHERE partition = {partition}"
            )


@dataclass(frozen=True, slots=True)
class Kept:
    """A store that was replaced, and is kept.

    Attributes:
        name: the file, or the schema.
        positions: where it stood.
        size: bytes.
    """

    name: str
    positions: Mapping[int, Position]
    size: int


def kept(live: Store) -> Kept | None:
    """The store that the last exchange has replaced; None when none is kept.

    A copy of what is live still was made for an exchange that was cut off: it counts as none.

    Raises:
        StoreTrouble: the database does not answer.
    """
    return _kept(live, live.read(positions_of))


def _kept(live: Store, now: Mapping[int, Position]) -> Kept | None:
    place = beside(live, "before")
    if not place.exists():
        return None
    before = _positions(live, place)
    known = {at: position.generation for at, position in before.items()}
    if not any(position.generation > known.get(at, 0) for at, position in now.items()):
        return None
    return Kept(place.name, before, place.size())


def drop_before(live: Store) -> bool:
    """Remove the store that is kept; whether there was one.

    Raises:
        StoreTrouble: the database does not answer.
    """
    place = beside(live, "before")
    existed = place.exists()
    place.drop()
    return existed


def exchanged(live: Store) -> list[str]:
    """The tables whose contents an exchange takes over; `position`, at which every batch begins, is the first."""
    names = sorted(set(live.metadata.tables) - _NEVER - {"position"})
    return ["position", *names]


def _of_programs(live: Store) -> list[str]:
    return [table.name for table in live.maps.values()]


def _positions(live: Store, place: Beside) -> Mapping[int, Position]:
    other = Store(live.tables, place.url)
    try:
        return other.read(positions_of)
    finally:
        other.dispose()


def _check_whole(held: Mapping[int, Position], found: Mapping[int, Position]) -> None:
    for at, position in held.items():
        other = found.get(at)
        if position.seq and (other is None or other.seq != position.seq):
            raise NotReady(_behind(at, 0 if other is None else other.seq, position.seq))
        if other is not None and other.log != position.log:
            raise NotReady(
                f"the shadow was folded from the log {other.log}, the store from {position.log}"
            )


def _check_program(held: Mapping[int, Position], found: Mapping[int, Position]) -> None:
    """Its own position is that of the program's last input: only never beyond the store's."""
    for at, other in found.items():
        position = held.get(at)
        if position is None or other.seq > position.seq:
            raise NotReady(_behind(at, other.seq, 0 if position is None else position.seq))


def _behind(partition: int, shadow: int, live: int) -> str:
    return f"partition {partition}: the shadow stands at {shadow}, the live store at {live}"
