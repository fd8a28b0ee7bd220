"""Matching's tables: one for each kind of row, with the same columns. The only SQL of the service."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, Index, func, select
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from services.matching import model, record
from shared.tables import Instant, Json
from shared.world import Row


class Base(SQLModel, registry=registry()):
    """Matching's own metadata: its tables collide with nobody's."""


class ProgramTable(Base, table=True):
    """Programs with their rules."""

    __tablename__ = "program"

    program: str = Field(primary_key=True, max_length=64)
    rules: Any = Field(sa_type=Json, nullable=True)
    coming: Any = Field(sa_type=Json, nullable=True)
    ended: bool


class QueueTable(Base, table=True):
    """Queues of programs, and their next rounds."""

    __tablename__ = "queue"
    __table_args__ = ({"info": {"former": ("again", "left_over")}},)

    program: str = Field(primary_key=True, max_length=64)
    arrivals: int
    next_round: datetime | None = Field(sa_type=Instant)


class MentorTable(Base, table=True):
    """Mentors with their offers and what they carry."""

    __tablename__ = "mentor"
    __table_args__ = (Index("ix_mentor_free", "program", "free"),)

    program: str = Field(primary_key=True, max_length=64)
    mentor: str = Field(primary_key=True, max_length=64)
    offer: Any = Field(sa_type=Json, nullable=False)
    load: int
    paused_until: datetime | None = Field(sa_type=Instant)
    left: bool
    free: bool
    ratings_sum: int = Field(sa_type=BigInteger)
    ratings_count: int
    fresh_sum: int = Field(sa_type=BigInteger)
    fresh_count: int


class PersonTable(Base, table=True):
    """Persons: time, preferences, present and former mentors."""

    __tablename__ = "person"

    program: str = Field(primary_key=True, max_length=64)
    person: str = Field(primary_key=True, max_length=64)
    time: Any = Field(sa_type=Json, nullable=True)
    likes: Any = Field(sa_type=Json, nullable=True)
    mentors: Any = Field(sa_type=Json, nullable=False)
    never: Any = Field(sa_type=Json, nullable=False)
    left: Any = Field(sa_type=Json, nullable=False)
    leaving: Any = Field(sa_type=Json, nullable=True)
    erased: bool


class CycleTable(Base, table=True):
    """Cycles; ended ones are tombstones."""

    __tablename__ = "cycle"
    __table_args__ = (
        Index("ix_cycle_status", "program", "status"),
        Index("ix_cycle_request", "program", "request"),
        Index("ix_cycle_mentee", "program", "mentee", "live"),
        Index("ix_cycle_mentor", "program", "mentor", "live"),
    )

    program: str = Field(primary_key=True, max_length=64)
    cycle: str = Field(primary_key=True, max_length=64)
    mentee: str = Field(max_length=64)
    request: str = Field(max_length=64)
    seat: int
    place: int
    since: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    wishes: Any = Field(sa_type=Json, nullable=True)
    state: Any = Field(sa_type=Json, nullable=False)
    attempts: int
    status: str = Field(max_length=16)
    live: bool
    mentor: str | None = Field(max_length=64)
    reviews: Any = Field(sa_type=Json, nullable=False)


class RatingsTable(Base, table=True):
    """What the mentees of a program said of their mentors, all together."""

    __tablename__ = "ratings"

    program: str = Field(primary_key=True, max_length=64)
    ratings_sum: int = Field(sa_type=BigInteger)
    ratings_count: int
    fresh_sum: int = Field(sa_type=BigInteger)
    fresh_count: int


class RoundTable(Base, table=True):
    """What rounds came to; days of programs that pair at once."""

    __tablename__ = "round"
    __table_args__ = (Index("ix_round_at", "program", "at"),)

    program: str = Field(primary_key=True, max_length=64)
    round: str = Field(primary_key=True, max_length=64)
    kind: str = Field(max_length=16)
    at: datetime = Field(sa_type=Instant)
    rules: str = Field(max_length=64)
    policy: str = Field(max_length=16)
    matched: int
    said: int
    total: int = Field(sa_type=BigInteger)
    worst: float | None
    waiting: int | None
    mentors: int | None
    places: int | None = Field(sa_type=BigInteger)
    unmatched: int | None
    blocking: int | None = Field(sa_type=BigInteger)
    reached: float | None
    least: float | None
    median: float | None
    most: float | None
    milliseconds: float | None


class PlanTable(Base, table=True):
    """What rounds have yet to say."""

    __tablename__ = "plan"

    program: str = Field(primary_key=True, max_length=64)
    round: str = Field(max_length=64)
    again: datetime = Field(sa_type=Instant)
    part: int
    parts: int


class PartTable(Base, table=True):
    """Pairs that one step says: read once, deleted once."""

    __tablename__ = "part"

    program: str = Field(primary_key=True, max_length=64)
    round: str = Field(primary_key=True, max_length=64)
    part: int = Field(primary_key=True)
    pairs: Any = Field(sa_type=Json, nullable=False)


TABLES: Mapping[type[Row], type[SQLModel]] = {
    model.Program: ProgramTable,
    model.Queue: QueueTable,
    model.Mentor: MentorTable,
    model.Person: PersonTable,
    model.Cycle: CycleTable,
    record.Ratings: RatingsTable,
    record.Round: RoundTable,
    record.Plan: PlanTable,
    record.Part: PartTable,
}


# -- queries of the API --


def counts(connection: Connection, program: str) -> dict[str, int]:
    """How many cycles of a program are in each status."""
    table = _columns(CycleTable)
    query = select(table.c.status, func.count()).where(table.c.program == program)
    return {row[0]: row[1] for row in connection.execute(query.group_by(table.c.status))}


def queue(connection: Connection, program: str, limit: int) -> list[dict[str, Any]]:
    """The open requests of a program, in the order of the queue."""
    table = _columns(CycleTable)
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
    table = _columns(CycleTable)
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
    table, carried = _columns(MentorTable), _carried(connection, program)
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
    table = _columns(CycleTable)
    query = (
        select(table.c.mentor, table.c.status, func.count())
        .where(table.c.program == program, table.c.live.is_(True), table.c.mentor.is_not(None))
        .group_by(table.c.mentor, table.c.status)
    )
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def rules(connection: Connection, program: str) -> dict[str, Any] | None:
    """The rules that a program last came under; None when there is no such program."""
    table = _columns(ProgramTable)
    row = connection.execute(select(table).where(table.c.program == program)).first()
    return None if row is None else {"rules": row.rules, "coming": row.coming, "ended": row.ended}


def next_round(connection: Connection, program: str) -> datetime | None:
    """When the next round of a program is; None where none is set."""
    table = _columns(QueueTable)
    query = select(table.c.next_round).where(table.c.program == program)
    found: datetime | None = connection.execute(query).scalar()
    return found


def rounds(connection: Connection, program: str, limit: int) -> list[dict[str, Any]]:
    """The last rounds of a program, the latest first."""
    table = _columns(RoundTable)
    query = (
        select(table)
        .where(table.c.program == program)
        .order_by(table.c.at.desc(), table.c.round.desc())
        .limit(limit)
    )
    return [dict(row._mapping) for row in connection.execute(query)]  # noqa: SLF001 - SQLAlchemy's name


def cycle(connection: Connection, program: str, key: str) -> dict[str, Any] | None:
    """One cycle without its mentee's wishes and ratings, and without who let an offer end; None when it is unknown."""
    table = _columns(CycleTable)
    query = select(table).where(table.c.program == program, table.c.cycle == key)
    row = connection.execute(query).first()
    if row is None:
        return None
    shown = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's name
    del shown["wishes"], shown["reviews"]
    shown["state"] = {name: value for name, value in row.state.items() if name != "lapsing"}
    return shown


def _columns(table: type[SQLModel]) -> Any:  # noqa: ANN401 - SQLModel adds the attribute
    return table.__table__  # type: ignore[attr-defined]
