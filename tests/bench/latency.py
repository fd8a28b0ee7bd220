"""Latency in an open loop: events at a fixed rate, from the planned instant until the answer is read from the log.

The plan does not wait for answers, and a late send counts from its planned instant, so a slow contestant cannot
hide its queue (no coordinated omission).
"""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass

import orjson
import uvloop

from shared.events.envelope import HEADERS, encode
from shared.log import Log
from shared.reader import Reader
from tests.bench.field import Entrant
from tests.bench.process import running
from tests.bench.sandbox import Sandbox
from tests.bench.workload import inputs

RATE = 200
"""Events a second, of the design's target."""
CALM = 50
"""A rate that the naive way can follow on a slow disk, where 200 only fills its queue."""
_WARM = 0.5
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds by which so many answers were read (nearest rank)."""

    p50: float
    p99: float
    worst: float


def measure(sandbox: Sandbox, entrant: Entrant, rate: int, seconds: float) -> Latency:
    """One run of a contestant as a service, after a warm-up of half a second at the same rate."""
    warm = int(_WARM * rate)
    folder = sandbox.folder()
    with sandbox.log(0, folder) as server, sandbox.database(entrant.database, folder) as url:
        command = [*entrant.command, "--nats", server.url, "--database", url]
        with running(command, folder) as process:
            process.wait_for("ready")
            waited = uvloop.run(_drive(server.url, warm + int(seconds * rate), rate))
    return summary(waited[warm:])


def summary(waited: list[float]) -> Latency:
    """From seconds."""
    ranked = sorted(each * 1000 for each in waited)
    return Latency(rank(ranked, 0.5), rank(ranked, 0.99), ranked[-1])


def rank(ranked: list[float], share: float) -> float:
    """The nearest-rank quantile of sorted values."""
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


async def _drive(url: str, count: int, rate: int) -> list[float]:
    log = await Log.connect(url)
    reader = await log.reader(["mentoring.*.flagged.*.*"])
    events = [(event.id, event.subject, encode(event)) for event in inputs(count)]
    answered: dict[str, float] = {}
    watching = asyncio.create_task(_watch(reader, answered, count))
    start = time.perf_counter() + 0.2
    for number, (_, subject, body) in enumerate(events):
        await asyncio.sleep(max(0.0, start + number / rate - time.perf_counter()))
        await log.client.publish(subject, body, headers=dict(HEADERS))
    await asyncio.wait_for(watching, _PATIENCE)
    await reader.close()
    await log.close()
    return [answered[each] - start - number / rate for number, (each, _, _) in enumerate(events)]


async def _watch(reader: Reader, answered: dict[str, float], count: int) -> None:
    while len(answered) < count:
        entries = await reader.batch()
        now = time.perf_counter()
        for entry in entries:
            (cause,) = orjson.loads(entry.body)["data"]["evidence"]
            answered.setdefault(cause, now)
