"""Reading the log: one consumer that is never acknowledged, fed by our own long pull requests.

nats-py's `fetch` costs a timer per message and FastStream's pull loop sits on it; this keeps pull requests
open on a plain subscription, takes what arrives past nats-py (see `shared.delivery`) and hands it over. The delivery
sequence must have no gap and an idle heartbeat must agree with it (NATS ADR-15, ADR-37); on any doubt the reader is
lost and its user opens another from its own position.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from nats.aio.client import Client
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError

from shared import delivery
from shared.delivery import Delivered
from shared.entry import Entry, delivered_entry
from shared.headers import headers_of

_NEW_REPLY = 11
PULL = 500
"""Messages of one pull request; at most two requests are open."""
REPLAY_PULL = 2000
"""The same where much is read and nobody waits for the first."""
HEARTBEAT = 2.0
EXPIRES = 30.0
SILENCE = 3 * HEARTBEAT
"""Seconds without a message or heartbeat after which the server is taken for gone."""

ASK_AGAIN = 0.02
"""Seconds until a consumer that nobody knows yet is asked again."""


class ReaderLost(Exception):
    """The reader cannot go on: a gap, a deleted consumer, silence, or a lost connection."""


class Reader:
    """One consumer of the log, read in order. Made by `Log.reader`.

    Attributes:
        pending: messages behind the last one that arrived, as the server told with it.
        standing: messages that stood in the log when the reader was opened.
        last: sequence of the last entry handed over.

    Args:
        client: the connection.
        stream: the log's stream.
        name: the consumer's name.
        pull: messages of one pull request; up to twice as many are held.
    """

    def __init__(self, client: Client, stream: str, name: str, pull: int = PULL) -> None:
        self.name = name
        self.pending = 0
        self.standing = 0
        self.last = 0
        self.on_close: Callable[[], None] = lambda: None
        self._client = client
        self._stream = stream
        self._size = pull
        self._parser = delivery.install(client)
        self._arrived: deque[Entry] = deque()
        self._wake = asyncio.Event()
        self._lost: str | None = None
        self._credit = 0
        self._too_early = False
        self._delivered = 0
        self._heard = 0.0
        self._opened = 0.0
        self._subscription: Subscription | None = None

    async def open(self, filters: Sequence[str], start: int, since: datetime | None = None) -> None:
        """Create the consumer and ask for its first messages.

        Raises:
            ReaderLost: the server did not answer or refused.
        """
        config: dict[str, Any] = {
            "name": self.name,
            "ack_policy": "none",
            "mem_storage": True,
            "num_replicas": 1,
            "filter_subjects": list(filters),
            "inactive_threshold": int(2 * EXPIRES * 1e9),
            **_start(start, since),
        }
        await self._call("DELETE", None)
        answer = await self._call("CREATE", {"stream_name": self._stream, "config": config})
        if error := answer.get("error"):
            raise ReaderLost(f"no consumer: {error.get('description')}")
        self.pending = self.standing = answer["num_pending"]
        self._heard = self._opened = asyncio.get_running_loop().time()
        self._subscription = await self._client.subscribe(self._client.new_inbox())
        self._parser.add(self._subscription._id, self._receive)  # noqa: SLF001 - what the server writes before each of its messages
        await self._pull()

    @property
    def behind(self) -> int:
        """Messages of the log that were not handed over yet."""
        return self.pending + len(self._arrived)

    async def batch(self, limit: int | None = None, wait: float | None = None) -> list[Entry]:
        """What has arrived, at least one entry, at most `limit` (one pull request's messages when none is given);
        nothing when `wait` seconds passed.

        Raises:
            ReaderLost: see the module's words.
        """
        deadline = None if wait is None else asyncio.get_running_loop().time() + wait
        while not self._arrived:
            if self._lost:
                raise ReaderLost(self._lost)
            await self._pull()
            if not await self._wait(deadline):
                return []
        entries = self._take(limit or self._size)
        self.last = entries[-1].seq
        await self._pull()
        return entries

    async def is_at_end(self) -> bool:
        """Whether everything was handed over: of what stood in the log at the opening some may be gone, as a timer that rang.

        Raises:
            ReaderLost: the server does not answer, or knows no such consumer.
        """
        told = await self._call("INFO", None)
        if error := told.get("error"):
            raise ReaderLost(f"no consumer: {error.get('description')}")
        arrived = told["delivered"]["consumer_seq"] == self._delivered
        return arrived and not self._arrived and told["num_pending"] == 0

    def lose(self, why: str = "the connection was lost") -> None:
        """Give up: whoever reads is told."""
        self._lost = self._lost or why
        self._wake.set()

    async def close(self) -> None:
        """Stop reading and remove the consumer; says nothing when the server is away."""
        self.lose("closed")
        self.on_close()
        try:
            if self._subscription is not None:
                self._parser.remove(self._subscription._id)  # noqa: SLF001 - as in `open`
                await self._subscription.unsubscribe()
            if self._client.is_connected:
                await self._call("DELETE", None)
        except (NatsError, ReaderLost, OSError):
            pass

    # -- inside --

    def _take(self, limit: int) -> list[Entry]:
        arrived = self._arrived
        if len(arrived) > limit:
            return [arrived.popleft() for _ in range(limit)]
        entries = list(arrived)
        arrived.clear()
        return entries

    async def _wait(self, deadline: float | None) -> bool:
        """Wait for something to happen; False when the deadline passed first."""
        loop = asyncio.get_running_loop()
        until = self._heard + SILENCE
        if deadline is not None:
            until = min(until, deadline)
        self._wake.clear()
        alarm = loop.call_at(until, self._wake.set)
        try:
            await self._wake.wait()
        finally:
            alarm.cancel()
        now = loop.time()
        if now >= self._heard + SILENCE and not self._arrived:
            self.lose("the server is silent")
        return bool(self._arrived or self._lost or deadline is None or now < deadline)

    async def _pull(self) -> None:
        """Keep between one and two requests' worth of messages asked for."""
        if self._too_early:
            self._too_early = False
            await asyncio.sleep(ASK_AGAIN)
        while not self._lost and self._credit + len(self._arrived) <= self._size:
            if self._credit <= 0:  # nobody was asked, so nobody was silent
                self._heard = asyncio.get_running_loop().time()
            self._credit += self._size
            body = {
                "batch": self._size,
                "expires": int(EXPIRES * 1e9),
                "idle_heartbeat": int(HEARTBEAT * 1e9),
            }
            subject = f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self.name}"
            try:
                assert self._subscription is not None
                await self._client.publish(
                    subject, json.dumps(body).encode(), reply=self._subscription.subject
                )
            except (NatsError, OSError) as error:
                self.lose(f"the connection is closed: {error}")

    def _receive(self, messages: Sequence[Delivered]) -> None:
        """Take what the socket gave; called by the connection's parser, so it never raises."""
        self._heard = asyncio.get_running_loop().time()
        before = len(self._arrived)
        try:
            self._keep(messages)
        except (ValueError, IndexError):
            self.lose("somebody else than the server answers")
        self._credit -= len(self._arrived) - before
        self._wake.set()

    def _keep(self, messages: Sequence[Delivered]) -> None:
        """Every message of a replay passes here, as in the parser."""
        for subject, reply, head, body in messages:
            if not reply.startswith(b"$JS.ACK."):
                self._status(headers_of(head))
                continue
            seq, delivered, stored, pending = _place(reply)
            if delivered != self._delivered + 1:
                self.lose(f"a gap: delivery {delivered} after {self._delivered}")
                return
            self._delivered, self.pending = delivered, pending
            self._arrived.append(delivered_entry(seq, subject, head, body, stored))

    def _is_being_made(self, headers: Mapping[str, str]) -> bool:
        """Whether nobody answers because the consumer is new: in a cluster another server may have it, which this one
        does not know at once (measured: 4 in 100 of a healthy one's).
        """
        young = asyncio.get_running_loop().time() < self._opened + SILENCE
        return headers.get("Status") == "503" and self._delivered == 0 and young

    def _status(self, headers: Mapping[str, str]) -> None:
        status = headers.get("Status", "")
        if status == "100":
            last = headers.get("Nats-Last-Consumer")
            if last is not None and int(last) != self._delivered:
                self.lose(f"a gap: the server delivered {last}, {self._delivered} arrived")
        elif self._is_being_made(headers):
            self._credit -= self._size
            self._too_early = True
        elif status in {"408", "404"} or (status == "409" and "Nats-Pending-Messages" in headers):
            self._credit -= int(headers.get("Nats-Pending-Messages", self._size))
        else:
            self.lose(f"the server says {status} {headers.get('Description', '')}".strip())

    async def _call(self, verb: str, body: dict[str, Any] | None) -> dict[str, Any]:
        subject = f"$JS.API.CONSUMER.{verb}.{self._stream}.{self.name}"
        try:
            payload = json.dumps(body).encode() if body else b""
            answer = await self._client.request(subject, payload, timeout=5)
        except (TimeoutError, NatsError, OSError) as error:
            raise ReaderLost(f"the server did not answer: {type(error).__name__}") from error
        parsed: dict[str, Any] = json.loads(answer.data)
        return parsed


def _start(start: int, since: datetime | None) -> dict[str, Any]:
    if since is not None:
        instant = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return {"deliver_policy": "by_start_time", "opt_start_time": instant}
    return {"deliver_policy": "by_start_sequence", "opt_start_seq": max(start, 1)}


def _place(reply: bytes) -> tuple[int, int, int, int]:
    """Stream sequence, delivery sequence, time stored (ns) and messages behind, from an ack subject.

    `$JS.ACK.<stream>.<consumer>.<tries>.<seq>.<delivery>.<time>.<pending>`; newer servers put a domain and an
    account before the stream and a token at the end (NATS ADR-15).
    """
    parts = reply.split(b".")
    at = 5 if len(parts) < _NEW_REPLY else 7
    seq, delivery, stored, pending = parts[at : at + 4]
    return int(seq), int(delivery), int(stored), int(pending)
