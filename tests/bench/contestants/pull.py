"""Pull requests by hand on a nats-py core subscription: the fastest way to read that its public API allows."""

from __future__ import annotations

import asyncio
import json
from collections import deque

from nats.aio.client import Client
from nats.aio.msg import Msg

BATCH = 500


class Puller:
    """Keeps one to two pull requests of 500 open on a consumer that is never acknowledged."""

    def __init__(self, client: Client, subject: str, start: int = 1) -> None:
        self._client = client
        self._subject = subject
        self._start = start
        self._asked = 0
        self._arrived: deque[Msg] = deque()
        self._wake = asyncio.Event()
        self._inbox = client.new_inbox()

    async def open(self) -> None:
        """Create the consumer."""
        config = {
            "name": "by-hand",
            "ack_policy": "none",
            "mem_storage": True,
            "filter_subject": self._subject,
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": self._start,
        }
        body = json.dumps({"stream_name": "MENTORING", "config": config}).encode()
        call = f"$JS.API.CONSUMER.CREATE.MENTORING.by-hand.{self._subject}"
        answer = json.loads((await self._client.request(call, body)).data)
        if error := answer.get("error"):
            raise RuntimeError(error["description"])
        await self._client.subscribe(
            self._inbox, cb=self._receive, pending_msgs_limit=-1, pending_bytes_limit=-1
        )

    async def batch(self) -> list[Msg]:
        """What has arrived, 1 to 500 messages."""
        await self._ask()
        while not self._arrived:
            self._wake.clear()
            await self._wake.wait()
        return [self._arrived.popleft() for _ in range(min(BATCH, len(self._arrived)))]

    async def _ask(self) -> None:
        while self._asked + len(self._arrived) <= BATCH:
            self._asked += BATCH
            body = json.dumps({"batch": BATCH, "expires": 30_000_000_000}).encode()
            subject = "$JS.API.CONSUMER.MSG.NEXT.MENTORING.by-hand"
            await self._client.publish(subject, body, reply=self._inbox)

    async def _receive(self, message: Msg) -> None:
        if message.reply:
            self._asked -= 1
            self._arrived.append(message)
            self._wake.set()
        else:
            self._asked -= int((message.headers or {}).get("Nats-Pending-Messages", BATCH))
            await self._ask()


def sequence(message: Msg) -> int:
    """The stream sequence in an ack subject: `$JS.ACK.<stream>.<consumer>.<tries>.<seq>.<delivery>…`."""
    parts = message.reply.split(".")
    return int(parts[5 if len(parts) < 11 else 7])
