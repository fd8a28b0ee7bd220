"""A cut through the log: what was seen until then."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from services.feedback.report.columns import Ints, Rows
from services.feedback.report.spans import Spans


class Cut:
    """Rows of a program until a cut, and sums of them by cycle.

    Args:
        spans: of its whole log.
        cut: microseconds since 1970; what was seen later does not count.
    """

    def __init__(self, spans: Spans, cut: int) -> None:
        self.spans, self.columns, self.cut = spans, spans.columns, cut

    def until(self, rows: Rows) -> Rows:
        """The rows that were seen by then; they stand in the order of the log."""
        return rows[: int(np.searchsorted(rows["seen"], self.cut, side="right"))]

    def per_cycle(self, rows: Rows, weights: npt.NDArray[np.generic] | None = None) -> Ints:
        """How many rows each cycle has, or the sum of their weights."""
        counted = np.bincount(rows["cycle"], weights, minlength=self.columns.cycles)
        return counted.astype(np.int64)

    def first(self, rows: Rows, field: str, missing: int) -> Ints:
        """The field of each cycle's first row."""
        found = np.full(self.columns.cycles, missing, np.int64)
        found[rows["cycle"][::-1]] = rows[field][::-1]
        return found
