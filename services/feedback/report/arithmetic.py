"""The arithmetic of metrics, on arrays: quantiles by nearest rank, Kaplan and Meier's curve, histograms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
_POINTS = 60
"""Points of a curve, about."""


def quantile(ordered: Floats, percent: int) -> float | None:
    """By nearest rank: the least value that at least so many per cent of all do not exceed; None of nothing.

    Args:
        ordered: the values, ascending.
        percent: 0 to 100; whole, so that no rounding moves the rank.
    """
    if not len(ordered):
        return None
    return float(ordered[max(0, -(-percent * len(ordered) // 100) - 1)])


def survival(durations: Floats, happened: Flags) -> tuple[Floats, Floats]:
    """Share that still waits from each instant on at which it happened to somebody (Kaplan and Meier, 1958).

    Args:
        durations: how long each has waited.
        happened: whether that ended with what was waited for; else it was cut off. At equal durations what
            happened goes before what was cut off.

    Returns:
        The instants, ascending, and the shares from there on; equal lengths.
    """
    ordered = np.sort(durations)
    instants, events = np.unique(durations[happened], return_counts=True)
    at_risk = len(ordered) - np.searchsorted(ordered, instants, side="left")
    return instants, np.cumprod(1 - events / at_risk, dtype=np.float64)


def survival_median(durations: Floats, happened: Flags) -> float | None:
    """The first instant at which at most half still wait; None when it never comes so far."""
    instants, waiting = survival(durations, happened)
    reached = np.flatnonzero(waiting <= 0.5 + 1e-12)
    return float(instants[reached[0]]) if len(reached) else None


def curve(durations: Floats, happened: Flags) -> list[tuple[float, float]]:
    """The share that still waits at whole days, evenly apart, from 0 to the last at which it happened."""
    instants, waiting = survival(durations, happened)
    if not len(instants):
        return []
    step = max(1, int(-(-instants[-1] // _POINTS)))
    days = np.arange(0, instants[-1] + step, step)
    place = np.searchsorted(instants, days, side="right") - 1
    shares = np.where(place >= 0, waiting[place], 1.0)
    return [(float(day), float(share)) for day, share in zip(days, shares, strict=True)]


def bins(values: Floats, edges: Sequence[float]) -> npt.NDArray[np.int64]:
    """The bar of each value: bar i holds edges[i] <= value < edges[i + 1], the last one all from its edge on."""
    found = np.searchsorted(np.asarray(edges), values, side="right") - 1
    return np.maximum(found, 0).astype(np.int64)
