"""A worker of a rebuild: a process that folds one share of the log into a part store of its own."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import pickle
from collections.abc import Callable, Container, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from threading import Thread

from shared.fitness import NotReady
from shared.folding import Accepted
from shared.outcome import place_of
from shared.replay.goals import Goal
from shared.replay.progress import Progress
from shared.replay.rebuild import Rebuild
from shared.replay.share import Share
from shared.replay.source import Source
from shared.service import Service
from shared.store import Store


@dataclass(frozen=True, slots=True)
class Means:
    """How another process gets what it needs; both can be pickled, as functions of a module can.

    Attributes:
        service: gives the pure functions. Its effect runs: give a service without one where nothing may be touched.
        source: opens the log, or what holds it.
    """

    service: Callable[[], Service]
    source: Callable[[], AbstractAsyncContextManager[Source]]


@dataclass(frozen=True, slots=True)
class Task:
    """What one worker does.

    Attributes:
        means: how it gets service and source.
        share: its programs.
        goals: how far to fold each partition.
        store: where to, SQLAlchemy's address; it may hold what an earlier one has folded.
        accept: sequences at which the log wins where today's code would judge otherwise.
    """

    means: Means
    share: Share
    goals: Sequence[Goal]
    store: str
    accept: Container[int]


@dataclass(frozen=True, slots=True)
class Told:
    """How far a worker is; at its end with where the log won, until then None."""

    positions: Mapping[int, int]
    events: int
    inputs: int
    accepted: Sequence[Accepted] | None = None


def work(task: Task, parent: Connection) -> None:
    """The process: tells its parent how far it is, and at last that it has folded all, or the error."""
    Thread(target=_end_with_parent, daemon=True).start()
    try:
        parent.send(asyncio.run(_fold(task, parent)))
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent has to say it
        parent.send(_portable(error))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


async def _fold(task: Task, parent: Connection) -> Told:
    service = task.means.service()
    store = Store(service.tables, task.store, disposable=True)
    try:
        store.create_all()
        async with (
            task.means.source() as source,
            # It is given its goals, so it asks no live store.
            Rebuild(
                service,
                store,
                store,
                source,
                share=task.share,
                accept=task.accept,
                on_progress=lambda progress: parent.send(_told(progress)),
            ) as rebuild,
        ):
            goals = [goal for goal in task.goals if goal.partition in task.share.read]
            await rebuild.to_goals(goals)
            return _told(rebuild.progress, rebuild.accepted)
    finally:
        store.dispose()


def _told(progress: Progress, accepted: Sequence[Accepted] | None = None) -> Told:
    return Told(dict(progress.positions), progress.events, progress.inputs, accepted)


def _portable(error: Exception) -> Exception:
    """The error, if another process can have it, else its name and place."""
    try:
        same = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    except Exception:  # noqa: BLE001 - what an exception's class does
        same = None
    if isinstance(same, type(error)):
        return same
    return NotReady(f"a worker stopped: {type(error).__name__} {place_of(error)}".strip())
