"""Requests a second for feeds of 100 meetings: the real service with a store on disk, asked over HTTP on loopback.

Four connections that stay open ask one after the other. `cold` asks for each feed for the first time, so it is
rendered; `cached` asks for one feed again and again; `unchanged` asks with its ETag, which is answered with 304.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.backends.process import free_port
from tests.bench.process import Failed, Running, running
from tests.bench.sandbox import Sandbox
from tests.bench.scheduling.calendars import MEETINGS, fill, mentee
from tests.bench.scheduling.settings import PROGRAM

CONNECTIONS = 4
REQUESTS = 400
"""Of each kind and round, but of the cold ones, of which there are as many as feeds."""
FEEDS = 60
_PATIENCE = 60.0


def measure(sandbox: Sandbox, rounds: int, feeds: int = FEEDS) -> dict[str, list[float]]:
    """Requests a second of each kind, a figure for each round; every round has new pairs' feeds, and a new service.

    Raises:
        Failed: an answer is another one than was asked for.
    """
    found: dict[str, list[float]] = {"cold": [], "cached": [], "unchanged": []}
    for _ in range(rounds):
        for name, rate in _round(sandbox, feeds).items():
            found[name].append(rate)
    return found


def _round(sandbox: Sandbox, feeds: int) -> dict[str, float]:
    folder = sandbox.folder()
    fill(f"sqlite:///{folder}/scheduling.db", feeds)
    with sandbox.log(0, folder) as server, _service(server.url, folder) as client:
        paths = [client.address(mentee(pair)) for pair in range(feeds)]
        one = paths[0]
        cold = client.rate([Asked(path) for path in paths])
        tag = client.ask(Asked(one))
        cached = client.rate([Asked(one)] * REQUESTS)
        unchanged = client.rate([Asked(one, tag)] * REQUESTS)
    return {"cold": cold, "cached": cached, "unchanged": unchanged}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for a feed; with a tag it is to be answered with 304."""

    path: str
    tag: str | None = None


@dataclass
class Client:
    """Asks a service on this port."""

    port: int
    _open: list[http.client.HTTPConnection] = field(default_factory=list)

    def address(self, person: str) -> str:
        """The path of a person's feed."""
        connection = self._connection()
        connection.request("GET", f"/programs/{PROGRAM}/persons/{person}/calendar")
        answer = connection.getresponse()
        told = answer.read()
        self._open.append(connection)
        if answer.status != http.client.OK:
            raise Failed(f"no address: {answer.status} {told[:200]!r}")
        path: str = json.loads(told)["path"]
        return path

    def ask(self, asked: Asked) -> str:
        """The ETag of a feed; it is read to its end and must have all its meetings."""
        connection = self._connection()
        headers = {"If-None-Match": asked.tag} if asked.tag else {}
        connection.request("GET", asked.path, headers=headers)
        answer = connection.getresponse()
        text = answer.read()
        self._open.append(connection)
        is_right = (
            text.count(b"BEGIN:VEVENT") == MEETINGS if answer.status == http.client.OK else not text
        )
        wanted = http.client.NOT_MODIFIED if asked.tag else http.client.OK
        if answer.status != wanted or not is_right:
            raise Failed(f"{answer.status} where {wanted} belongs: {text[:200]!r}")
        return answer.getheader("ETag") or ""

    def rate(self, requests: Sequence[Asked]) -> float:
        """Requests a second over several connections."""
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            begun = time.perf_counter()
            list(pool.map(self.ask, requests))
            return len(requests) / (time.perf_counter() - begun)

    def is_ready(self) -> bool:
        """Whether the service says so."""
        connection = self._connection()
        try:
            connection.request("GET", "/health/ready")
            answer = connection.getresponse()
            answer.read()
        except OSError:
            return False
        return answer.status == http.client.OK

    def _connection(self) -> http.client.HTTPConnection:
        """One that is free; a list's pop and append are atomic."""
        try:
            return self._open.pop()
        except IndexError:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE)


@contextmanager
def _service(nats: str, folder: Path) -> Iterator[Client]:
    """A client of a service that is ready."""
    port = free_port()
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("MENTORING_")},
        "MENTORING_NATS_URL": nats,
        "MENTORING_DATABASE_URL": f"sqlite:///{folder}/scheduling.db",
        "MENTORING_HTTP_PORT": str(port),
        "MENTORING_CALENDAR_KEY": base64.b64encode(bytes(32)).decode(),
    }
    command = [sys.executable, "-m", "services.scheduling", "run", "--log-level", "warning"]
    with running(command, folder, environment) as process:
        client = Client(port)
        _wait(client, process)
        yield client


def _wait(client: Client, process: Running) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not client.is_ready():
        if time.monotonic() > deadline:
            raise Failed(f"scheduling is not ready:\n{process.last_words()}")
        time.sleep(0.1)
