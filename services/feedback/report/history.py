"""What was published of one metric and role so far: its cells and, of those that are done with, only what still counts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from services.feedback.report.cells import Cells, Longs
from services.feedback.report.differencing import (
    NO_LIMIT,
    PENDING,
    Flags,
    Published,
    nobody_isolated,
    proven,
)


class History:
    """Cells with the nodes that published them.

    A part of the past whose factors are a constant for each column, whatever comes later, is kept as one cell that
    surely cancels: else all of the past would be worked through again with each release.
    """

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self._same = np.zeros(0, np.int64)
        self._done = np.zeros((1 + len(cells.groups), 0), np.int64)

    def safe(self, release: int, nodes: Sequence[Longs], limits: Longs) -> bool:
        """Whether all that was published until a release isolates nobody.

        Args:
            release: later cells are not looked at.
            nodes: by week the node of the total; then by (group + 1, week) that of the batch, for each breakdown.
            limits: by node the k that it was published under.
        """
        return nobody_isolated(self._published(release, nodes, limits), limits)

    def shorten(self, release: int, nodes: Sequence[Longs], limits: Longs) -> None:
        """Put away what is proven and can never change again; arguments as in `safe`."""
        published = self._published(release, nodes, limits)
        closed = np.all(published.nodes[1:] != PENDING, axis=0)
        part = np.zeros(closed.size, np.int64)
        part[closed] = proven(published.only(closed), limits)
        cells = closed.size - self._done.shape[1]
        if part[:cells].any():
            self._put_away(part[:cells] > 0, published.nodes, part)

    def _put_away(self, gone: Flags, nodes: Longs, part: Longs) -> None:
        parts = [nodes[:, part == each] for each in np.unique(part[part > 0])]
        for each in parts:
            for column in each:
                self._same[np.isin(self._same, column)] = column.max()
        kept = self._done[:, part[gone.size :] == 0]
        self._done = np.stack([*kept.T, *(each.max(axis=1) for each in parts)], axis=1)
        left = np.ones(self.cells.week.size, np.bool_)
        left[: gone.size] = ~gone
        self.cells = self.cells.only(left)

    def _published(self, release: int, nodes: Sequence[Longs], limits: Longs) -> Published:
        seen = self.cells.until(release)
        columns = [nodes[0][seen.week]]
        for batches, groups in zip(nodes[1:], seen.groups, strict=True):
            columns.append(batches[groups + 1, seen.week])
        self._same = np.concatenate([self._same, np.arange(self._same.size, limits.size)])
        return Published(
            np.concatenate([self._same[np.stack(columns)], self._done], axis=1),
            np.concatenate([seen.size, np.full(self._done.shape[1], NO_LIMIT - 1)]),
            seen.cell,
            seen.person,
        )
