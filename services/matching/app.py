"""Wiring: matching as a service."""

from __future__ import annotations

from services.matching.deadlines import timers
from services.matching.decide import DECIDES
from services.matching.evolve import EVOLVES
from services.matching.judge import JUDGES
from services.matching.metrics import figures
from services.matching.reach import reach
from services.matching.store import TABLES
from shared.events.envelope import Event, EventData
from shared.events.matching import Tallied
from shared.events.system import Due
from shared.service import Service

FOLD_VERSION = 3


def is_round(event: Event) -> bool:
    """Whether it may be a step of a round over the whole pool, which takes long in a large one."""
    due = event.data
    return isinstance(due, Due) and due.service == "matching" and due.name in {"round", "again"}


def took(data: EventData, milliseconds: float) -> EventData:
    """A round's tally with how long deciding took."""
    return data.model_copy(update={"milliseconds": round(milliseconds, 3)})


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
        {
            "requested",
            "paired",
            "proposed",
            "lapsed",
            "unmatched",
            "planned",
            "tallied",
            "rejected",
            "parked",
        }
    ),
    stamps={Tallied: took},
    long=is_round,
    figures=figures,
)
