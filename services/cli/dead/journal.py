"""Keeps who redrove or gave up what: an operation of the service's store for each attempt."""

from __future__ import annotations

from dataclasses import dataclass

from services.cli.dead.letters import Letter
from services.cli.dead.outcome import Became
from shared.replay import operation
from shared.store import Store

_STATES = {"folded": "done", "discarded": "done", "refused": "done", "waiting": "waiting"}


@dataclass(frozen=True, slots=True)
class Journal:
    """Of one call of a command.

    Attributes:
        store: of the service.
        kind: redrive or discard.
        by, reason: who does it and why, in words.
    """

    store: Store
    kind: str
    by: str
    reason: str

    def begin(self, letter: Letter) -> int:
        """Something is about to be said about a letter; returns what names it to `end`."""
        return operation.begin(
            self.store,
            self.kind,
            self.by,
            self.reason,
            program=letter.program,
            from_seq=letter.seq,
        )

    def end(self, number: int, letter: Letter, seq: int, attempt: int, became: Became) -> None:
        """It stands in the log at `seq`, and this is what became of the letter."""
        detail = {
            "event": letter.event,
            "attempt": attempt,
            "outcome": became.state,
            "error": became.error,
        }
        state = _STATES.get(became.state, "failed")
        operation.end(self.store, number, state, to_seq=seq, detail=detail)

    def fail(self, number: int, error: Exception) -> None:
        """The log did not take it."""
        operation.end(self.store, number, "failed", detail={"error": type(error).__name__})
