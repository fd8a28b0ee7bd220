"""Gives parked letters up: the service passes them over for good."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.cli.dead import attempts, outcome, saying
from services.cli.dead.attempts import Attempts
from services.cli.dead.journal import Journal
from services.cli.dead.letters import Letter
from services.cli.dead.redriving import Try
from services.cli.dead.saying import Operator
from shared.log import Log
from shared.store import Store


@dataclass
class Discarding:
    """One call of the command; the arguments are those of `Redriving`.

    Attributes:
        tries: what became of each letter, in order.
    """

    log: Log
    store: Store
    service: str
    operator: Operator
    patience: float
    journal: Journal
    tries: list[Try] = field(default_factory=list)

    async def carry_out(self, letters: Sequence[Letter]) -> None:
        """Give these up.

        Raises:
            LogTrouble, ReaderLost, Refused, StoreTrouble: what was said until then stands.
        """
        known = await attempts.read(self.log)
        for letter in letters:
            self.tries.append(await self._one(letter, known))
            if self.tries[-1].became is outcome.WAITING:
                return

    async def _one(self, letter: Letter, known: Attempts) -> Try:
        number = await asyncio.to_thread(self.journal.begin, letter)
        try:
            said, ours = await saying.discard(self.log, known, self.service, letter, self.operator)
        except Exception as error:
            await asyncio.to_thread(self.journal.fail, number, error)
            raise
        became = await outcome.of(self.store, letter, said, self.patience)
        await asyncio.to_thread(self.journal.end, number, letter, said.seq, 1, became)
        return Try(letter, 1, said, ours, became)
