"""The bulk of a rebuild in several processes, each with some of the programs, merged into one store at the end.

One process folds with one core. Programs know nothing of each other, so K workers fold K shares of the log up to
goals that are fixed at the start, each into a part store with positions of its own; then one transaction puts all of
it into the store, and a `Rebuild` goes on from there. Whoever is killed at any point, the next call with as many
workers goes on where each part was.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from shared.fitness import NotReady
from shared.folding import Accepted
from shared.replay.accepted import check_again, kept_in
from shared.replay.beside import Beside, place_of
from shared.replay.goals import Goal
from shared.replay.merge import merge
from shared.replay.progress import Progress
from shared.replay.share import Share
from shared.replay.worker import Means, Task, Told, work
from shared.service import Service
from shared.store import Store

MOST = 8
"""Workers: each part is attached to the merging connection, and SQLite attaches ten databases."""
_LOOK = 0.2
"""Seconds of waiting that nothing can interrupt."""
_SPAWN = multiprocessing.get_context("spawn")


@dataclass
class Workers:
    """Folds into a store that has no rows yet.

    Args:
        means: how another process gets the service and the source.
        into: the store; parts are made beside it, and are gone when it has taken them over.
        partitions: of the log.
        count: how many processes, from 2 to `MOST`.
        accept: sequences at which the log wins where today's code would judge otherwise.
        on_progress: called as they tell how far they are.

    Attributes:
        progress: of all together.
        accepted: where the log won.
    """

    means: Means
    into: Store
    partitions: int
    count: int
    accept: Container[int] = frozenset()
    on_progress: Callable[[Progress], None] | None = None
    progress: Progress = field(default_factory=Progress)
    accepted: list[Accepted] = field(default_factory=list)

    async def fold(self, goals: Sequence[Goal]) -> None:
        """Fold up to these goals.

        Args:
            goals: of all partitions. A part that an earlier call has left must not be beyond them.

        Raises:
            Diverged: today's code would judge otherwise than the log, at the first place that a worker found.
            NotReady: a worker has ended; or what it found, as `Rebuild.to_goals`; or an earlier call has accepted
                what this one does not.
            LogTrouble, ReaderLost, StoreTrouble: call again; it goes on where it was.
        """
        service = self.means.service()
        shares = [Share(n, self.count, self.partitions) for n in range(1, self.count + 1)]
        parts = await asyncio.to_thread(self._parts, shares)
        check_again(await asyncio.to_thread(_kept_in, service, parts), self.accept)
        for goal in goals:
            self.progress.begin(goal.partition, 0, goal.seq)
        tasks = [
            Task(self.means, share, goals, part.url, self.accept)
            for share, part in zip(shares, parts, strict=True)
        ]
        with _running(tasks) as crew:
            await self._follow(crew)
        self.progress.state = "merging"
        self._report()
        await asyncio.to_thread(merge, self.into, parts, service.fold_version)
        await asyncio.to_thread(_drop, parts)

    def _parts(self, shares: Sequence[Share]) -> Sequence[Beside]:
        """Their places; what another number of workers has left is dropped."""
        place = place_of(self.into)
        names = [share.name for share in shares]
        _drop([place.part(name) for name in place.parts() if name not in names])
        parts = [place.part(name) for name in names]
        for part in parts:
            part.make()
        return parts

    async def _follow(self, crew: Mapping[Connection, _Worker]) -> None:
        """Listen until all have folded their shares."""
        told: dict[int, Told] = {}
        waiting = list(crew)
        self.progress.state = f"folding with {self.count} workers"
        while waiting:
            for pipe in await asyncio.to_thread(wait, waiting, _LOOK):
                worker = crew[pipe]  # type: ignore[index]
                word = told[worker.share.number] = worker.hear()
                if word.accepted is not None:
                    self.accepted += word.accepted
                    waiting.remove(worker.pipe)
                self._note(told)
        self.accepted.sort(key=lambda each: each.diverged.seq)

    def _note(self, told: Mapping[int, Told]) -> None:
        progress = self.progress
        progress.events = sum(each.events for each in told.values())
        progress.inputs = sum(each.inputs for each in told.values())
        for at in progress.goals:
            found = [each.positions[at] for each in told.values() if at in each.positions]
            shared = self.partitions >= self.count or len(found) == self.count
            progress.positions[at] = min(found) if found and shared else 0
        self._report()

    def _report(self) -> None:
        if self.on_progress is not None:
            self.on_progress(self.progress)


def left_by(into: Store) -> int:
    """How many workers were folding into a store when they were cut off; 0 when none were.

    Raises:
        StoreTrouble: the database does not answer.
    """
    return max((int(name.partition("of")[2]) for name in place_of(into).parts()), default=0)


@dataclass(frozen=True, slots=True)
class _Worker:
    share: Share
    process: BaseProcess
    pipe: Connection

    def hear(self) -> Told:
        """What it tells.

        Raises:
            Exception: what it was stopped by; NotReady when it cannot say.
        """
        try:
            word = self.pipe.recv()
        except (EOFError, OSError):
            self.process.join()
            raise NotReady(
                f"worker {self.share.name} ended with exit code {self.process.exitcode}: "
                "call again, it goes on where it was"
            ) from None
        if isinstance(word, Exception):
            raise word
        found: Told = word
        return found


@contextmanager
def _running(tasks: Sequence[Task]) -> Iterator[Mapping[Connection, _Worker]]:
    """Their processes, by the pipe on which each tells; none is left afterwards."""
    crew: dict[Connection, _Worker] = {}
    try:
        for task in tasks:
            worker = _start(task)
            crew[worker.pipe] = worker
        yield crew
        for worker in crew.values():
            worker.process.join()
    finally:
        for worker in crew.values():
            worker.process.kill()  # what it has not committed is folded again
            worker.process.join()
            worker.pipe.close()


def _start(task: Task) -> _Worker:
    ours, theirs = _SPAWN.Pipe(duplex=False)
    process = _SPAWN.Process(target=work, args=(task, theirs), daemon=True)
    resource_tracker.ensure_running()  # else the first start would, and unblock the signal
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()  # it inherits what is blocked: Ctrl-C is the parent's to hear, who ends it
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    theirs.close()  # so that its end ends the pipe
    return _Worker(task.share, process, ours)


def _kept_in(service: Service, parts: Sequence[Beside]) -> list[Accepted]:
    """What an earlier call has accepted for any of them."""
    found = list[Accepted]()
    for part in parts:
        store = Store(service.tables, part.url, disposable=True)
        try:
            found += kept_in(store)
        finally:
            store.dispose()
    return found


def _drop(parts: Sequence[Beside]) -> None:
    for part in parts:
        part.drop()
