"""Ours live: a real service's ledger folds and answers the inputs of a log that holds all but its own answers.

An event counts when it is folded, an answer when it is in the log: together they are the messages that a service
reads, its own come back to it. The golden log's instants are past, so timers are stored without their schedule, and
each `due` stands in the log already.
"""

from __future__ import annotations

import sys

from tests.bench.contestants.contestant import Task, main
from tests.bench.contestants.ours import Ours
from tests.bench.replay.services import service


class Live(Ours):
    """One partition of a real service."""

    def __init__(self, task: Task, name: str) -> None:
        super().__init__(task, service(name), driven=True)

    @property
    def inputs(self) -> int:
        """Inputs folded and answers said."""
        if self._ledger is None:
            return 0
        return self._ledger.progress.inputs + self._ledger.progress.answers


if __name__ == "__main__":
    NAME = sys.argv.pop(1)
    main(lambda task: Live(task, NAME))
