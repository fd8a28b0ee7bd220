"""The service as a process, on a real log: reviews come in by HTTP and leave no trace in clear on any disk."""

import asyncio
import contextlib
import os
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.feedback.keyring import new_kek
from shared import provision
from shared.events.envelope import Event, EventData, decode
from shared.events.feedback import Concluded, Reviewed
from shared.log import Log
from tests.backends.nats_server import NatsServer
from tests.backends.process import free_port
from tests.backends.tokens import TOKEN_KEY, bearer
from tests.feedback.history import (
    MENTEE,
    MENTOR,
    PROGRAM,
    met,
    opened,
    paired,
    requested,
    scheduled,
)

ROOT = Path(__file__).parents[2]
PHRASES = ("she never listens to me", "well done at the conference")


@pytest.fixture
async def log(nats_server: NatsServer) -> AsyncIterator[Log]:
    log = await Log.connect(nats_server.url)
    await provision.apply(log)
    yield log
    await log.close()


@pytest.fixture
def service(nats_server: NatsServer, tmp_path: Path) -> Iterator[str]:
    """The address of a running feedback service."""
    port, kek = free_port(), tmp_path / "kek"
    kek.write_text(new_kek())
    environment = {
        **os.environ,
        "MENTORING_NATS_URL": nats_server.url,
        "MENTORING_DATABASE_URL": f"sqlite:///{tmp_path / 'feedback.db'}",
        "MENTORING_KEYRING_URL": f"sqlite:///{tmp_path / 'keyring.db'}",
        "MENTORING_KEK_FILE": str(kek),
        "MENTORING_TOKEN_KEY": TOKEN_KEY,
        "MENTORING_HTTP_PORT": str(port),
    }
    with (tmp_path / "feedback.log").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.feedback", "run", "--log-level", "debug"],
            env=environment,
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    assert process.wait(20) is not None


async def folded(client: httpx.AsyncClient, seq: int) -> None:
    """Wait until the service is up and has folded the log as far as this."""
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(httpx.TransportError):
                partitions = (await client.get("/health/ready")).json()["partitions"]
                if any(partition["position"] >= seq for partition in partitions):
                    return
            await asyncio.sleep(0.05)


async def say(log: Log, key: str, data: EventData, source: str = "/tests") -> int:
    """Append an event of now: the server's own timers run, and a deadline of the past passes at once."""
    event = Event(str(uuid.uuid4()), source, PROGRAM, key, datetime.now(UTC), data)
    return await log.publish(event)


async def said(log: Log, word: str) -> list[EventData]:
    """What feedback has said, once it has said something of this word."""
    async with asyncio.timeout(60):
        while True:
            filters = [f"mentoring.{PROGRAM}.{word}.>"]
            found = [decode(e.body) async for entries in log.read(filters) for e in entries]
            if found:
                return [event.data for event in found]
            await asyncio.sleep(0.05)


def a_review(text: str) -> dict[str, Any]:
    return {
        "program": PROGRAM,
        "cycle": "c1",
        "meeting": "m1",
        "ratings": {"usefulness": 4},
        "texts": {"message": text},
    }


async def test_a_cycle_is_reviewed_and_concluded_and_its_words_stand_nowhere_in_clear(
    log: Log, service: str, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    today = now.date()
    await say(log, PROGRAM, opened(starts_on=today, ends_on=today + timedelta(days=180)))
    await say(log, "c1", requested())
    await say(log, "c1", paired(planned_meetings=1), "/mentoring/matching")
    await say(log, "c1", scheduled("m1", 1, now), "/mentoring/scheduling")
    last = await say(log, "c1", met("m1", 1, now), "/mentoring/scheduling")
    note = {"program": PROGRAM, "cycle": "c1", "kind": "win", "about": MENTEE}
    ada, grace = bearer(MENTEE, PROGRAM), bearer(MENTOR, PROGRAM)
    lee = bearer("lee", PROGRAM, "coordinator")
    reviews = f"/programs/{PROGRAM}/cycles/c1/reviews"

    async with httpx.AsyncClient(base_url=service, timeout=30) as client:
        await folded(client, last)
        answers = [
            await client.post("/notes", json={**note, "text": PHRASES[1]}, headers=grace),
            await client.post("/reviews", json=a_review(PHRASES[0])),
            await client.post("/reviews", json=a_review(PHRASES[0]), headers=ada),
            await client.post("/reviews", json=a_review(PHRASES[1]), headers=grace),
            await client.get(reviews, headers=grace),
            await client.get(f"/programs/{PROGRAM}/report", headers=lee),
        ]

    assert [answer.status_code for answer in answers] == [200, 401, 200, 200, 200, 200]
    assert answers[-1].json()["program"] == PROGRAM
    assert answers[-2].json()[0]["sides"]["mentee"]["texts"] == {"message": PHRASES[0]}
    reviewed, concluded = await said(log, "reviewed"), await said(log, "concluded")
    assert isinstance(reviewed[0], Reviewed)
    assert reviewed[0].ratings == {"mentee": {"usefulness": 4}, "mentor": {"usefulness": 4}}
    assert isinstance(concluded[0], Concluded)
    assert concluded[0].outcome == "completed"
    assert (len(reviewed), len(concluded)) == (1, 1)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"feedback.db", "keyring.db", "feedback.log"} <= {path.name for path in files}
    assert any(
        path.suffix == ".blk" and b"mentoring.submitted" in path.read_bytes() for path in files
    )
    leaks = [p.name for p in files for phrase in PHRASES if phrase.encode() in p.read_bytes()]
    assert leaks == []
