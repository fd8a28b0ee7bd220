"""Writes a long log quickly: NATS frames by hand on a plain socket, atomic batches of a thousand, a few under way.

`Log.send_batch` waits for each batch and builds a dictionary of headers for each message; for millions of messages
that is minutes. What stands in the log afterwards is the same: subjects, headers and bodies as the services send them,
and the marks of the three services behind it.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from shared import mark, provision
from shared.entry import Entry
from shared.events.envelope import HEADERS
from shared.log import MAX_BATCH, Log
from shared.mark import Mark

_UNDER_WAY = 4
"""Batches sent ahead of their acknowledgement: the server drops what it cannot queue (10,000 messages)."""
_PLAIN = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
_SERVICES = ("matching", "scheduling", "feedback")


class Wrong(RuntimeError):
    """The server said something else than that it stores what was sent."""


def publish(url: str, entries: Iterable[Entry], *, answered: bool = True) -> int:
    """Make the stream and append entries, in their order, from sequence 1 on; returns how many.

    `answered` writes the marks: the services have said all that they say to this log.

    Raises:
        Wrong: an entry was refused, or stored at another sequence than its own.
    """
    asyncio.run(_provision(url))
    last: dict[str, int] = dict.fromkeys(_SERVICES, 0)
    batch: list[Entry] = []
    seq = 0
    with _Wire(url) as wire:
        for entry in entries:
            batch.append(entry)
            if len(batch) == MAX_BATCH:
                seq = _send(wire, batch, last)
                batch = []
        seq = _send(wire, batch, last) if batch else seq
    if answered:
        asyncio.run(_mark(url, last))
    return seq


def _send(wire: _Wire, batch: list[Entry], last: dict[str, int]) -> int:
    for name in _SERVICES:
        inputs = (entry.seq for entry in reversed(batch) if entry.said_by != name)
        last[name] = next(inputs, last[name])
    wire.send(batch)
    return batch[-1].seq


async def _provision(url: str) -> None:
    log = await Log.connect(url)
    await provision.apply(log)
    await log.close()


async def _mark(url: str, last: Mapping[str, int]) -> None:
    log = await Log.connect(url)
    for name, seq in last.items():
        await log.send(mark.message(name, 0, Mark(), seq, "bench"))
    await log.close()


class _Wire:
    """A connection to NATS that sends batches and looks at their acknowledgements, in order."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._socket = socket.create_connection((address.hostname, address.port), timeout=30)
        self._answers = self._socket.makefile("rb")
        self._waiting: list[int] = []
        self._batches = 0

    def __enter__(self) -> Self:
        self._answers.readline()  # INFO
        asked = {"verbose": False, "headers": True, "no_responders": True, "protocol": 1}
        self._socket.sendall(b"CONNECT %b\r\nSUB acks 1\r\n" % json.dumps(asked).encode())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            while kind is None and self._waiting:
                self._acknowledged()
        finally:
            self._answers.close()
            self._socket.close()

    def send(self, entries: list[Entry]) -> None:
        """An atomic batch; the one before last was stored when this returns."""
        self._batches += 1
        frames = [
            _frame(entry, f"bench-{self._batches}", number, is_last=number == len(entries))
            for number, entry in enumerate(entries, 1)
        ]
        self._socket.sendall(b"".join(frames))
        self._waiting.append(entries[-1].seq)
        while len(self._waiting) > _UNDER_WAY:
            self._acknowledged()

    def _acknowledged(self) -> None:
        line = self._answers.readline()
        while line.startswith(b"PING"):
            self._socket.sendall(b"PONG\r\n")
            line = self._answers.readline()
        if not line.startswith((b"MSG", b"HMSG")):
            raise Wrong(line.decode())
        body = self._answers.read(int(line.split()[-1]) + 2)
        wanted = self._waiting.pop(0)
        if not line.startswith(b"MSG") or json.loads(body).get("seq") != wanted:
            raise Wrong(f"{wanted} was to be stored: {body.decode()}")


def _frame(entry: Entry, batch: str, number: int, *, is_last: bool) -> bytes:
    """HPUB as the NATS client protocol has it."""
    said = f"Mentoring-Cause: {entry.cause}\r\nMentoring-Service: {entry.said_by}\r\n"
    end = "Nats-Batch-Commit: 1\r\n" if is_last else ""
    headers = (
        f"NATS/1.0\r\n{_PLAIN}{said if entry.said_by else ''}"
        f"Nats-Batch-Id: {batch}\r\nNats-Batch-Sequence: {number}\r\n{end}\r\n"
    ).encode()
    total = len(headers) + len(entry.body)
    to = f"{entry.subject} acks" if is_last else entry.subject
    return b"HPUB %b %d %d\r\n%b%b\r\n" % (to.encode(), len(headers), total, headers, entry.body)
