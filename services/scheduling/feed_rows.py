"""What the calendars ask of scheduling's tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, union_all

from services.scheduling.appointment import Appointment, appointment
from services.scheduling.feed import Feed
from services.scheduling.model import SIDES
from services.scheduling.store import CycleTable, MeetingTable, PersonTable
from shared.tables import table_of

MOST = 2000
"""Meetings in a feed at most, the latest: far more than anybody has."""
_SHOWN = (
    "program",
    "cycle",
    "meeting",
    "mentee",
    "mentor",
    "number",
    "type",
    "format",
    "skills",
    "uid",
    "sequence",
    "starts_at",
    "ends_at",
    "zone",
    "status",
    "history",
)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Whom a feed is about.

    Attributes:
        generation: how often the address was withdrawn.
        zone: the person's own, UTC until one is stated.
    """

    generation: int
    zone: str


STRANGER = Subscriber(0, "UTC")
"""Somebody who has stated nothing so far."""


def subscriber(connection: Connection, program: str, person: str) -> Subscriber:
    """Whose feed it is; `STRANGER` for one without a row."""
    table = table_of(PersonTable)
    query = select(table.c.feed, table.c.zone).where(
        table.c.program == program, table.c.person == person
    )
    found = connection.execute(query).first()
    return STRANGER if found is None else Subscriber(found.feed, found.zone)


def is_known(connection: Connection, program: str, person: str) -> bool:
    """Whether the person has said anything to scheduling, or is one of a pair."""
    persons, cycles = table_of(PersonTable), table_of(CycleTable)
    stated = select(persons.c.person).where(
        persons.c.program == program, persons.c.person == person
    )
    paired = [
        select(cycles.c.cycle).where(cycles.c.program == program, cycles.c[side] == person)
        for side in SIDES
    ]
    return any(connection.execute(query.limit(1)).first() for query in (stated, *paired))


def feed_of(connection: Connection, program: str, person: str, zone: str, since: datetime) -> Feed:
    """All meetings of a person that end after `since`, in all cycles."""
    table = table_of(MeetingTable)
    # A query for each side: of one with `or`, SQLite reads all meetings of the program.
    sides = union_all(
        *(
            select(*(table.c[name] for name in _SHOWN)).where(
                table.c.program == program, table.c[side] == person, table.c.ends_at > since
            )
            for side in SIDES
        )
    )
    column = sides.selected_columns
    order = (column.starts_at.desc(), column.cycle, column.meeting)
    query = sides.order_by(*order).limit(MOST)
    rows = [appointment(dict(row)) for row in connection.execute(query).mappings()]
    return Feed(program, person, zone, [row for row in reversed(rows) if row is not None])


def appointment_of(
    connection: Connection, program: str, cycle: str, meeting: str
) -> tuple[bool, Appointment | None]:
    """Whether there is such a meeting, and what calendars see of it: nothing when it was never announced."""
    table = table_of(MeetingTable)
    query = select(*(table.c[name] for name in _SHOWN)).where(
        table.c.program == program, table.c.cycle == cycle, table.c.meeting == meeting
    )
    row = connection.execute(query).mappings().first()
    return (False, None) if row is None else (True, appointment(dict(row)))
