"""Naive: mentee by mentee, the best mentor who still has a place. What most peers in public code do.

Theirs scores each pair in the loop; here the scores are there already, in its favour.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from services.matching.assignment.market import NOBODY, Market


def chosen(market: Market) -> NDArray[np.int32]:
    """[n] The column of each row; of equal mentors the first."""
    left = market.capacity.tolist()
    column = []
    for row in range(len(market.mentee)):
        best, worth = NOBODY, 0
        for mentor, value in enumerate(market.values(slice(row, row + 1))[0].tolist()):
            if value > worth and left[mentor] > 0:
                best, worth = mentor, value
        if best != NOBODY:
            left[best] -= 1
        column.append(best)
    return np.array(column, np.int32)
