"""Scheduling's tables: one for each kind of row, with the same columns. The only SQL of the service."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Connection, Index, or_, select
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from services.scheduling import model
from services.scheduling.guard import guard
from shared.tables import Instant, Json
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
guard(BookingTable.__table__)  # type: ignore[attr-defined]

_CYCLE: Any = CycleTable.__table__  # type: ignore[attr-defined]
_MEETING: Any = MeetingTable.__table__  # type: ignore[attr-defined]
_PERSON: Any = PersonTable.__table__  # type: ignore[attr-defined]


def agenda(
    connection: Connection, program: str, person: str, start: datetime, end: datetime
) -> list[dict[str, Any]]:
    """The meetings of a person that touch [start, end), in the order of their start; cancelled ones too."""
    meeting = _MEETING.c
    query = (
        select(_MEETING)
        .where(
            meeting.program == program,
            or_(meeting.mentee == person, meeting.mentor == person),
            meeting.starts_at < end,
            meeting.ends_at > start,
        )
        .order_by(meeting.starts_at, meeting.cycle, meeting.meeting)
        .limit(1000)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def zone_of(connection: Connection, program: str, person: str) -> str | None:
    """The zone that a person has stated; None when nothing was stated."""
    query = select(_PERSON.c.zone).where(
        _PERSON.c.program == program, _PERSON.c.person == person, _PERSON.c.stated
    )
    found: str | None = connection.execute(query).scalar()
    return found


def cycle_row(connection: Connection, program: str, cycle: str) -> dict[str, Any] | None:
    """A cycle, or None."""
    query = select(_CYCLE).where(_CYCLE.c.program == program, _CYCLE.c.cycle == cycle)
    found = connection.execute(query).mappings().first()
    return dict(found) if found else None


def plan_rows(connection: Connection, program: str, cycle: str) -> list[dict[str, Any]]:
    """All meetings of a cycle, in the order of their start."""
    meeting = _MEETING.c
    query = (
        select(_MEETING)
        .where(meeting.program == program, meeting.cycle == cycle)
        .order_by(meeting.starts_at, meeting.meeting)
    )
    return [dict(row) for row in connection.execute(query).mappings()]
