"""Wiring: feedback as a service, around a key ring."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from services.feedback.decide import decides
from services.feedback.evolve import EVOLVES
from services.feedback.judge import JUDGES
from services.feedback.reach import reach
from services.feedback.sealing import Contents, Place
from services.feedback.store import TABLES
from services.feedback.timers import timers
from shared.events.envelope import Event
from shared.events.outside import Erased
from shared.service import Service

FOLD_VERSION = 1


class Ring(Protocol):
    """What the fold needs of a key ring."""

    def unseal(self, author: str, subject: str, place: Place, sealed: str) -> Contents | None:
        """The contents, or None when a key is gone or the bytes are not what was sealed there."""

    def erase(self, program: str, person: str) -> None:
        """Delete a person's key for ever."""


def service(ring: Callable[[], Ring]) -> Service:
    """Feedback around a key ring, which is opened when it is first asked for."""

    def unseal(author: str, subject: str, place: Place, sealed: str) -> Contents | None:
        return ring().unseal(author, subject, place, sealed)

    def effect(event: Event) -> None:
        if isinstance(event.data, Erased):
            ring().erase(event.program, event.data.person)

    return Service(
        name="feedback",
        fold_version=FOLD_VERSION,
        judges=JUDGES,
        evolves=EVOLVES,
        decides=decides(unseal),
        timers=timers,
        tables=TABLES,
        reach=reach,
        effect=effect,
        says=frozenset({"reviewed", "flagged", "concluded", "rejected", "parked"}),
    )
