"""Who a metric is about, change by change: what hiding small groups is decided from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class Contributions:
    """One row per change of what a metric is computed from; arrays of equal length.

    Attributes:
        mentee, mentor: persons by index; -1: the row, or the metric, is about none.
        week: index of the first release that holds the change; release w holds all rows with week <= w.
        groups: for each breakdown of the metric the group of the row, by index; -1: in none; a metric without groups has {}.
    """

    mentee: Ints
    mentor: Ints
    week: Ints
    groups: Mapping[str, Ints]
