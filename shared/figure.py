"""A figure that a service tells of its rows, for Prometheus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


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
