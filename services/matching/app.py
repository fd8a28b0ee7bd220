"""Wiring: matching as a service."""

from __future__ import annotations

from services.matching.deadlines import timers
from services.matching.decide import DECIDES
from services.matching.evolve import EVOLVES
from services.matching.judge import JUDGES
from services.matching.reach import reach
from services.matching.store import TABLES
from shared.service import Service

FOLD_VERSION = 2

SERVICE = Service(
    name="matching",
    fold_version=FOLD_VERSION,
    judges=JUDGES,
    evolves=EVOLVES,
    decides=DECIDES,
    timers=timers,
    tables=TABLES,
    reach=reach,
    says=frozenset(
        {"requested", "paired", "proposed", "lapsed", "unmatched", "tallied", "rejected", "parked"}
    ),
)
