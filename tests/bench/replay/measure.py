"""One run of one contestant: its time, its CPU, and the memory of its processes as it goes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread

import psutil

from tests.bench.process import Failed, Running, running
from tests.bench.replay.field import Entrant
from tests.bench.replay.logs import Logs
from tests.bench.sandbox import Sandbox

EVERY = 0.5
"""Seconds between two looks at the memory."""
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Sample:
    """Seconds since the first look, events done by then as far as told, resident memory (MB, 10^6 bytes)."""

    seconds: float
    events: int
    megabytes: float


@dataclass(frozen=True, slots=True)
class Lap:
    """What a contestant did.

    Attributes:
        events: of the log.
        seconds: from the first request to the last commit.
        cpu: seconds of CPU of its own process, all threads, without the servers'.
        rows: how many there are in the end, checked.
        memory: its curve.
    """

    events: int
    seconds: float
    cpu: float
    rows: int = 0
    memory: Sequence[Sample] = field(default_factory=tuple)

    @property
    def rate(self) -> float:
        """Events of the log a second."""
        return self.events / self.seconds

    @property
    def cpu_each(self) -> float:
        """Microseconds of CPU an event."""
        return self.cpu / self.events * 1e6


def run(sandbox: Sandbox, logs: Logs, entrant: Entrant, events: int) -> Lap:
    """One run, checked.

    Raises:
        Failed: it ended early, or its rows are others than belong there.
    """
    folder = sandbox.folder()
    try:
        with (
            logs.served(entrant, min(events, entrant.most or events)) as (url, count),
            sandbox.empty_database(entrant.database, folder) as database,
            running(_command(entrant, url, database, count), folder) as process,
        ):
            line, samples = _followed(process)
            rows = process.wait_for("checked")["checked"] if entrant.checks else 0
    finally:
        sandbox.remove(folder)
    return Lap(count, line["seconds"], line["cpu"], rows, samples)


def _command(entrant: Entrant, url: str, database: str, count: int) -> Sequence[str]:
    given = ["--nats", url, "--database", database, "--count", str(count)]
    return [*entrant.command, *given]


def _followed(process: Running) -> tuple[dict[str, float], Sequence[Sample]]:
    """What it says at the end, and its memory until then."""
    with _watched(process.pid) as watch:
        for line in process.lines():
            watch.events = line.get("inputs", watch.events)
            if "seconds" in line:
                return line, watch.samples
    raise Failed(f"it ended early:\n{process.last_words()}")


class _Watch:
    """Looks at the memory of a process and of those that it has started."""

    def __init__(self, pid: int) -> None:
        self.events = 0
        self.samples: list[Sample] = []
        self.is_over = Event()
        self._process = psutil.Process(pid)
        self._begun = time.perf_counter()

    def look(self) -> None:
        """Until it is over."""
        while not self.is_over.wait(EVERY):
            took = time.perf_counter() - self._begun
            with suppress(psutil.NoSuchProcess):
                self.samples.append(Sample(round(took, 2), self.events, self._resident()))

    def _resident(self) -> float:
        processes = [self._process, *self._process.children(recursive=True)]
        return round(sum(each.memory_info().rss for each in processes) / _MEGABYTE, 1)


@contextmanager
def _watched(pid: int) -> Iterator[_Watch]:
    watch = _Watch(pid)
    thread = Thread(target=watch.look, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        watch.is_over.set()
        thread.join()
