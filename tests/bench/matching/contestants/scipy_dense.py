"""scipy's assignment on the whole matrix: a column for each place, 0 where a pair is not allowed.

`linear_sum_assignment` is a shortest-augmenting-path solver (Crouse, 2016). It computes with float64, which
holds these whole numbers and their sums exactly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from services.matching.assignment.market import NOBODY, Market


def chosen(market: Market) -> NDArray[np.int32]:
    """[n] The column of each row; a pair of no worth is none."""
    values = market.values(slice(None))
    seats = np.repeat(np.arange(len(market.capacity)), market.capacity)
    rows, taken = linear_sum_assignment(values[:, seats], maximize=True)
    column = np.full(len(values), NOBODY, np.int32)
    column[rows] = seats[taken]
    column[rows[values[rows, column[rows]] == 0]] = NOBODY
    return column
