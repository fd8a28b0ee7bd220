"""Whatever bytes a publisher puts into a message, the log is read on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from shared.events.envelope import encode
from shared.log import Log
from tests.tally.events import progressed
from tests.tally.log import entries, open_log, publish

HEADERS = {
    "no line end": b"NATS/1.0",
    "no version": b"GARBAGE\r\n\r\n",
    "no colon": b"NATS/1.0\r\nfoo\r\n\r\n",
    "no UTF-8": b"NATS/1.0\r\nX: \xff\xfe\r\n\r\n",
    "a status": b"NATS/1.0 503 gone\r\n\r\n",
    "a status of no UTF-8": b"NATS/1.0 \xff\xfe\xfd \xff\r\n\r\n",
    "a status as a header": b"NATS/1.0\r\nStatus: 100\r\n\r\n",
    "no name": b"NATS/1.0\r\n: x\r\n\r\n",
    "blanks": b"NATS/1.0\r\n   \r\n\r\n",
    "nothing": b"NATS/1.0\r\n\r\n",
}


@pytest.fixture
async def log(nats_url: str) -> AsyncIterator[Log]:
    async with open_log(nats_url) as log:
        yield log


async def publish_raw(url: str, subject: bytes, headers: bytes, body: bytes) -> None:
    """Publish as a client without manners: the bytes go to the server as they are."""
    host, _, port = url.removeprefix("nats://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    total = len(headers) + len(body)
    writer.write(
        b'CONNECT {"verbose":true,"headers":true}\r\n'
        b"HPUB %s %d %d\r\n%s%s\r\n" % (subject, len(headers), total, headers, body)
    )
    answers = [await reader.readline() for _ in range(3)]  # INFO, and an OK for each
    writer.close()
    assert answers[1:] == [b"+OK\r\n", b"+OK\r\n"]


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS.keys())
async def test_headers_that_nobody_can_read_are_read_over(
    log: Log, nats_url: str, headers: bytes
) -> None:
    told = progressed(n=1)
    await publish_raw(nats_url, told.subject.encode(), headers, encode(told))
    await publish(log, progressed(n=2))
    assert [entry.body for entry in await entries(log)] == [
        encode(progressed(n=1)),
        encode(progressed(n=2)),
    ]
