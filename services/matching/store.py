"""Matching's tables: one for each kind of row, with the same columns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index
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
