"""What a run of the demo hears of its log: enough to say how far it is, what was refused, and which cycle to look at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from shared.events import feedback, system
from shared.events.envelope import Event

_TOLD = ("goals_reached", "completed")
"""How a cycle ends that is worth looking at, the best first."""


class Letter(NamedTuple):
    """A dead letter of one kind: what a service refused, or could not fold."""

    service: str
    kind: str
    rule: str


@dataclass
class Heard:
    """Counts of what was heard.

    Attributes:
        words: events by their word.
        letters: dead letters by their kind.
        last: the latest instant.
    """

    words: Counter[str] = field(default_factory=Counter)
    letters: Counter[Letter] = field(default_factory=Counter)
    last: datetime | None = None
    _ended: dict[str, str] = field(default_factory=dict)

    def add(self, event: Event) -> None:
        """One event, in the order of the log."""
        self.words[event.word] += 1
        self.last = max(self.last or event.time, event.time)
        match event.data:
            case feedback.Concluded(outcome=outcome):
                self._ended[event.key] = outcome
            case system.Rejected(rule=rule):
                self.letters[Letter(event.source.rsplit("/", 1)[-1], "rejected", rule)] += 1
            case system.Parked(service=service, error=error):
                self.letters[Letter(service, "parked", error)] += 1
            case _:
                pass

    def example(self) -> str | None:
        """The first cycle in the order of their ids that reached its goals, or at least its end."""
        found = (
            min((key for key, ended in self._ended.items() if ended == wanted), default=None)
            for wanted in _TOLD
        )
        return next((key for key in found if key), None)
