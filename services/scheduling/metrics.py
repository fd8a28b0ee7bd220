"""Figures of meetings for operators: of each program how many stand how, what found no slot, who bears what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, Subquery, Text, func, select, type_coerce

from services.scheduling.store import CycleTable, MeetingTable, RulesTable
from shared.figure import Figure, known_programs, latest_programs
from shared.tables import table_of

MOST_GAPS = 10_000
"""Cycles whose gaps are read."""
_HELP = {
    "mentoring_meeting_programs": "Programs whose rules scheduling knows",
    "mentoring_meetings": "Meetings by status",
    "mentoring_unplaced_numbers": "Planned numbers without a slot, by what stands in the way",
    "mentoring_outside_fair_hours_minutes": "Minutes of standing meetings outside 08:00 to 18:00, by side",
}
NAMES = tuple(_HELP)
"""Every metric that is told."""


def figures(connection: Connection) -> Sequence[Figure]:
    """What stands in each of the latest programs."""
    rules = table_of(RulesTable).c
    programs = latest_programs(rules.program, rules.starts_on)
    known = known_programs(connection, rules.program)
    return [
        _figure("mentoring_meeting_programs", known),
        *_meetings(connection, programs),
        *_unplaced(connection, programs),
        *_outside(connection, programs),
    ]


def _meetings(connection: Connection, programs: Subquery) -> Iterator[Figure]:
    """Read from an index alone."""
    meeting = table_of(MeetingTable).c
    query = (
        select(meeting.program, meeting.status, func.count())
        .where(meeting.program.in_(select(programs)))
        .group_by(meeting.program, meeting.status)
        .order_by(meeting.program, meeting.status)
    )
    for program, status, count in connection.execute(query):
        yield _figure("mentoring_meetings", count, program=program, status=status)


def _unplaced(connection: Connection, programs: Subquery) -> Iterator[Figure]:
    """Of the cycles that are open only those are fetched that have gaps."""
    cycle = table_of(CycleTable).c
    query = (
        select(cycle.program, cycle.state)
        .where(cycle.program.in_(select(programs)), cycle.status == "running")
        .where(type_coerce(cycle.state, Text).not_like('%"gaps":[]%'))
        .order_by(cycle.program, cycle.cycle)
        .limit(MOST_GAPS)
    )
    found = Counter(
        (program, gap["constraint"])
        for program, state in connection.execute(query)
        for gap in state["gaps"]
    )
    for (program, constraint), count in sorted(found.items()):
        labels = {"program": program, "constraint": constraint}
        yield _figure("mentoring_unplaced_numbers", count, **labels)


def _outside(connection: Connection, programs: Subquery) -> Iterator[Figure]:
    """Of standing meetings alone: those that are over only grow in number."""
    meeting = table_of(MeetingTable).c
    sides = {"mentee": meeting.outside_mentee, "mentor": meeting.outside_mentor}
    query = (
        select(meeting.program, *(func.coalesce(func.sum(each), 0) for each in sides.values()))
        .where(meeting.program.in_(select(programs)), meeting.status == "confirmed")
        .group_by(meeting.program)
        .order_by(meeting.program)
    )
    for program, *sums in connection.execute(query):
        for side, minutes in zip(sides, sums, strict=True):
            labels = {"program": program, "side": side}
            yield _figure("mentoring_outside_fair_hours_minutes", minutes, **labels)


def _figure(name: str, value: float, **labels: str) -> Figure:
    return Figure(name, _HELP[name], labels, value)
