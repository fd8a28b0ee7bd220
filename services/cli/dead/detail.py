"""One dead letter with what stands around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.cli.dead.attempts import Said
from services.cli.dead.letters import Letter
from services.cli.dead.probing import Probe
from services.cli.entries import stored
from shared.entry import Entry


@dataclass(frozen=True, slots=True)
class Attempt:
    """What an operator said about the letter, and what the service answered: a code, empty when it folded it."""

    said: Said
    answer: str


@dataclass(frozen=True, slots=True)
class Detail:
    """A dead letter and what stands around it.

    Attributes:
        service: whose it is.
        letter: the row.
        entry: the event as the log holds it, None when it does not.
        attempts: what operators have said, in order.
        before, behind: parked letters of its key that must be folded first, and that wait behind it.
        probe: what would become of it now; None where that was not asked.
    """

    service: str
    letter: Letter
    entry: Entry | None
    attempts: Sequence[Attempt]
    before: Sequence[Letter]
    behind: Sequence[Letter]
    probe: Probe | None = None

    @property
    def stored(self) -> datetime | None:
        """When the log stored the event."""
        return stored(self.entry) if self.entry and self.entry.stored else None
