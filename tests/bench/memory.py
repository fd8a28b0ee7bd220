"""The memory of a service process while a long log flows through it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from tests.backends.nats_server import NatsServer
from tests.bench.process import Failed, running
from tests.bench.sandbox import Sandbox, make_log

POINTS = 20
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Point:
    """Resident memory (MB, 10^6 bytes) when so many events were folded."""

    events: int
    megabytes: float


def measure(sandbox: Sandbox, events: int, say: Callable[[str], None]) -> list[Point]:
    """The curve of ours live on SQLite: 20 points, and one before the first event."""
    folder = sandbox.folder()
    say(f"memory: writing a log of {events:,} events")
    make_log(folder, events)
    with NatsServer(folder) as server, sandbox.database("sqlite", folder) as url:
        command = [sys.executable, "-m", "tests.bench.contestants.ours"]
        with running([*command, "--nats", server.url, "--database", url], folder) as process:
            curve = [Point(0, 0.0)]
            for line in process.lines():
                done, used = line.get("inputs", 0), _resident(process.pid)
                if curve[0].megabytes == 0:
                    curve[0] = Point(0, used)
                if done >= len(curve) * events / POINTS:
                    curve.append(Point(done, used))
                    say(f"memory: {done:,} of {events:,} events, {used:.0f} MB")
                if done >= events:
                    break
            else:
                raise Failed(f"it ended early:\n{process.last_words()}")
    shutil.rmtree(folder)
    return curve


def growth(curve: list[Point]) -> float:
    """By which share memory grew over the second half of the events."""
    half = next(point for point in curve if point.events >= curve[-1].events / 2)
    return curve[-1].megabytes / half.megabytes - 1


def _resident(pid: int) -> float:
    resident: int = psutil.Process(pid).memory_info().rss
    return resident / _MEGABYTE
