"""People as a market: the services' own pool, scores and market. Only who is handed people loads this."""

from __future__ import annotations

import gc

from services.matching.assignment.market import Market
from services.matching.model import Cycle, Mentor
from services.matching.pool import pool
from services.matching.rounds import market_of
from shared.world import Row
from tests.bench.matching.people import people, rules, world_of
from tests.bench.matching.settings import Setting


def drawn(setting: Setting) -> list[Row]:
    """The people of a market, without stopping to collect garbage while they become many."""
    gc.disable()
    rows = people(setting)
    gc.enable()
    gc.freeze()
    return rows


def pooled(rows: list[Row]) -> Market:
    """People as a round sees them: their values are kept, or of very many people worked out when asked for."""
    cycles = [row for row in rows if isinstance(row, Cycle)]
    mentors = [row for row in rows if isinstance(row, Mentor)]
    return market_of(pool(world_of(rows), rules(), cycles, mentors))
