"""Greedy: all allowed pairs sorted, the best one first, whatever is still free."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from services.matching.assignment.market import NOBODY, Market


def chosen(market: Market) -> NDArray[np.int32]:
    """[n] The column of each row; equal pairs by row, then column."""
    values = market.values(slice(None)).ravel()
    allowed = np.flatnonzero(values)
    order = allowed[np.argsort(-values[allowed], kind="stable")]
    left, width = market.capacity.tolist(), len(market.capacity)
    column = [NOBODY] * len(market.mentee)
    open_rows, places = len(column), sum(left)
    for pair in order.tolist():
        row, mentor = divmod(pair, width)
        if column[row] == NOBODY and left[mentor] > 0:
            column[row] = mentor
            left[mentor] -= 1
            open_rows, places = open_rows - 1, places - 1
            if not (open_rows and places):
                break
    return np.array(column, np.int32)
