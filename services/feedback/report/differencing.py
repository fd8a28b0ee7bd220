"""Whether anything that was ever published tells of fewer than k persons, alone or by adding and subtracting.

All numbers of one quantity are sums over cells (week x groups). Whoever adds and subtracts them with any factors gets a
sum in which each cell has a factor of its own: that of its week's node (from totals) plus those of its batches' nodes
(from groups); a cell that a breakdown has not published yet gets none from there. The persons about whom such a sum
tells are those in the cells whose factor is not 0.

Suppose that a sum tells of 1..k-1 persons. Cells of one and the same unknown factor that have k persons between them
then must have the factor 0. So factors are found to be 0 one after the other; when all are, there is no such
sum. That all can be found is sufficient, not necessary: what is refused might sometimes have been safe.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.feedback.report.cells import Longs

Flags = npt.NDArray[np.bool_]

PENDING = 0
"""The node of what is not published: its factor is 0."""
NO_LIMIT = 1 << 62
"""The limit of that node: it is never looked for."""


@dataclass(frozen=True, slots=True)
class Published:
    """Cells with their nodes.

    Attributes:
        nodes: (cells, 1 + breakdowns) node of the week and of the batch in each breakdown.
        size: persons of each cell.
        cell, person: the persons, as in `Cells`.
    """

    nodes: Longs
    size: Longs
    cell: Longs
    person: Longs

    def without(self, done: Flags) -> Published:
        """The other cells."""
        left, number = ~done, np.cumsum(~done) - 1
        rows = left[self.cell]
        return Published(
            self.nodes[left], self.size[left], number[self.cell[rows]], self.person[rows]
        )


def nobody_isolated(published: Published, limits: Longs) -> bool:
    """Whether every sum tells of nobody, or of so many distinct persons as the nodes' limits say."""
    known = np.zeros(limits.size, np.bool_)
    known[PENDING] = True
    while True:
        unknown = ~known[published.nodes]
        settled: Flags = ~np.any(unknown, axis=1)
        if settled.all():
            return True
        published, unknown = published.without(settled), unknown[~settled]
        found = _forced(published, unknown, limits)
        if not found.size:
            found = _free(published.nodes, unknown)
        if not found.size:
            return False
        known[found] = True


def _forced(published: Published, unknown: Flags, limits: Longs) -> Longs:
    """Nodes whose factor must be 0: enough persons are in the cells in which nothing else is unknown."""
    lone = unknown.sum(axis=1) == 1
    node = np.where(lone, (published.nodes * unknown).sum(axis=1), PENDING)
    strong = lone & (published.size >= limits[node])
    if strong.any():
        return np.unique(node[strong])
    rows = lone[published.cell]
    span = int(published.person.max(initial=0)) + 1
    pairs = np.unique(node[published.cell[rows]] * span + published.person[rows])
    return np.flatnonzero(np.bincount(pairs // span, minlength=limits.size) >= limits)


def _free(nodes: Longs, unknown: Flags) -> Longs:
    """Nodes whose factor may be taken to be 0 without changing any sum.

    In cells that share unknown nodes with no others, and that all have an unknown node in two columns, a constant may be
    added to the nodes of one of them and taken from those of the other.
    """
    part = _parts(nodes, unknown)
    found = []
    for each in np.unique(part):
        rows = part == each
        open_columns = np.flatnonzero(unknown[rows].all(axis=0))
        found += [_most_frequent(nodes[rows, column]) for column in open_columns[1:]]
    return np.array(found, np.int64)


def _most_frequent(values: Longs) -> int:
    found, counts = np.unique(values, return_counts=True)
    return int(found[counts.argmax()])


def _parts(nodes: Longs, unknown: Flags) -> Longs:
    """A number for each cell, the same for cells that hang together by unknown nodes."""
    label = np.arange(int(nodes.max(initial=0)) + 1)
    last = np.iinfo(np.int64).max
    while True:
        part: Longs = np.min(np.where(unknown, label[nodes], last), axis=1)
        before = label.copy()
        for column in range(nodes.shape[1]):
            rows = unknown[:, column]
            np.minimum.at(label, nodes[rows, column], part[rows])
        if np.array_equal(before, label):
            return part
