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
        nodes: (1 + breakdowns, cells) node of the week and of the batch in each breakdown.
        size: persons of each cell.
        cell, person: the persons, as in `Cells`.
    """

    nodes: Longs
    size: Longs
    cell: Longs
    person: Longs

    def only(self, left: Flags) -> Published:
        """These cells."""
        number, rows = np.cumsum(left) - 1, left[self.cell]
        return Published(
            self.nodes[:, left], self.size[left], number[self.cell[rows]], self.person[rows]
        )


def nobody_isolated(published: Published, limits: Longs) -> bool:
    """Whether every sum tells of nobody, or of so many distinct persons as the nodes' limits say."""
    known = np.zeros(limits.size, np.bool_)
    known[PENDING] = True
    while True:
        open_cells = _spread(published, known, limits)
        if not open_cells.any():
            return True
        published = published.only(open_cells)
        unknown = ~known[published.nodes]
        found = _free(published, unknown, _parts(published.nodes, unknown))
        if not found.size:
            return False
        known[found] = True


def proven(published: Published, limits: Longs) -> Longs:
    """A number above 0 for each cell of which it needs no other cells to say that it cancels; 0 for the others.

    The factors of cells with the same number are a constant for each column, and these cancel. All cells must be
    published in all breakdowns.
    """
    unknown = np.ones(published.nodes.shape, np.bool_)
    part = _parts(published.nodes, unknown)
    known = np.zeros(limits.size, np.bool_)
    known[_free(published, unknown, part)] = True
    return np.where(_spread(published, known, limits), 0, part)


def _spread(published: Published, known: Flags, limits: Longs) -> Flags:
    """Find factors of 0 until no more are found; return the cells in which some stay unknown."""
    while True:
        unknown = ~known[published.nodes]
        count = np.sum(unknown, axis=0, dtype=np.int8)
        found = _forced(published, unknown, count == 1, limits)
        if not found.size:
            return np.greater(count, 0)
        known[found] = True


def _forced(published: Published, unknown: Flags, lone: Flags, limits: Longs) -> Longs:
    """Nodes, some more than once, whose factor must be 0: enough persons are in the cells in which nothing else is unknown."""
    node = np.where(lone, np.max(published.nodes * unknown, axis=0, initial=PENDING), PENDING)
    strong = node[published.size >= limits[node]]
    if strong.size:
        return strong
    rows = lone[published.cell]
    span = int(published.person.max(initial=0)) + 1
    pairs = np.unique(node[published.cell[rows]] * span + published.person[rows])
    return np.flatnonzero(np.bincount(pairs // span, minlength=limits.size) >= limits)


def _free(published: Published, unknown: Flags, part: Longs) -> Longs:
    """Nodes whose factor may be taken to be 0 without changing any sum.

    In cells that share unknown nodes with no others, and that all have an unknown node in two columns, a constant may be
    added to the nodes of one of them and taken from those of the other. One cell gives its nodes, the largest: so its
    last one is forced next.
    """
    found = [np.empty(0, np.int64)]
    for each in np.unique(part):
        cells = np.flatnonzero(part == each)
        largest = cells[published.size[cells].argmax()]
        open_columns = np.flatnonzero(unknown[:, cells].all(axis=1))
        found.append(published.nodes[open_columns[1:], largest])
    return np.concatenate(found)


def _parts(nodes: Longs, unknown: Flags) -> Longs:
    """A number for each cell, the same for cells that hang together by unknown nodes."""
    label = np.arange(int(nodes.max(initial=0)) + 1)
    last = np.iinfo(np.int64).max
    while True:
        part: Longs = np.min(np.where(unknown, label[nodes], last), axis=0, initial=last)
        before = label.copy()
        for column, cells in zip(nodes, unknown, strict=True):
            np.minimum.at(label, column[cells], part[cells])
        label = label[label]
        if np.array_equal(before, label):
            return part
