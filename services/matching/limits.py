"""How much one input may say: an atomic batch holds 1,000 messages, the fold allows 900 of them."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

PAIRS: Mapping[str, int] = {"none": 800, "mentor": 400, "both": 260}
"""Pairs, by who must accept: each is an answer, or one for each side asked and a timer."""
EACH: Mapping[str, int] = {"none": 1, "mentor": 2, "both": 3}
"""Answers and timers of a pair, by who must accept."""
ANSWERS = 880
"""Answers and timers of a round, with room left for its tally and the program's own timers."""
PARTS = 600
"""Parts of a plan, so that there is room for some pairs, too; what a larger choice has more waits for another round."""
LAPSES = 120
"""Proposals that one input ends, so that their requests can go on within it; a giant's further ones lapse
at their deadline."""


def at_first(acceptance: str, chosen: int, said: int = 0) -> int:
    """How many of so many chosen pairs a round says by itself: all, or those for which its plan leaves room.

    `said`: answers that its input has besides.
    """
    most, room = PAIRS[acceptance], ANSWERS - said
    if chosen <= most and chosen * EACH[acceptance] <= room:
        return chosen
    parts = min(ceil(chosen / most), PARTS)
    return max(0, min(most, (room - parts) // EACH[acceptance]))
