"""What is to happen in the other world by itself: deadlines, and what people are assumed to do."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from datetime import datetime

from services.matching.what_if.recording import Reply
from shared.world import Key


@dataclass(frozen=True, slots=True)
class Response:
    """Somebody is about to answer a proposal of the other world."""

    cycle: str
    proposal: str
    by: str
    reply: Reply


@dataclass(frozen=True, slots=True)
class End:
    """A pair of the other world is about to end."""

    cycle: str
    mentee: str
    mentor: str


Soon = Key | Response | End
"""What is to happen: a timer by its key, or something assumed."""


class Agenda:
    """What is to happen, by its instant; at equal instants what was noted first."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, Soon]] = []
        self._noted = 0

    def note(self, at: datetime, soon: Soon) -> None:
        """It is to happen then."""
        self._noted += 1
        heapq.heappush(self._heap, (at, self._noted, soon))

    def take(self, until: datetime) -> tuple[datetime, Soon] | None:
        """The next that is to happen up to an instant; None when there is none."""
        if not self._heap or self._heap[0][0] > until:
            return None
        at, _, soon = heapq.heappop(self._heap)
        return at, soon
