"""Ours live: a real service's ledger folds and answers the inputs of a log that holds all but its own answers.

An event counts when it is folded, an answer when it is in the log: together they are the messages that a service
reads, its own come back to it. The golden log's instants are past, so timers are stored without their schedule, and
each `due` stands in the log already.
"""

from __future__ import annotations

import asyncio
import sys

from tests.bench.contestants.contestant import Task, main
from tests.bench.contestants.ours import Ours
from tests.bench.replay.check import checked
from tests.bench.replay.services import service


class Live(Ours):
    """One partition of a real service."""

    def __init__(self, task: Task, name: str) -> None:
        super().__init__(task, service(name), driven=True)
        self._store.create_all()

    @property
    def inputs(self) -> int:
        """Inputs folded and answers said."""
        if self._ledger is None:
            return 0
        return self._ledger.progress.inputs + self._ledger.progress.answers

    async def run(self) -> None:
        """Claim, then live until something is wrong: a service would start again for ever."""
        await self._broker.start()
        while self._ledger is None or not self._ledger.progress.trouble:
            await asyncio.sleep(0.1)
        raise RuntimeError(self._ledger.progress.trouble)

    async def close(self) -> None:
        """End, and check the rows."""
        await super().close()
        checked(self._store, self._service, self.inputs)
        self._store.dispose()


if __name__ == "__main__":
    NAME = sys.argv.pop(1)
    main(lambda task: Live(task, NAME))
