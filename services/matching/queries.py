"""What matching's API asks of its tables. With the metrics the only SQL of the service."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from services.matching.store import CycleTable, MentorTable, ProgramTable, QueueTable, RoundTable
from shared.tables import table_of


def counts(connection: Connection, program: str) -> dict[str, int]:
    """How many cycles of a program are in each status."""
    table = table_of(CycleTable)
    query = select(table.c.status, func.count()).where(table.c.program == program)
    return {row[0]: row[1] for row in connection.execute(query.group_by(table.c.status))}


def queue(connection: Connection, program: str, limit: int) -> list[dict[str, Any]]:
    """The open requests of a program, in the order of the queue."""
    table = table_of(CycleTable)
    columns = ("cycle", "mentee", "request", "seat", "since", "expires_at", "attempts")
    query = (
        select(*(table.c[name] for name in columns))
        .where(table.c.program == program, table.c.status == "open")
        .order_by(table.c.place, table.c.seat, table.c.cycle)
        .limit(limit)
    )
    return [dict(row._mapping) for row in connection.execute(query)]  # noqa: SLF001 - SQLAlchemy's name


def held(connection: Connection, program: str, limit: int) -> list[dict[str, Any]]:
    """The proposals that stand in a program, in the order of the queue."""
    table = table_of(CycleTable)
    query = (
        select(table)
        .where(table.c.program == program, table.c.status == "held")
        .order_by(table.c.place, table.c.seat, table.c.cycle)
        .limit(limit)
    )
    return [_held(row, row.state["offer"]) for row in connection.execute(query)]


def _held(row: Any, offer: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - SQLAlchemy's row
    return {
        "cycle": row.cycle,
        "mentee": row.mentee,
        "mentor": offer["mentor"],
        "proposal": offer["proposal"],
        "score": offer["score"],
        "attempt": row.attempts,
        "asked": len(offer["asked"]),
        "accepted": len(offer["accepted"]),
        "expires_at": offer["expires_at"],
    }


def loads(connection: Connection, program: str) -> list[dict[str, Any]]:
    """What each mentor of a program carries, and of how much; by id."""
    table, carried = table_of(MentorTable), _carried(connection, program)
    query = select(table).where(table.c.program == program).order_by(table.c.mentor)
    return [
        {
            "mentor": row.mentor,
            "load": row.load,
            "pairs": carried.get((row.mentor, "paired"), 0),
            "held": carried.get((row.mentor, "held"), 0),
            "offered": row.offer["capacity"],
            "free": row.free,
            "paused_until": row.paused_until,
            "left": row.left,
        }
        for row in connection.execute(query)
    ]


def _carried(connection: Connection, program: str) -> dict[tuple[str, str], int]:
    """How many cycles each mentor has, by status."""
    table = table_of(CycleTable)
    query = (
        select(table.c.mentor, table.c.status, func.count())
        .where(table.c.program == program, table.c.live.is_(True), table.c.mentor.is_not(None))
        .group_by(table.c.mentor, table.c.status)
    )
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def rules(connection: Connection, program: str) -> dict[str, Any] | None:
    """The rules that a program last came under; None when there is no such program."""
    table = table_of(ProgramTable)
    row = connection.execute(select(table).where(table.c.program == program)).first()
    return None if row is None else {"rules": row.rules, "coming": row.coming, "ended": row.ended}


def next_round(connection: Connection, program: str) -> datetime | None:
    """When the next round of a program is; None where none is set."""
    table = table_of(QueueTable)
    query = select(table.c.next_round).where(table.c.program == program)
    found: datetime | None = connection.execute(query).scalar()
    return found


def rounds(connection: Connection, program: str, limit: int) -> list[dict[str, Any]]:
    """The last rounds of a program, the latest first."""
    table = table_of(RoundTable)
    query = (
        select(table)
        .where(table.c.program == program)
        .order_by(table.c.at.desc(), table.c.round.desc())
        .limit(limit)
    )
    return [dict(row._mapping) for row in connection.execute(query)]  # noqa: SLF001 - SQLAlchemy's name


def cycle(connection: Connection, program: str, key: str) -> dict[str, Any] | None:
    """One cycle without its mentee's wishes and ratings, and without who let an offer end; None when it is unknown."""
    table = table_of(CycleTable)
    query = select(table).where(table.c.program == program, table.c.cycle == key)
    row = connection.execute(query).first()
    if row is None:
        return None
    shown = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's name
    del shown["wishes"], shown["reviews"]
    shown["state"] = {name: value for name, value in row.state.items() if name != "lapsing"}
    return shown
