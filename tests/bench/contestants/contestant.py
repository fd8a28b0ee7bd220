"""A contestant as a process: it opens, runs, says how far it is, and closes.

Given a count it ends with one JSON line with inputs, seconds and CPU seconds; without one it serves until it is
told to stop (SIGTERM). Either way it prints `{"inputs": n}` as it goes.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import resource
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import uvloop

_LOOK = 0.005
_TELL = 0.25


@dataclass(frozen=True, slots=True)
class Task:
    """What to work on: a NATS server with the log, a database with the tables, and how many inputs (None: all)."""

    nats: str
    database: str
    count: int | None

    @property
    def sqlite(self) -> str:
        """The file of a SQLite database."""
        return self.database.removeprefix("sqlite:///")


class Contestant(Protocol):
    """One way of doing the work."""

    @property
    def inputs(self) -> int:
        """How many are done: stored and answered."""

    async def open(self) -> None:
        """Connect; not timed."""

    async def run(self) -> None:
        """Do the work; services run until they are cancelled."""

    async def close(self) -> None:
        """Disconnect; not timed."""


def main(make: Callable[[Task], Contestant]) -> None:
    """Run a contestant as this process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--nats", required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--count", type=int)
    given = parser.parse_args()
    # As a service does when it starts (shared/app.py); the hand-written peers profit as well.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    uvloop.run(_run(make(Task(given.nats, given.database, given.count)), given.count))


async def _run(contestant: Contestant, count: int | None) -> None:
    await contestant.open()
    start, cpu = time.perf_counter(), _cpu()
    task = asyncio.create_task(contestant.run())
    try:
        await (_serve(contestant, task) if count is None else _finish(contestant, task, count))
        took, used = time.perf_counter() - start, _cpu() - cpu
        say({"inputs": contestant.inputs, "seconds": took, "cpu": used})
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await contestant.close()


def _cpu() -> float:
    """Seconds of CPU of this process, all threads, and of those that it started and that have ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


async def _finish(contestant: Contestant, task: asyncio.Task[None], count: int) -> None:
    told = time.perf_counter()
    while contestant.inputs < count:
        await asyncio.wait([task], timeout=_LOOK)
        if time.perf_counter() - told > _TELL:
            told = time.perf_counter()
            say({"inputs": contestant.inputs})
        if task.done():
            task.result()
            break


async def _serve(contestant: Contestant, task: asyncio.Task[None]) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    say({"ready": True})
    told = 0
    while not stop.is_set():
        await asyncio.wait([task], timeout=0.1)
        if task.done():
            task.result()
            return
        if contestant.inputs != told:
            told = contestant.inputs
            say({"inputs": told})


def say(line: dict[str, object]) -> None:
    """One line for the bench."""
    print(json.dumps(line), flush=True)
