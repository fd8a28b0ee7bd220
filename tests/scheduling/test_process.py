"""The service as a process, on a real log: a pair is planned, moves a meeting, and is proven to have met."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from shared import provision
from shared.events.envelope import Event, EventData, decode
from shared.events.scheduling import Met, Scheduled
from shared.log import Log
from tests.backends.nats_server import NatsServer
from tests.backends.process import free_port
from tests.scheduling.history import (
    MENTEE,
    MENTOR,
    PROGRAM,
    all_of,
    attended,
    available,
    opened,
    paired,
)
from tests.scheduling.openapi import untruths

ROOT = Path(__file__).parents[2]
TODAY = datetime.now(UTC)
"""Timers of a real server fire by its clock, so this test lives in the present."""


@pytest.fixture
async def log(nats_server: NatsServer) -> AsyncIterator[Log]:
    log = await Log.connect(nats_server.url)
    await provision.apply(log)
    yield log
    await log.close()


@pytest.fixture
def service(nats_server: NatsServer, tmp_path: Path) -> Iterator[str]:
    """The address of a running scheduling service."""
    port = free_port()
    environment = {
        **os.environ,
        "MENTORING_NATS_URL": nats_server.url,
        "MENTORING_DATABASE_URL": f"sqlite:///{tmp_path / 'scheduling.db'}",
        "MENTORING_HTTP_PORT": str(port),
    }
    command = [sys.executable, "-m", "services.scheduling", "run"]
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    assert process.wait(20) is not None


async def ready(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                if (await client.get("/health/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)


async def say(log: Log, key: str, data: EventData, source: str = "/tests") -> None:
    await log.publish(Event(str(uuid.uuid4()), source, PROGRAM, key, TODAY, data))


async def said(log: Log, word: str, count: int) -> list[EventData]:
    """What scheduling has said of this word, once there are so many."""
    async with asyncio.timeout(30):
        while True:
            filters = [f"mentoring.{PROGRAM}.{word}.>"]
            found = [decode(e.body) async for entries in log.read(filters) for e in entries]
            if len(found) >= count:
                return [event.data for event in found]
            await asyncio.sleep(0.05)


async def test_a_pair_is_planned_moved_and_proven_over_the_log(log: Log, service: str) -> None:
    days = {"starts_on": TODAY.date(), "ends_on": TODAY.date() + timedelta(days=90)}
    await say(log, PROGRAM, opened(**days))
    always = available("00:00", "PT24H", ("MO", "TU", "WE", "TH", "FR", "SA", "SU"))
    await say(log, MENTEE, always)
    await say(log, MENTOR, always)
    await say(log, "c1", paired(), "/mentoring/matching")
    planned = all_of(await said(log, "scheduled", 4), Scheduled)

    async with httpx.AsyncClient(base_url=service, timeout=30) as client:
        await ready(client)
        move = {"meeting": planned[1].meeting, "sequence": 0, "by": MENTEE}
        first = await client.post(f"/programs/{PROGRAM}/moved/c1", json=move)
        again = await client.post(f"/programs/{PROGRAM}/moved/c1", json=move)
        plan = (await client.get(f"/programs/{PROGRAM}/cycles/c1/plan")).json()
    assert (first.status_code, again.status_code) == (200, 409)
    assert again.json()["rule"] == "stale_sequence"
    assert [row["sequence"] for row in plan["meetings"]] == [0, 1, 0, 0]

    joined, left = TODAY - timedelta(minutes=40), TODAY - timedelta(minutes=5)
    await say(log, "c1", attended("coffee", MENTEE, joined, left))
    await say(log, "c1", attended("coffee", MENTOR, joined, left))
    met = all_of(await said(log, "met", 1), Met)
    assert [(one.meeting, one.planned, one.overlap.minutes) for one in met] == [
        ("coffee", False, 35)
    ]


async def test_every_query_is_answered_as_the_running_service_declares(
    log: Log, service: str
) -> None:
    days = {"starts_on": TODAY.date(), "ends_on": TODAY.date() + timedelta(days=90)}
    await say(log, PROGRAM, opened(**days))
    for person, zone in ((MENTEE, "Pacific/Kiritimati"), (MENTOR, "Europe/Berlin")):
        await say(log, person, available("00:00", "PT24H", ("MO", "TU", "WE", "TH", "FR"), zone))
    await say(log, "c1", paired(), "/mentoring/matching")
    (first, *_) = all_of(await said(log, "scheduled", 4), Scheduled)
    queries = {
        "/programs/{program}/persons/{person}/agenda": f"persons/{MENTEE}/agenda",
        "/programs/{program}/persons/{person}/hours": f"persons/{MENTOR}/hours",
        "/programs/{program}/cycles/{cycle}/plan": "cycles/c1/plan?zone=Asia/Kathmandu",
        "/programs/{program}/cycles/{cycle}/meetings/{meeting}": f"cycles/c1/meetings/{first.meeting}",
        "/programs/{program}/slots": f"slots?a={MENTEE}&b={MENTOR}&length=PT1H30M",
    }
    async with httpx.AsyncClient(base_url=service, timeout=30) as client:
        await ready(client)
        document = (await client.get("/openapi.json")).json()
        told = set()
        for path, asked in queries.items():
            answer = await client.get(f"/programs/{PROGRAM}/{asked}")
            assert answer.status_code == 200, answer.text
            assert untruths(document, path, answer) == []
            told.add(answer.json()["zone"])
        metrics = (await client.get("/metrics")).text
    assert told == {"Pacific/Kiritimati", "Europe/Berlin", "Asia/Kathmandu"}
    assert (
        f'mentoring_meetings{{program="{PROGRAM}",service="scheduling",status="confirmed"}} 4.0'
        in metrics
    )
