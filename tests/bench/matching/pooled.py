"""People as a market: the services' own pool and scores. Only who is handed people loads this."""

from __future__ import annotations

import gc
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching import scoring
from services.matching.assignment.market import Rows
from services.matching.model import Cycle, Mentor
from services.matching.pool import Pool, pool
from shared.world import Row
from tests.bench.matching.people import people, rules, world_of
from tests.bench.matching.settings import Setting


@dataclass(frozen=True, slots=True)
class Pooled:
    """A pool as a market: every value is scored when it is asked for."""

    pool: Pool

    @property
    def capacity(self) -> NDArray[np.int64]:
        """[m]"""
        return self.pool.room

    @property
    def mentee(self) -> NDArray[np.int32]:
        """[n]"""
        return self.pool.mentee

    @property
    def as_mentor(self) -> NDArray[np.int32]:
        """[n]"""
        return self.pool.as_mentor

    def values(self, rows: Rows) -> NDArray[np.int32]:
        """[b, m]"""
        return scoring.values(self.pool, rows)


def drawn(setting: Setting) -> list[Row]:
    """The people of a market, without stopping to collect garbage while they become many."""
    gc.disable()
    rows = people(setting)
    gc.enable()
    gc.freeze()
    return rows


def pooled(rows: list[Row]) -> Pooled:
    """People as a market."""
    cycles = [row for row in rows if isinstance(row, Cycle)]
    mentors = [row for row in rows if isinstance(row, Mentor)]
    return Pooled(pool(world_of(rows), rules(), cycles, mentors))
