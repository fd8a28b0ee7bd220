"""The choice among allowed pairs, by the program's policy."""

from __future__ import annotations

import numpy as np

from services.matching.assignment import pairs
from services.matching.assignment.market import NOBODY, Choice, Market
from shared.events.types import Policy


def choose(policy: Policy, market: Market) -> Choice:
    """Who gets whom. Ties go to the earlier row, then to the earlier column."""
    values = market.values(slice(None))
    found = pairs.choose(policy, _candidates(market, values), _room(market))
    column = np.full(len(market.mentee), NOBODY, np.int32)
    for pair in found:
        column[pair.place] = int(pair.mentor[1:])
    total = sum(pair.value for pair in found)
    return Choice(column, total, total if policy == "optimal" else None)


def _candidates(market: Market, values: np.ndarray) -> list[pairs.Candidate]:
    names = [
        _column(own) if own != NOBODY else f"p{person:09}"
        for person, own in zip(market.mentee.tolist(), market.as_mentor.tolist(), strict=True)
    ]
    rows, columns = (found.tolist() for found in np.nonzero(values))
    worth = values[rows, columns].tolist()
    return [
        pairs.Candidate(row, f"c{row:09}", names[row], _column(column), value)
        for row, column, value in zip(rows, columns, worth, strict=True)
    ]


def _room(market: Market) -> dict[str, int]:
    return {_column(column): places for column, places in enumerate(market.capacity.tolist())}


def _column(column: int) -> str:
    return f"m{column:09}"
