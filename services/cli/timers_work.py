"""Reads timers from the stores, and has a service set them again."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.table import Table
from sqlalchemy import Connection, false, func, select, update

from services.cli.brief import instant
from services.cli.output import Failure
from services.cli.stores import opened
from shared.engine import eager
from shared.replay import operation
from shared.store import Store

_PAUSE = 0.1


@dataclass(frozen=True, slots=True, order=True)
class Upcoming:
    """A deadline; ordered by when it is."""

    at: datetime
    service: str
    program: str
    about: str
    name: str


@dataclass(frozen=True, slots=True)
class Found:
    """The earliest deadlines, and how many there are."""

    first: Sequence[Upcoming]
    total: int


@dataclass(frozen=True, slots=True)
class Set:
    """How many timers a service has set again; `left`: partitions that it has not come to yet."""

    timers: int
    left: Sequence[int]


def upcoming(databases: Mapping[str, str], program: str | None, limit: int) -> Found:
    """The earliest deadlines of these services.

    Raises:
        Failure: a database is not there or does not answer.
    """
    first: list[Upcoming] = []
    total = 0
    for service, url in databases.items():
        with opened(service, url) as store:
            count, rows = store.read(lambda c, s=store: _timers(c, s, program, limit))  # type: ignore[misc]
        first += [Upcoming(at, service, *rest) for at, *rest in rows]
        total += count
    return Found(heapq.nsmallest(limit, first), total)


def _timers(
    connection: Connection, store: Store, program: str | None, limit: int
) -> tuple[int, Sequence[Any]]:
    timer = store.metadata.tables["timer"]
    where = [timer.c.program == program] if program else []
    count = connection.execute(select(func.count()).select_from(timer).where(*where)).scalar_one()
    columns = (timer.c.at, timer.c.program, timer.c.about, timer.c.name)
    rows = connection.execute(select(*columns).where(*where).order_by(*columns).limit(limit))
    return count, rows.all()


def plain(timer: Upcoming) -> dict[str, Any]:
    """A deadline for programs."""
    return {
        "at": timer.at.isoformat(),
        "service": timer.service,
        "program": timer.program,
        "key": timer.about,
        "name": timer.name,
    }


def table(timers: Iterable[Upcoming]) -> Table:
    """Deadlines for people."""
    shown = Table(box=None)
    for name in ("at (UTC)", "service", "program/key", "name"):
        shown.add_column(name, overflow="fold")
    for each in timers:
        shown.add_row(instant(each.at), each.service, f"{each.program}/{each.about}", each.name)
    return shown


async def set_again(service: str, url: str, by: str, reason: str, patience: float) -> Set:
    """Have the service set all its timers again, and wait until it has.

    Its ledger sees that the store's generation rose, starts again, and sets them under the fence of its mark.

    Raises:
        Failure: the database is not there, does not answer, or was never folded into.
    """
    with opened(service, url) as store:
        number = await asyncio.to_thread(operation.begin, store, "timers", by, reason)
        try:
            timers = await asyncio.to_thread(_unset, store)
            left = await _wait(store, patience)
        except BaseException as error:  # an operator who ends it is no exception
            detail: dict[str, object] = {"error": type(error).__name__}
            operation.end(store, number, "failed", detail=detail)
            raise
        state = "waiting" if left else "done"
        detail = {"timers": timers, "partitions_left": len(left)}
        await asyncio.to_thread(operation.end, store, number, state, detail=detail)
    return Set(timers, left)


def _unset(store: Store) -> int:
    """Mark all partitions; returns how many timers there are."""
    position, timer = store.metadata.tables["position"], store.metadata.tables["timer"]
    raised = update(position).values(generation=position.c.generation + 1, timers_set=false())
    with eager(store.engine) as connection:
        if not connection.execute(raised).rowcount:
            raise Failure("the service has never folded anything into this database")
        count: int = connection.execute(select(func.count()).select_from(timer)).scalar_one()
    return count


async def _wait(store: Store, patience: float) -> Sequence[int]:
    deadline = asyncio.get_running_loop().time() + patience
    while left := await asyncio.to_thread(store.read, lambda c: _left(c, store)):
        if asyncio.get_running_loop().time() >= deadline:
            break
        await asyncio.sleep(_PAUSE)
    return left


def _left(connection: Connection, store: Store) -> Sequence[int]:
    position = store.metadata.tables["position"]
    query = select(position.c.partition).where(position.c.timers_set == false())
    return connection.execute(query.order_by(position.c.partition)).scalars().all()
