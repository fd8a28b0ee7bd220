"""A program as feedback folds it from the log up to a cut: for the roadmap of a cycle."""

from __future__ import annotations

from datetime import UTC, date
from pathlib import Path
from zoneinfo import ZoneInfo

from services.cli.folding import FoldedProgram, read_program
from services.feedback.app import SERVICE
from services.feedback.find import goals_of, rules_of
from services.feedback.model import Cycle, Note
from services.feedback.roadmap_view import Roadmap
from services.feedback.roadmap_view import roadmap as roadmap_of
from shared.replay.history import Cut


class Found(FoldedProgram):
    """A program as of a sequence: all of feedback's rows as of then."""

    def cycle(self, cycle: str) -> Cycle | None:
        """A pair, None where feedback knows none of this name."""
        row = self.world.peek(Cycle, (self.program, cycle))
        return row if row is not None and row.mentor else None

    def roadmap(self, row: Cycle) -> Roadmap:
        """What HTTP answers, on the day of the last input."""
        notes = self.world.where(Note, parked="use", program=row.program, cycle=row.cycle)
        return roadmap_of(row.cycle, goals_of(self.world, row), notes, self._today(row))

    def _today(self, row: Cycle) -> date:
        rules = rules_of(self.world, row.program, row.rules)
        return self.world.now.astimezone(ZoneInfo(rules.zone) if rules else UTC).date()

    def unknown(self, cycle: str) -> str:
        """Says that feedback knows no such pair."""
        if not self.program:
            return f"the log says nothing about {cycle}"
        return f"feedback knows no pair {cycle} in {self.program} as of sequence {self.position}"


async def read(cycle: str, program: str | None, cut: Cut, nats: str | None, folder: Path) -> Found:
    """Fold the program of a cycle up to the cut; see `read_program`."""
    return await read_program(Found, SERVICE, cycle, program, cut, nats, folder)
