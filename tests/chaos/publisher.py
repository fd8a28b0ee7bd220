"""A publisher that never gives up: what it does not know to be stored it publishes again, so copies occur."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.events.envelope import HEADERS, Event, encode
from shared.log import Log, LogTrouble, Message


@dataclass
class Publisher:
    """Publishes outside events in their order, a few at a time.

    Attributes:
        published: how many are certain to be in the log.
        retries: how often it published again what may have been stored already.
    """

    log: Log
    dice: random.Random
    pace: float = 0.01
    published: int = 0
    retries: int = 0
    _largest: int = field(default=40)

    async def publish(self, told: Sequence[Event | Message]) -> None:
        """Return when all of them are in the log, at least once each."""
        left = [as_message(each) for each in told]
        while left:
            chunk = left[: self.dice.randint(1, self._largest)]
            await self._insist(chunk)
            self.published += len(chunk)
            left = left[len(chunk) :]
            await asyncio.sleep(self.pace * self.dice.random())

    async def _insist(self, chunk: Sequence[Message]) -> None:
        while True:
            try:
                await self.log.send_batch(chunk)
            except LogTrouble:
                self.retries += 1
                await asyncio.sleep(0.1)
            else:
                return


def as_message(told: Event | Message) -> Message:
    """An event as it is published; what is a message already stays as it is."""
    return told if isinstance(told, Message) else Message(told.subject, encode(told), HEADERS)
