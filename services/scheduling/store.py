"""Scheduling's tables: one for each kind of row, with the same columns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from services.scheduling import model
from services.scheduling.guard import guard
from shared.tables import Instant, Json, table_of
from shared.world import Row


class Base(SQLModel, registry=registry()):
    """Scheduling's own metadata: its tables collide with nobody's."""


class RulesTable(Base, table=True):
    """Versions of a program's rules."""

    __tablename__ = "rules"
    __table_args__ = (Index("ix_rules_event", "program", "event"),)

    program: str = Field(primary_key=True, max_length=64)
    version: str = Field(primary_key=True, max_length=64)
    place: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    event: str = Field(max_length=36)
    zone: str = Field(max_length=64)
    starts_on: date
    ends_on: date
    holidays: Any = Field(sa_type=Json, nullable=False)
    evidence: str = Field(max_length=16)
    overlap_min: int
    dispute: Any = Field(sa_type=Json, nullable=False)
    notice: Any = Field(sa_type=Json, nullable=False)
    buffer: int
    weekly_max: int
    reminders: Any = Field(sa_type=Json, nullable=False)
    effective_at: datetime = Field(sa_type=Instant)


class PersonTable(Base, table=True):
    """Persons' time."""

    __tablename__ = "person"

    program: str = Field(primary_key=True, max_length=64)
    person: str = Field(primary_key=True, max_length=64)
    stated: bool
    zone: str = Field(max_length=64)
    region: str | None = Field(max_length=8)
    weekly: Any = Field(sa_type=Json, nullable=False)
    exceptions: Any = Field(sa_type=Json, nullable=False)
    leaving: Any = Field(sa_type=Json, nullable=False)
    left: Any = Field(sa_type=Json, nullable=False)
    round: Any = Field(sa_type=Json, nullable=False)
    feed: int


class CycleTable(Base, table=True):
    """Pairs, ended ones too."""

    __tablename__ = "cycle"
    __table_args__ = (
        Index("ix_cycle_mentee", "program", "mentee", "status"),
        Index("ix_cycle_mentor", "program", "mentor", "status"),
    )

    program: str = Field(primary_key=True, max_length=64)
    cycle: str = Field(primary_key=True, max_length=64)
    mentee: str = Field(max_length=64)
    mentor: str = Field(max_length=64)
    rules: str = Field(max_length=64)
    status: str = Field(max_length=16)
    state: Any = Field(sa_type=Json, nullable=False)


class MeetingTable(Base, table=True):
    """Meetings, with their evidence."""

    __tablename__ = "meeting"
    __table_args__ = (
        Index("ix_meeting_mentee", "program", "mentee", "status"),
        Index("ix_meeting_mentor", "program", "mentor", "status"),
        Index("ix_meeting_status", "program", "status"),
    )

    program: str = Field(primary_key=True, max_length=64)
    cycle: str = Field(primary_key=True, max_length=64)
    meeting: str = Field(primary_key=True, max_length=64)
    mentee: str = Field(max_length=64)
    mentor: str = Field(max_length=64)
    number: int
    type: str = Field(max_length=32)
    format: str = Field(max_length=16)
    uid: str = Field(max_length=255)
    sequence: int
    starts_at: datetime = Field(sa_type=Instant)
    ends_at: datetime = Field(sa_type=Instant)
    zone: str = Field(max_length=64)
    replaces: str | None = Field(max_length=64)
    status: str = Field(max_length=16)
    state: Any = Field(sa_type=Json, nullable=False)
    proof: Any = Field(sa_type=Json, nullable=False)
    evidence: Any = Field(sa_type=Json, nullable=False)
    skills: Any = Field(sa_type=Json, nullable=False)
    outside_mentee: int | None
    outside_mentor: int | None
    history: Any = Field(sa_type=Json, nullable=False)


class BookingTable(Base, table=True):
    """Time of persons that standing and held meetings take."""

    __tablename__ = "booking"
    __table_args__ = (CheckConstraint("starts_at < ends_at", name="booking_has_length"),)

    program: str = Field(primary_key=True, max_length=64)
    person: str = Field(primary_key=True, max_length=64)
    starts_at: datetime = Field(sa_type=Instant, primary_key=True)
    ends_at: datetime = Field(sa_type=Instant, primary_key=True)
    cycle: str = Field(primary_key=True, max_length=64)
    meeting: str = Field(primary_key=True, max_length=64)


TABLES: Mapping[type[Row], type[SQLModel]] = {
    model.Rules: RulesTable,
    model.Person: PersonTable,
    model.Cycle: CycleTable,
    model.Meeting: MeetingTable,
    model.Booking: BookingTable,
}
guard(table_of(BookingTable))
