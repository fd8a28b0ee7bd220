"""Figures of pairs for operators: of each program how many go on, what is reviewed, flagged and concluded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, Subquery, func, select

from services.feedback.store import CycleTable, NoteTable, ReviewTable, RulesTable, flagged
from shared.figure import Figure, known_programs, latest_programs
from shared.tables import table_of

MOST_FLAGGED = 10_000
"""Pairs whose flags are read."""
_HELP = {
    "mentoring_feedback_programs": "Programs whose rules feedback knows",
    "mentoring_pairs": "Pairs that are not concluded",
    "mentoring_reviews": "Reviews of meetings by status, and by how many sides have written one",
    "mentoring_flags": "Flags that stand, by rule",
    "mentoring_conclusions": "Cycles that are over, by outcome",
    "mentoring_action_items": "Action items, by whether they are done",
}
NAMES = tuple(_HELP)
"""Every metric that is told."""


def figures(connection: Connection) -> Sequence[Figure]:
    """What stands in each of the latest programs."""
    rules = table_of(RulesTable).c
    programs = latest_programs(rules.program, rules.effective_at)
    known = known_programs(connection, rules.program)
    return [
        _figure("mentoring_feedback_programs", known),
        *_pairs(connection, programs),
        *_reviews(connection, programs),
        *_flags(connection, programs),
        *_conclusions(connection, programs),
        *_action_items(connection, programs),
    ]


def _pairs(connection: Connection, programs: Subquery) -> Iterator[Figure]:
    cycle = table_of(CycleTable).c
    query = (
        select(cycle.program, func.count())
        .where(cycle.program.in_(select(programs)), cycle.status == "paired")
        .group_by(cycle.program)
        .order_by(cycle.program)
    )
    for program, count in connection.execute(query):
        yield _figure("mentoring_pairs", count, program=program)


def _reviews(connection: Connection, programs: Subquery) -> Iterator[Figure]:
    """Read from an index alone."""
    review = table_of(ReviewTable).c
    query = (
        select(review.program, review.status, review.sides, func.count())
        .where(review.program.in_(select(programs)))
        .group_by(review.program, review.status, review.sides)
        .order_by(review.program, review.status, review.sides)
    )
    for program, status, sides, count in connection.execute(query):
        labels = {"program": program, "status": status, "sides": str(sides)}
        yield _figure("mentoring_reviews", count, **labels)


def _flags(connection: Connection, programs: Subquery) -> Iterator[Figure]:
    """Of the pairs that go on only those are fetched that are flagged."""
    cycle = table_of(CycleTable).c
    query = (
        select(cycle.program, cycle.state)
        .where(cycle.program.in_(select(programs)), cycle.status == "paired")
        .where(flagged(cycle.state))
        .order_by(cycle.program, cycle.cycle)
        .limit(MOST_FLAGGED)
    )
    found = Counter(
        (program, cause.partition(".")[0])
        for program, state in connection.execute(query)
        for cause in state["watch"]["flags"]
    )
    for (program, rule), count in sorted(found.items()):
        yield _figure("mentoring_flags", count, program=program, rule=rule)


def _conclusions(connection: Connection, programs: Subquery) -> Iterator[Figure]:
    """Read from an index alone."""
    cycle = table_of(CycleTable).c
    query = (
        select(cycle.program, cycle.outcome, func.count())
        .where(cycle.program.in_(select(programs)), cycle.status.in_(("closing", "ended")))
        .group_by(cycle.program, cycle.outcome)
        .order_by(cycle.program, cycle.outcome)
    )
    for program, outcome, count in connection.execute(query):
        yield _figure("mentoring_conclusions", count, program=program, outcome=outcome)


def _action_items(connection: Connection, programs: Subquery) -> Iterator[Figure]:
    """Read from an index alone."""
    note = table_of(NoteTable).c
    query = (
        select(note.program, note.done, func.count())
        .where(note.program.in_(select(programs)), note.kind == "action_item")
        .group_by(note.program, note.done)
        .order_by(note.program, note.done)
    )
    for program, done, count in connection.execute(query):
        labels = {"program": program, "state": "done" if done else "open"}
        yield _figure("mentoring_action_items", count, **labels)


def _figure(name: str, value: float, **labels: str) -> Figure:
    return Figure(name, _HELP[name], labels, value)
