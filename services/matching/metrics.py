"""Figures of rounds for operators: of each program the latest round over its pool, and the latest day of pairing at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Table, and_, func, select

from services.matching.store import RoundTable
from shared.figure import Figure
from shared.tables import table_of

MOST = 100
"""Programs and kinds of rounds that are told: those whose latest rounds are newest."""
_MICRO = 1_000_000
_PROGRAMS = "mentoring_round_programs"
_COLUMNS = {
    "matched": "Pairs that the latest round chose",
    "said": "Pairs of them that are said so far",
    "waiting": "Requests that waited for the latest round",
    "mentors": "Mentors who had room in the latest round",
    "places": "Places that they had",
    "unmatched": "Requests for which the latest round chose nobody",
    "blocking": "Allowed pairs of the latest round whose two sides would both rather have each other",
    "worst": "Least score of a pair of the latest round",
    "reached": "Value of the latest round as a share of what none can exceed",
}
_LOADS = ("least", "median", "most")
_HELP = {
    _PROGRAMS: "Programs that have had a round",
    "mentoring_rounds": "Rounds that the store holds",
    "mentoring_round_timestamp_seconds": "When the latest round was",
    "mentoring_round_score_sum": "Scores of the pairs of the latest round, added up",
    "mentoring_round_load": "Load of a mentor as a share of the capacity, after the latest round",
    "mentoring_round_duration_seconds": "How long deciding the latest round took",
    **{f"mentoring_round_{column}": words for column, words in _COLUMNS.items()},
}
NAMES = tuple(_HELP)
"""Every metric that is told."""


def figures(connection: Connection) -> Sequence[Figure]:
    """The latest rounds of the programs, their number, and how many programs have had any."""
    found = connection.execute(_latest(table_of(RoundTable)))
    # Two rounds of one instant: the last by id, always the same one.
    rounds = {(row.program, row.kind): row for row in found}
    return [*_counts(connection), *(each for row in rounds.values() for each in _of(row))]


def _latest(table: Table) -> Any:  # noqa: ANN401 - SQLAlchemy's type says no more
    columns = table.c
    newest = (
        select(columns.program, columns.kind, func.max(columns.at).label("at"))
        .add_columns(func.count().label("held"))
        .group_by(columns.program, columns.kind)
        .order_by(func.max(columns.at).desc(), columns.program, columns.kind)
        .limit(MOST)
        .subquery()
    )
    same = and_(*(columns[name] == newest.c[name] for name in ("program", "kind", "at")))
    return (
        select(table, newest.c.held)
        .join(newest, same)
        .order_by(columns.program, columns.kind, columns.round)
    )


def _counts(connection: Connection) -> Iterator[Figure]:
    programs = func.count(func.distinct(RoundTable.program))
    yield _figure(_PROGRAMS, connection.execute(select(programs)).scalar_one())


def _of(row: Row[Any]) -> Iterator[Figure]:
    """What a row leaves open is left out."""
    labels = {"program": row.program, "kind": row.kind}
    values = {
        "mentoring_rounds": row.held,
        "mentoring_round_timestamp_seconds": row.at.timestamp(),
        "mentoring_round_score_sum": row.total / _MICRO,
        **{f"mentoring_round_{column}": getattr(row, column) for column in _COLUMNS},
    }
    if row.milliseconds is not None:
        values["mentoring_round_duration_seconds"] = row.milliseconds / 1000
    for name, value in values.items():
        if value is not None:
            yield _figure(name, value, **labels)
    for which in _LOADS:
        if (load := getattr(row, which)) is not None:
            yield _figure("mentoring_round_load", load, **labels, which=which)


def _figure(name: str, value: float, **labels: str) -> Figure:
    return Figure(name, _HELP[name], labels, value)
