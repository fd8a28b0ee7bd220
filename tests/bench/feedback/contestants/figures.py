"""What a contestant gives: a report in numbers, each as of a release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Numbers = Mapping[str, float | None]
"""By name of the value; None: there is none."""
Metrics = Mapping[str, Mapping[str, Numbers]]
"""By metric, then by group (`all`, `cohort 2026-03`)."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Some numbers that a report shows.

    Attributes:
        release: whose state they are, ISO 8601.
        metric, group: as in `Metrics`.
        numbers: the values, rounded.
        digits: by value how many digits are left.
    """

    release: str
    metric: str
    group: str
    numbers: Numbers
    digits: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Compared:
    """How many numbers were compared, of how many releases, and which differ, in words."""

    numbers: int
    releases: int
    wrong: Sequence[str]


def differing(figure: Figure, found: Numbers) -> list[str]:
    """In words every number that another has computed otherwise."""
    where = f"{figure.metric}, {figure.group}, {figure.release}"
    return [
        f"{where}: {name} is {value}, and {found.get(name)} elsewhere"
        for name, value in figure.numbers.items()
        if not _same(value, found.get(name), figure.digits[name])
    ]


def _same(rounded: float | None, exact: float | None, digits: int) -> bool:
    if rounded is None or exact is None:
        return rounded is exact
    return abs(rounded - exact) <= 0.5 * 0.1**digits + 1e-9
