"""What workers of tests fold with, by functions that another process can import."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from shared.log import Log
from shared.replay import rebuild
from shared.replay.goals import Goals
from shared.replay.source import LogSource, Source
from shared.replay.worker import Means
from shared.replay.workers import Workers
from shared.service import Service
from shared.store import Store
from shared.world import Refusal, World
from tests.tally.service import TALLY

KIND = next(iter(TALLY.judges))


def tally() -> Service:
    """Folded in small pieces."""
    rebuild.SIZE = 100
    return TALLY


def strict() -> Service:
    """One that refuses 5 today."""

    def refuse(world: World, event: Any) -> Refusal | None:
        del world
        return Refusal("strict") if event.data.value == 5 else None

    return replace(tally(), judges={KIND: refuse})


class Odd(Exception):
    """Cannot be made from its words."""

    def __init__(self, one: int, other: int) -> None:
        super().__init__(f"{one} {other}")


def broken() -> Service:
    """One that no worker can make."""
    if multiprocessing.parent_process() is not None:
        raise Odd(1, 2)
    return TALLY


def dying(number: int, pieces: int) -> Service:
    """One whose worker of this number is killed behind so many pieces."""
    note, noted = rebuild.Rebuild._note, 0

    def count(self: Any, folding: Any, piece: Any) -> None:
        nonlocal noted
        note(self, folding, piece)
        noted += self._share is not None and self._share.number == number
        if noted == pieces:
            os.kill(os.getpid(), signal.SIGKILL)

    rebuild.Rebuild._note = count  # type: ignore[method-assign]
    return tally()


def dying_strict(number: int, pieces: int) -> Service:
    """Both."""
    dying(number, pieces)
    return strict()


@asynccontextmanager
async def log_at(url: str) -> AsyncIterator[Source]:
    """A connection of its own."""
    log = await Log.connect(url)
    try:
        yield await LogSource.of(log)
    finally:
        await log.close()


def means(url: str, service: Any = tally) -> Means:
    """Of a service over the log at this address."""
    return Means(service, partial(log_at, url))


async def fold(workers: Workers, live: Store) -> Workers:
    """As far as the live store stands."""
    async with workers.means.source() as source:
        goals = Goals(TALLY.name, live, source)
        found = goals.live_positions()
        await workers.fold([await goals.goal(at, seq) for at, seq in found.items()])
    return workers
