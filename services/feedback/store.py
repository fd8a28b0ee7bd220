"""Feedback's tables: one for each kind of row, with the same columns. The only SQL of the service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, Index, Text, inspect, or_, select, type_coerce
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from services.feedback import model
from shared.tables import Instant, Json, table_of
from shared.world import Key, R, Row


class Base(SQLModel, registry=registry()):
    """Feedback's own metadata: its tables collide with nobody's."""


class RulesTable(Base, table=True):
    """Versions of a program's rules."""

    __tablename__ = "rules"
    __table_args__ = (
        Index("ix_rules_event", "program", "event"),
        {"info": {"former": ("missed_limit",)}},
    )

    program: str = Field(primary_key=True, max_length=64)
    version: str = Field(primary_key=True, max_length=64)
    place: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    event: str = Field(max_length=36)
    effective_at: datetime = Field(sa_type=Instant)
    zone: str = Field(max_length=64)
    ends_on: date
    completes_at: Any = Field(sa_type=Json, nullable=False)
    review_within: Any = Field(sa_type=Json, nullable=False)
    rematch: bool
    risk: Any = Field(sa_type=Json, nullable=False)
    pay_it_forward: bool
    forms: Any = Field(sa_type=Json, nullable=False)


class PersonTable(Base, table=True):
    """Persons who leave, are erased, or volunteer to mentor."""

    __tablename__ = "person"
    __table_args__ = (Index("ix_person_willing", "program", "willing"),)

    program: str = Field(primary_key=True, max_length=64)
    person: str = Field(primary_key=True, max_length=64)
    mentee: Any = Field(sa_type=Json, nullable=False)
    mentor: Any = Field(sa_type=Json, nullable=False)
    erased: bool = Field(index=True)
    willing: bool


class CycleTable(Base, table=True):
    """Cycles, concluded ones too."""

    __tablename__ = "cycle"
    __table_args__ = (
        Index("ix_cycle_mentee", "program", "mentee", "status"),
        Index("ix_cycle_mentor", "program", "mentor", "status"),
        Index("ix_cycle_outcome", "program", "status", "outcome"),
    )

    program: str = Field(primary_key=True, max_length=64)
    cycle: str = Field(primary_key=True, max_length=64)
    status: str = Field(max_length=16)
    mentee: str = Field(max_length=64)
    mentor: str | None = Field(max_length=64)
    rules: str | None = Field(max_length=64)
    state: Any = Field(sa_type=Json, nullable=False)
    confidentiality: str = Field(max_length=64)
    outcome: str | None = Field(max_length=16)


class GoalTable(Base, table=True):
    """Goals that pairs agreed on."""

    __tablename__ = "goal"

    program: str = Field(primary_key=True, max_length=64)
    cycle: str = Field(primary_key=True, max_length=64)
    goal: str = Field(primary_key=True, max_length=64)
    kind: str = Field(max_length=64)
    of: str | None = Field(max_length=64)
    skill: str | None = Field(max_length=128)
    baseline: Any = Field(sa_type=Json, nullable=False)
    target: Any = Field(sa_type=Json, nullable=False)
    unit: str = Field(max_length=64)
    target_on: date
    agreed_at: datetime = Field(sa_type=Instant)
    value: Any = Field(sa_type=Json, nullable=True)
    as_of: datetime | None = Field(sa_type=Instant)
    moved_at: datetime | None = Field(sa_type=Instant)
    history: Any = Field(sa_type=Json, nullable=False)
    dropped: bool


class MeetingTable(Base, table=True):
    """Meetings of pairs."""

    __tablename__ = "meeting"

    program: str = Field(primary_key=True, max_length=64)
    cycle: str = Field(primary_key=True, max_length=64)
    meeting: str = Field(primary_key=True, max_length=64)
    number: int
    type: str = Field(max_length=64)
    rules: str = Field(max_length=64)
    starts_at: datetime = Field(sa_type=Instant)
    state: Any = Field(sa_type=Json, nullable=False)


class ReviewTable(Base, table=True):
    """Reviews, sealed."""

    __tablename__ = "review"
    __table_args__ = (Index("ix_review_sides", "program", "status", "sides"),)

    program: str = Field(primary_key=True, max_length=64)
    cycle: str = Field(primary_key=True, max_length=64)
    meeting: str = Field(primary_key=True, max_length=64)
    status: str = Field(max_length=16)
    entries: Any = Field(sa_type=Json, nullable=False)
    state: Any = Field(sa_type=Json, nullable=False)
    late: Any = Field(sa_type=Json, nullable=False)
    sides: int


class NoteTable(Base, table=True):
    """Notes, sealed."""

    __tablename__ = "note"
    __table_args__ = (Index("ix_note_kind", "program", "kind", "done"),)

    program: str = Field(primary_key=True, max_length=64)
    cycle: str = Field(primary_key=True, max_length=64)
    note: str = Field(primary_key=True, max_length=64)
    kind: str = Field(max_length=16)
    by: str = Field(max_length=64)
    about: str = Field(max_length=64)
    at: datetime = Field(sa_type=Instant)
    sealed: str
    goal: str | None = Field(max_length=64)
    due_on: date | None
    done: bool
    audience: str = Field(max_length=16)


TABLES: Mapping[type[Row], type[SQLModel]] = {
    model.Rules: RulesTable,
    model.Person: PersonTable,
    model.Cycle: CycleTable,
    model.Goal: GoalTable,
    model.Meeting: MeetingTable,
    model.Review: ReviewTable,
    model.Note: NoteTable,
}


class Reading:
    """Rows for the API, on a connection of its own; nothing is written."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def load(self, kind: type[R], keys: Iterable[Key]) -> Iterable[R]:
        """The rows of these keys."""
        for key in keys:
            yield from self.find(kind, dict(zip(kind.KEY, key, strict=True)))

    def find(self, kind: type[R], where: Mapping[str, Any]) -> Iterable[R]:
        """All rows whose fields equal these values."""
        table = table_of(TABLES[kind])
        matches = [table.c[name] == value for name, value in where.items()]
        read = TypeAdapter(kind).validate_python
        return [
            read(dict(row))
            for row in self._connection.execute(select(table).where(*matches)).mappings()
        ]


def flagged(state: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a flag stands on the pair that has this state."""
    return type_coerce(state, Text).not_like('%"flags":{}%')


def flagged_cycles(connection: Connection, program: str) -> list[model.Cycle]:
    """The pairs of a program on which a flag stands, by id."""
    table = table_of(CycleTable)
    where = (table.c.program == program, table.c.status == "paired", flagged(table.c.state))
    query = select(table).where(*where).order_by(table.c.cycle)
    read = TypeAdapter(model.Cycle).validate_python
    return [read(dict(row)) for row in connection.execute(query).mappings()]


def erased_persons(connection: Connection) -> list[tuple[str, str]]:
    """Program and id of everybody who is erased: a restored key ring must not revive them."""
    table = table_of(PersonTable)
    if not inspect(connection).has_table(table.name):
        return []
    found = connection.execute(select(table.c.program, table.c.person).where(table.c.erased))
    return [(row.program, row.person) for row in found]


def holds_sealed(connection: Connection) -> bool:
    """Whether anything is in the store that only a key ring can open.

    It is asked before the store is upgraded: what its schema does not have yet, it does not hold.
    """
    notes = table_of(NoteTable)
    reviews = table_of(ReviewTable)
    inspector = inspect(connection)
    if not inspector.has_table(notes.name):
        return False
    there = {column["name"] for column in inspector.get_columns(reviews.name)}
    kept = [reviews.c[name] for name in ("entries", "late") if name in there]
    reviewed = or_(*(type_coerce(column, Text).notin_(["{}", "[]"]) for column in kept))
    questions = (select(notes.c.note), select(reviews.c.meeting).where(reviewed))
    return any(connection.execute(each.limit(1)).first() is not None for each in questions)


def blind_persons(connection: Connection) -> set[tuple[str, str]]:
    """Program and id of both sides of every review that is in and not revealed: their keys have to be there.

    It is asked before the store is upgraded, as `holds_sealed` is.
    """
    cycles = table_of(CycleTable)
    reviews = table_of(ReviewTable)
    if not inspect(connection).has_table(reviews.name):
        return set()
    same = (cycles.c.program == reviews.c.program) & (cycles.c.cycle == reviews.c.cycle)
    found = (
        select(cycles.c.program, cycles.c.mentee, cycles.c.mentor)
        .distinct()
        .join(reviews, same)
        .where(reviews.c.status == "blind", type_coerce(reviews.c.entries, Text) != "{}")
    )
    rows = connection.execute(found).all()
    return {(row.program, person) for row in rows for person in (row.mentee, row.mentor) if person}
