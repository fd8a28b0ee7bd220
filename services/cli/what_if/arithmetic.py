"""The report's arithmetic for the lists of a comparison."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from services.feedback.report import arithmetic


def mean(values: Iterable[float]) -> float | None:
    """The mean; None of nothing."""
    found = list(values)
    return math.fsum(found) / len(found) if found else None


def quantile(values: Sequence[float], percent: int) -> float | None:
    """By nearest rank; None of nothing."""
    return arithmetic.quantile(np.sort(np.asarray(values, np.float64)), percent)


def survival_median(done: Sequence[float], in_vain: Sequence[float]) -> float | None:
    """When at most half still wait (Kaplan and Meier, 1958); those in vain are cut off where they ended."""
    durations = np.asarray([*done, *in_vain], np.float64)
    return arithmetic.survival_median(durations, np.arange(len(durations)) < len(done))
