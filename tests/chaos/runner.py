"""The tally service as a real process: the runtime that every service runs in, to be killed at any moment.

python -m tests.chaos.runner          settings as for any service (MENTORING_…)
TALLY_WITHOUT_LOCK=1 …                takes no lock: a second owner by mistake
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal

import uvloop

from shared.runtime import Runtime
from shared.settings import from_environment
from tests.tally.service import TALLY


class Everything:
    """Owns every partition whoever else does."""

    trouble = ""

    async def start(self) -> None:
        """Nothing to begin."""

    async def stop(self) -> None:
        """Nothing to give back."""

    async def wait(self, partition: int) -> None:
        """At once."""

    def owns(self, partition: int) -> bool:
        """Always."""
        return True


class TallyRuntime(Runtime):
    """The runtime over tables without a migration history."""

    def _check_schema(self) -> None:
        self.store.create_all()


class WithoutLock(TallyRuntime):
    """The same, disregarding who owns the partition."""

    def _make_ownership(self) -> Everything:
        return Everything()


async def run() -> None:
    """Fold until SIGTERM."""
    kind = WithoutLock if os.environ.get("TALLY_WITHOUT_LOCK") else TallyRuntime
    runtime = kind(TALLY, from_environment("tally"))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await runtime.start()
    await stop.wait()
    await runtime.stop()


if __name__ == "__main__":
    logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(name)s %(message)s")
    uvloop.run(run())
