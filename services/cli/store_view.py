"""What a service's database says: positions, timers and dead letters, read and never changed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, func, inspect, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from shared.tables import ledger_tables

_SQLITE = "sqlite:///"
_METADATA = MetaData()
ledger_tables(_METADATA)


class StoreAway(Exception):
    """The database does not answer, or holds no service's tables; the words say which."""


@dataclass(frozen=True, slots=True)
class NextTimer:
    """The earliest deadline that a service waits for."""

    at: datetime
    program: str
    about: str
    name: str


@dataclass(frozen=True, slots=True)
class StoreView:
    """A service's bookkeeping.

    Attributes:
        positions: the sequence that each partition has folded.
        timers: how many deadlines it waits for.
        next: the earliest of them.
        letters: dead letters by kind; of parked ones, those that still wait for an operator.
    """

    positions: Mapping[int, int] = field(default_factory=dict)
    timers: int = 0
    next: NextTimer | None = None
    letters: Mapping[str, int] = field(default_factory=dict)


async def look(url: str, patience: float = 4.0) -> StoreView:
    """Read a service's database at this SQLAlchemy URL.

    Raises:
        StoreAway: it does not answer in time, or is not there.
    """
    try:
        return await asyncio.wait_for(asyncio.to_thread(_look, url), patience)
    except TimeoutError:
        raise StoreAway(f"the database does not answer within {patience:g} s") from None


def _look(url: str) -> StoreView:
    try:
        with _engine(url).connect() as connection:  # no pool: what is closed is gone
            return _read(connection)
    except (SQLAlchemyError, ValueError) as error:
        words = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise StoreAway(f"the database does not answer: {words}") from error


def _engine(url: str) -> Engine:
    if not url.startswith(_SQLITE):
        if not url.startswith(("postgresql://", "postgresql+psycopg://")):
            raise StoreAway(
                "its address must be sqlite:///<file> or postgresql://<user>@<host>/<database>"
            )
        plain = url.replace("postgresql://", "postgresql+psycopg://", 1)
        limits = {"connect_timeout": 3, "options": "-c statement_timeout=3000"}
        return create_engine(plain, poolclass=NullPool, connect_args=limits)
    path = Path(url.removeprefix(_SQLITE)).absolute()
    if not path.exists():
        raise StoreAway(f"there is no database {path}")
    return create_engine(f"{_SQLITE}file:{path}?mode=ro&uri=true", poolclass=NullPool)


def _read(connection: Connection) -> StoreView:
    if not inspect(connection).has_table("position"):
        raise StoreAway("the database has no tables yet: a service makes them, or its `migrate`")
    position, timer = _table("position"), _table("timer")
    count = connection.execute(select(func.count()).select_from(timer)).scalar_one()
    columns = (timer.c.at, timer.c.program, timer.c.about, timer.c.name)
    first = connection.execute(select(*columns).order_by(timer.c.at).limit(1)).first()
    return StoreView(
        positions={
            row[0]: row[1]
            for row in connection.execute(select(position.c.partition, position.c.seq))
        },
        timers=count,
        next=None if first is None else NextTimer(*first),
        letters=_letters(connection),
    )


def _letters(connection: Connection) -> dict[str, int]:
    letter = _table("dead_letter")
    waiting = (letter.c.kind != "parked") | (letter.c.state == "open")
    query = select(letter.c.kind, func.count()).where(waiting).group_by(letter.c.kind)
    return {row[0]: row[1] for row in connection.execute(query.order_by(letter.c.kind))}


def _table(name: str) -> Table:
    return _METADATA.tables[name]
