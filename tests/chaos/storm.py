"""Kills and freezes things at random moments while inputs flow. The seed decides what and when."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from shared.events.envelope import Event
from shared.log import Message
from tests.chaos.publisher import Publisher
from tests.tally.log import until

_RECOVERS = 0.7
Blow = Callable[[random.Random], Awaitable[None]]
"""Disturbs something, and leaves it running."""


def seed_of(name: str) -> int:
    """CHAOS_SEED, or a new one; printed, so that a run can be had again."""
    seed = int(os.environ.get("CHAOS_SEED") or time.time_ns() % 2**32)
    print(f"\n{name}: CHAOS_SEED={seed}")
    return seed


@dataclass
class Storm:
    """Strikes `count` times while a publisher publishes, each time with one of the blows by weight.

    After most blows it waits until the service has `moved` again, so that the next one meets it at work; the others
    meet it while it starts. `check` fails when something ended that was not killed.
    """

    publisher: Publisher
    blows: Mapping[str, tuple[float, Blow]]
    dice: random.Random
    moved: Callable[[], Awaitable[None]]
    check: Callable[[], None]
    struck: Counter[str] = field(default_factory=Counter)

    async def rage(self, told: Sequence[Event | Message], count: int) -> None:
        """Publish everything, in `count` stretches with a blow somewhere in each."""
        size = -(-len(told) // count)
        for number, start in enumerate(range(0, len(told), size), 1):
            stretch = told[start : start + size]
            moment = self.publisher.published + self.dice.randrange(len(stretch))
            publishing = asyncio.create_task(self.publisher.publish(stretch))
            try:
                await until(partial(self._has_published, moment), "publishing goes on")
                await self._strike(number)
                await publishing
            finally:
                publishing.cancel()

    def _has_published(self, count: int) -> bool:
        return self.publisher.published >= count

    async def _strike(self, number: int) -> None:
        names = list(self.blows)
        weights = [self.blows[name][0] for name in names]
        # Each blow at least once, then by the dice.
        name = names[number - 1] if number <= len(names) else self.dice.choices(names, weights)[0]
        began = time.monotonic()
        await self.blows[name][1](self.dice)
        self.struck[name] += 1
        self.check()
        if self.dice.random() < _RECOVERS:
            await self.moved()
        took = time.monotonic() - began
        print(f"  {time.strftime('%X')} {number}: {name} ({took:.1f} s)")


async def moment(dice: random.Random, longest: float) -> None:
    """Leave a disturbance standing for a moment of any length: what matters is that it is not always the same."""
    await asyncio.sleep(longest * dice.random())
