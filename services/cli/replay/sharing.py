"""The bulk of a rebuild in several processes, where that pays."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, text

from services.cli.folds import fold_of
from services.cli.output import Failure, say
from services.cli.replay.sources import source_of
from shared.folding import Accepted
from shared.replay.goals import Goal, Goals
from shared.replay.progress import Progress
from shared.replay.source import Source
from shared.replay.worker import Means
from shared.replay.workers import Workers, left_by
from shared.service import Service, no_effect
from shared.store import Store
from shared.transaction import positions_of

PAYS = 200_000
"""Events from which several processes are worth their start, of a second or two."""
USUAL = 4
"""At most so many, unless more are asked for: each takes some 200 MB, and all of them read the whole log."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where another process finds the log.

    Attributes:
        archive: read this file, not the log.
        nats, folder: where the log is.
    """

    archive: Path | None
    nats: str | None
    folder: Path

    def means(self, service: str) -> Means:
        """What a worker folds with: nothing outside its store is touched."""
        source = partial(source_of, self.archive, self.nats, self.folder)
        return Means(partial(without_effect, service), source)


def without_effect(name: str) -> Service:
    """A service that only folds."""
    return replace(fold_of(name), effect=no_effect)


def check_workers(count: int | None, program: str | None) -> None:
    """One program's events stand in one order: nobody can fold a half of them.

    Raises:
        Failure: several workers are wanted for it.
    """
    if program is not None and count is not None and count > 1:
        raise Failure("--workers: one program cannot be shared by several, leave it out")


@dataclass(frozen=True, slots=True)
class Bulk:
    """What is to be folded by several processes, if it pays.

    Attributes:
        live: the store that the service works on.
        into: the store to fold into.
        source: the log, or what holds it.
        place: where other processes find it.
        count: how many; None: as many as pay.
        accept: sequences at which the log wins over today's code.
    """

    live: Store
    into: Store
    source: Source
    place: Place
    count: int | None
    accept: Container[int]

    async def fold(
        self, service: str, tell: Callable[[Progress], None]
    ) -> tuple[Progress, Sequence[Accepted]]:
        """Fold up to where the live store stands, into a store that has folded nothing yet.

        Raises:
            Diverged, NotReady, LogTrouble, ReaderLost, StoreTrouble: as `Workers.fold`.
        """
        progress = Progress()
        if any(each.seq for each in self.into.read(positions_of).values()):
            return progress, ()
        goals = await self._goals(service)
        count = self._count(goals)
        if count < 2:  # noqa: PLR2004 - one alone is the usual way
            return progress, ()
        means = self.place.means(service)
        workers = Workers(
            means, self.into, self.source.partitions, count, self.accept, tell, progress
        )
        await workers.fold(goals)
        return progress, workers.accepted

    async def _goals(self, service: str) -> list[Goal]:
        goals = Goals(service, self.live, self.source)
        positions = goals.live_positions()
        return [await goals.goal(at, positions.get(at, 0)) for at in range(self.source.partitions)]

    def _count(self, goals: Sequence[Goal]) -> int:
        left = left_by(self.into)
        if self.count is None and left:
            say(f"goes on with {left} workers, where an earlier rebuild was left")
            return left
        if self.count is not None:
            return self.count
        if max((goal.seq for goal in goals), default=0) < PAYS:
            return 1
        programs = self.live.read(_programs)
        # Of a store that was lost nobody knows how many there were.
        return min(_cores(), USUAL, programs or USUAL)


def _programs(connection: Connection) -> int:
    return int(connection.execute(text("SELECT count(DISTINCT program) FROM clock")).scalar_one())


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
