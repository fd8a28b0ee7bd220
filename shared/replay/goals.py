"""How far a rebuild folds: to where the live store stands, and never farther than the service has answered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from shared.fitness import NotReady
from shared.mark import Mark
from shared.replay.source import Source
from shared.store import Store
from shared.transaction import positions_of

SETTLES = 2.0
"""Seconds in which a service that has nothing to say moves its mark to its position."""


@dataclass(frozen=True, slots=True)
class Goal:
    """Where a partition is to be folded to: an input's sequence, and the mark before which its answers stand."""

    partition: int
    seq: int
    bound: int


class Goals:
    """Finds them for one service.

    Args:
        service: its name.
        live: the store that it works on.
        source: the log, or what holds it.
    """

    def __init__(self, service: str, live: Store, source: Source) -> None:
        self._service, self._live, self._source = service, live, source

    def live_positions(self) -> dict[int, int]:
        """How far the live store has folded each partition.

        Raises:
            NotReady: it belongs to another log.
            StoreTrouble: it does not answer.
        """
        found = self._live.read(positions_of)
        if strange := {each.log for each in found.values()} - {self._source.uuid}:
            raise NotReady(
                f"the live store belongs to the log {strange.pop()}, this is {self._source.uuid}"
            )
        return {partition: each.seq for partition, each in found.items()}

    async def goal(self, partition: int, live: int) -> Goal:
        """To the live position, or as far as is answered where there is none or the source ends before it."""
        mark = await self._mark(partition, live)
        ends = self._source.ends
        is_there = live > 0 and (live <= mark.seq or ends is None or live <= ends)
        return Goal(partition, live if is_there else mark.seq, mark.at)

    async def _mark(self, partition: int, live: int) -> Mark:
        """The mark, when it has come to the live position, or does not move.

        A mark that stays behind is the newest all the same: whatever is said moves it in the same batch, so that
        nothing was said to the inputs behind it.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + SETTLES
        while True:
            mark = await self._source.mark(self._service, partition)
            if mark.seq >= live or self._source.ends is not None or loop.time() > deadline:
                return mark
            await asyncio.sleep(0.1)
