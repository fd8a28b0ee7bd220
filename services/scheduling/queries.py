"""What scheduling's API asks of its tables. With the metrics the only SQL of the service."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, or_, select, union

from services.scheduling.model import SIDES, Cycle, Meeting, Person
from services.scheduling.store import BookingTable, MeetingTable
from shared.events.types import Side
from shared.intervals import Interval
from shared.tables import table_of
from shared.transaction import Transaction


def agenda(
    rows: Transaction, program: str, person: str, time: Interval, limit: int
) -> list[Meeting]:
    """The first meetings of a person that touch a time, in the order of their start; cancelled ones too."""
    # A query for each side: of one with `or`, SQLite reads all meetings of the program.
    sides = union(*(_of_side(each, program, person, time) for each in SIDES))
    order = ("starts_at", "cycle", "meeting")
    query = sides.order_by(*(sides.selected_columns[name] for name in order)).limit(limit)
    keys = [(program, row.cycle, row.meeting) for row in rows.connection.execute(query)]
    return in_order(rows.load(Meeting, keys))


def _of_side(side: Side, program: str, person: str, time: Interval) -> Select[Any]:
    meeting = table_of(MeetingTable).c
    return select(meeting.starts_at, meeting.cycle, meeting.meeting).where(
        meeting.program == program,
        meeting[side] == person,
        meeting.starts_at < time[1],
        # One of evidence alone may have no length.
        or_(meeting.ends_at > time[0], meeting.starts_at >= time[0]),
    )


def plan(rows: Transaction, program: str, cycle: str) -> list[Meeting]:
    """All meetings of a cycle, in the order of their start."""
    return in_order(rows.find(Meeting, {"program": program, "cycle": cycle}))


def cycle(rows: Transaction, program: str, key: str) -> Cycle | None:
    """A cycle."""
    return next(iter(rows.load(Cycle, [(program, key)])), None)


def meeting(rows: Transaction, program: str, cycle: str, key: str) -> Meeting | None:
    """A meeting of a cycle."""
    return next(iter(rows.load(Meeting, [(program, cycle, key)])), None)


def person(rows: Transaction, program: str, key: str) -> Person | None:
    """A person's time."""
    return next(iter(rows.load(Person, [(program, key)])), None)


def zones(rows: Transaction, cycle: Cycle) -> dict[Side, str | None]:
    """The zone that each side of a pair has stated."""
    found = {row.person: row for row in rows.load(Person, _persons(cycle))}
    stated = {name: row.zone for name, row in found.items() if row.stated}
    return {"mentee": stated.get(cycle.mentee), "mentor": stated.get(cycle.mentor)}


def _persons(cycle: Cycle) -> list[tuple[str, str]]:
    return [(cycle.program, each) for each in dict.fromkeys(cycle.pair())]


def bookings(rows: Transaction, program: str, person: str, time: Interval) -> list[Interval]:
    """When a person has meetings that touch a time, in order."""
    booking = table_of(BookingTable).c
    query = select(booking.starts_at, booking.ends_at).where(
        booking.program == program,
        booking.person == person,
        booking.starts_at < time[1],
        booking.ends_at > time[0],
    )
    return sorted((row[0], row[1]) for row in rows.connection.execute(query))


def in_order(rows: Iterable[Meeting]) -> list[Meeting]:
    """Meetings in the order of their start."""
    return sorted(rows, key=lambda row: (row.starts_at, row.cycle, row.meeting))
