"""Wiring: scheduling as a service."""

from __future__ import annotations

from services.scheduling.decide import DECIDES
from services.scheduling.evolve import EVOLVES
from services.scheduling.judge import JUDGES
from services.scheduling.metrics import figures
from services.scheduling.reach import reach
from services.scheduling.store import TABLES
from services.scheduling.timers import timers
from shared.service import Service

SERVICE = Service(
    name="scheduling",
    fold_version=3,
    judges=JUDGES,
    evolves=EVOLVES,
    decides=DECIDES,
    timers=timers,
    tables=TABLES,
    reach=reach,
    says=frozenset({"scheduled", "unplaced", "reminded", "met", "missed", "rejected", "parked"}),
    figures=figures,
)
