"""The arithmetic of the funnel: rates with their denominators, quantiles by nearest rank, Kaplan-Meier."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

DAY = 86_400
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its denominator; None where there is nothing to divide by."""

    count: int
    of: int
    rate: float | None


@dataclass(frozen=True, slots=True)
class Wait:
    """How long something took, in days of 86,400 seconds.

    Attributes:
        done, waiting: how many it happened to, and how many were still waiting when they were last heard of.
        median, p90: of those it happened to, by nearest rank.
        median_of_all: Kaplan-Meier's median, which counts those who waited in vain as well; None when less
            than half ever got there.
    """

    done: int
    waiting: int
    median: float | None
    p90: float | None
    median_of_all: float | None


def rate(count: int, of: int) -> Rate:
    """`count` of `of`."""
    return Rate(count, of, round(count / of, DIGITS) if of else None)


def days_between(earlier: datetime, later: datetime) -> float:
    """Days of 86,400 seconds."""
    return (later - earlier).total_seconds() / DAY


def quantile(values: Sequence[float], share: float) -> float | None:
    """By nearest rank: the smallest value that is not exceeded by at least this share of all."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


def wait(done: Iterable[float], censored: Iterable[float]) -> Wait:
    """Waits that ended with what was waited for, and those that were cut off before."""
    done, censored = list(done), list(censored)
    return Wait(
        done=len(done),
        waiting=len(censored),
        median=_rounded(quantile(done, 0.5)),
        p90=_rounded(quantile(done, 0.9)),
        median_of_all=_rounded(survival_median(done, censored)),
    )


def survival_median(done: Sequence[float], censored: Sequence[float]) -> float | None:
    """The first instant at which at most half still wait (Kaplan and Meier, 1958)."""
    at_risk, share = len(done) + len(censored), 1.0
    # At equal times what happened goes before what was cut off.
    for value, happened in sorted([*((v, 0) for v in done), *((v, 1) for v in censored)]):
        if happened == 0:
            share *= 1 - 1 / at_risk
            if share <= 0.5 + 1e-12:
                return value
        at_risk -= 1
    return None


def mean(values: Iterable[float]) -> float | None:
    """The mean; None of nothing."""
    found = list(values)
    return math.fsum(found) / len(found) if found else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
