"""A figure that a service tells of its rows, for Prometheus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Subquery, func, select

MOST_PROGRAMS = 100
"""Programs that figures are told of."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One value of a gauge that a service tells of its rows.

    Attributes:
        name: of the metric, beginning with `mentoring_`.
        help: what it is, the same for all values of a name.
        labels: which one; the same names for all values of a name.
    """

    name: str
    help: str
    labels: Mapping[str, str]
    value: float


def latest_programs(program: Any, newest: Any) -> Subquery:  # noqa: ANN401 - columns of a table
    """The programs of which figures are told: those whose rules are newest by this column."""
    return (
        select(program)
        .group_by(program)
        .order_by(func.max(newest).desc(), program)
        .limit(MOST_PROGRAMS)
        .subquery()
    )


def known_programs(connection: Connection, program: Any) -> int:  # noqa: ANN401 - a column of a table
    """How many programs there are in all."""
    return connection.execute(select(func.count(func.distinct(program)))).scalar_one()
