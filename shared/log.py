"""The log: one JetStream stream. Connecting, publishing one event or an atomic batch, and reading.

nats-py is used directly: it has no call for atomic batches (NATS ADR-50), so their headers are set here.
"""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.errors import APIError, NotFoundError

from shared import delivery
from shared.entry import Entry, make_entry
from shared.events.envelope import HEADERS, Event, encode
from shared.reader import PULL, REPLAY_PULL, Reader

STREAM = "MENTORING"
MAX_BATCH = 1000
"""Messages of one atomic batch (NATS ADR-50)."""
ACK_TIMEOUT = 2.0
"""Seconds to wait for a PubAck: a transaction is never held open longer."""
LOOK_AGAIN = 1.0
"""Seconds without a message after which a reading asks whether what is left still stands."""
WRONG_LAST_SEQUENCE = frozenset({10071, 10164})
"""The fence. 10164 stands in the place of 10071 in a replicated stream."""
_PASSING = frozenset({10002, 10109, 10174, 10176, 10210})
"""Refusals of the 400s that lie in no message: the account's resources (10002), a stream that is sealed
(10109) or was changed to take no batches (10174), a batch that lost messages to a restart of the server (10176),
too many open batches (10210). What the server answers with 500 and more passes, too: no leader, no disk. The
exception is 10111, two timers on one subject in a batch."""
_TWO_TIMERS = 10111
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


class LogTrouble(Exception):
    """The log did not answer, or refused for a reason that passes: roll back, retry."""


class Refused(Exception):
    """The log refused a message or batch for a reason that lies in it."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(f"{description} (error {code})")
        self.code = code


class Fenced(Refused):
    """The expected last sequence of the mark did not hold: another owner has written it."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is published: subject, body and headers."""

    subject: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LogInfo:
    """The stream as it stands: its identity, partitions and ends."""

    uuid: str
    partitions: int
    first_seq: int
    last_seq: int
    messages: int
    bytes: int
    replicas: int
    subjects: int


class Log:
    """A connection to the log.

    Use `await Log.connect(url)`; close it with `await log.close()`. `ack_timeout`, in seconds, is short because a
    ledger holds a transaction open meanwhile; who holds none may wait longer.
    """

    def __init__(self, client: Client) -> None:
        self.client = client
        self.ack_timeout = ACK_TIMEOUT
        delivery.install(client)
        self.js = client.jetstream()
        self._lost: set[Callable[[], None]] = set()

    @classmethod
    async def connect(
        cls, url: str, name: str = "mentoring", *, patience: float = 5.0, **options: Any
    ) -> Log:
        """Connect and stay connected: reconnects for ever (measured trap 3).

        Args:
            url: the server's address, `nats://host:port`, several separated by commas.
            name: the connection's name, as NATS tools show it.
            patience: seconds for the first connection; nats-py itself would try for ever.
            options: passed to `nats.connect`.

        Raises:
            LogTrouble: nobody answers there.
        """
        client = Client()
        log = cls(client)
        settings: dict[str, Any] = {
            "servers": url.split(","),
            "name": name,
            "max_reconnect_attempts": -1,
            "reconnect_time_wait": 0.25,
            "connect_timeout": 2,
            "ping_interval": 5,
            "max_outstanding_pings": 2,
            "allow_reconnect": True,
            "error_cb": _quiet,
            "disconnected_cb": log.disconnected,
        }
        try:
            await asyncio.wait_for(client.connect(**(settings | options)), patience)
        except (NatsError, OSError, TimeoutError) as error:
            words = f"no NATS server answers at {url}: {error}".rstrip(": ")
            raise LogTrouble(words) from error
        return log

    async def close(self) -> None:
        """Close the connection; pending publishes are flushed first."""
        if not self.client.is_closed:
            await self.client.close()

    async def disconnected(self) -> None:
        """Readers lose their pull requests with the connection: each is told, and is created anew."""
        for tell in tuple(self._lost):
            tell()

    # -- looking --

    async def info(self) -> LogInfo:
        """The stream's identity and state.

        Raises:
            LogTrouble: the stream is missing or nobody answers.
        """
        answer = await self._api(f"STREAM.INFO.{STREAM}")
        config, state = answer["config"], answer["state"]
        transform = (config.get("subject_transform") or {}).get("dest", "")
        partitions = re.search(r"partition\((\d+),", transform, re.IGNORECASE)
        return LogInfo(
            uuid=(config.get("metadata") or {}).get("uuid", ""),
            partitions=int(partitions[1]) if partitions else 1,
            first_seq=state["first_seq"],
            last_seq=state["last_seq"],
            messages=state["messages"],
            bytes=state["bytes"],
            replicas=config.get("num_replicas", 1),
            subjects=state.get("num_subjects", 0),
        )

    async def entry(self, seq: int) -> Entry | None:
        """The entry at this sequence, or None when nothing is stored there."""
        try:
            raw = await self.js.get_msg(STREAM, seq=seq)
        except NotFoundError:
            return None
        except (NatsError, APIError, OSError, TimeoutError) as error:
            raise LogTrouble(f"the log did not answer: {error}") from error
        stored = 0 if raw.time is None else (raw.time - _EPOCH) // _MICROSECOND * 1000
        return make_entry(seq, raw.subject or "", raw.data or b"", raw.headers, stored)

    async def last(self, subject: str) -> tuple[int, bytes] | None:
        """Sequence and body of a subject's last message, or None. Not linearizable: fence what you do with it."""
        try:
            raw = await self.js.get_last_msg(STREAM, subject)
        except NotFoundError:
            return None
        except (NatsError, APIError, OSError, TimeoutError) as error:
            raise LogTrouble(f"the log did not answer: {error}") from error
        return raw.seq or 0, raw.data or b""

    # -- publishing --

    async def publish(self, event: Event) -> int:
        """Append one outside event; a retry within the server's window is stored once. Returns its sequence."""
        headers = {**HEADERS, "Nats-Msg-Id": event.id}
        return await self.send(Message(event.subject, encode(event), headers))

    async def send(self, message: Message) -> int:
        """Append one message and wait for its PubAck; returns its sequence.

        Raises:
            LogTrouble: no answer, or a refusal that passes; the message may or may not be stored.
            Fenced: the expected last sequence did not hold.
            Refused: refused for good.
        """
        return acknowledged(
            await self.request(message.subject, message.body, dict(message.headers))
        )

    async def send_batch(self, messages: Sequence[Message]) -> int:
        """Append all messages or none, as one atomic batch; returns the sequence of the last.

        Raises:
            ValueError: more than 1,000 messages, or none.
            LogTrouble, Fenced, Refused: as `send`.
        """
        if not 0 < len(messages) <= MAX_BATCH:
            raise ValueError(f"a batch holds 1 to {MAX_BATCH} messages, not {len(messages)}")
        if len(messages) == 1:
            return await self.send(messages[0])
        batch = uuid.uuid4().hex
        try:
            for number, message in enumerate(messages[:-1], 1):
                headers = {
                    **message.headers,
                    "Nats-Batch-Id": batch,
                    "Nats-Batch-Sequence": str(number),
                }
                await self.client.publish(message.subject, message.body, headers=headers)
        except (NatsError, OSError) as error:
            raise LogTrouble(f"the log is away: {error}") from error
        last = messages[-1]
        headers = {
            **last.headers,
            "Nats-Batch-Id": batch,
            "Nats-Batch-Sequence": str(len(messages)),
            "Nats-Batch-Commit": "1",
        }
        return acknowledged(await self.request(last.subject, last.body, headers))

    # -- reading --

    async def reader(
        self,
        filters: Sequence[str],
        start: int = 1,
        *,
        name: str | None = None,
        since: datetime | None = None,
        pull: int = PULL,
    ) -> Reader:
        """Open a reader of the messages on these subjects, from a sequence or an instant on; see `Reader`."""
        reader = Reader(self.client, STREAM, name or f"reader-{uuid.uuid4().hex[:12]}", pull)
        self._lost.add(reader.lose)
        reader.on_close = lambda: self._lost.discard(reader.lose)
        try:
            await reader.open(filters, start, since)
        except BaseException:
            reader.on_close()
            raise
        return reader

    async def read(
        self,
        filters: Sequence[str],
        start: int = 1,
        until: int | None = None,
        since: datetime | None = None,
    ) -> AsyncIterator[list[Entry]]:
        """What stands in the log now, in order, in lists as they arrive; ends at `until` or the log's end."""
        reader = await self.reader(filters, start, since=since, pull=REPLAY_PULL)
        try:
            left = reader.standing
            while left > 0:
                entries = await reader.batch(wait=LOOK_AGAIN)
                if not entries:
                    if await reader.is_at_end():
                        return
                    continue
                left -= len(entries)
                if until is not None and entries[-1].seq > until:
                    yield [entry for entry in entries if entry.seq <= until]
                    return
                yield entries
        finally:
            await reader.close()

    async def _api(self, call: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        answer = await self.request(f"$JS.API.{call}", json.dumps(body or {}).encode(), None)
        if error := answer.get("error"):
            raise LogTrouble(f"{error.get('description')} (error {error.get('err_code')})")
        return answer

    async def request(
        self, subject: str, body: bytes, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """Ask and wait for a JSON answer.

        Raises:
            LogTrouble: none came.
        """
        try:
            message = await self.client.request(
                subject, body, timeout=self.ack_timeout, headers=headers
            )
        except (TimeoutError, NatsError, OSError) as error:
            raise LogTrouble(
                f"the log did not answer: {type(error).__name__} {error}".rstrip()
            ) from error
        answer: dict[str, Any] = json.loads(message.data)
        return answer


def acknowledged(answer: Mapping[str, Any]) -> int:
    """The sequence that a PubAck tells.

    Raises:
        LogTrouble, Fenced, Refused: it tells an error instead; see `Log.send`.
    """
    error = answer.get("error")
    if not error:
        return int(answer["seq"])
    code = int(error.get("err_code") or error.get("code") or 0)
    description = str(error.get("description", "refused"))
    if code in WRONG_LAST_SEQUENCE:
        raise Fenced(code, description)
    broken = int(error.get("code", 0)) >= HTTPStatus.INTERNAL_SERVER_ERROR
    if code in _PASSING or (broken and code != _TWO_TIMERS):
        raise LogTrouble(f"{description} (error {code})")
    raise Refused(code, description)


async def _quiet(error: Exception) -> None:
    """Connection errors are reported where they matter; nats-py would print each."""
    del error
