"""Putting an archive's events into a stream under the sequences that they had, whole batches at a time."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from shared.archive.lines import HEAD_LINE, Record, header, is_well_formed, without
from shared.log import MAX_BATCH, Log, LogTrouble, Refused, acknowledged

FILLER = b"mentoring-mark.filler.0"
"""Where messages stand in the place of sequences that the archive does not hold, until they are purged."""
MAX_BYTES = 1 << 22
"""Bytes of one batch's bodies: what the server and this process hold at a time."""
_SCHEDULE = (
    b"nats-schedule:",
    b"nats-schedule-target:",
    b"nats-schedule-source:",
    b"nats-schedule-ttl:",
    b"nats-schedule-time-zone:",
)
OBEYED = (b"nats-rollup:", b"nats-expected-", b"nats-ttl:", b"nats-incr:", *_SCHEDULE)
"""Headers that the server does what they say, in lower case, wherever they are published again."""
_EMPTY_HEAD = HEAD_LINE + b"\r\n"
_SEEN_BEFORE = 10201
_DUPLICATE_TRIES, _DUPLICATE_PAUSE = 50, 0.1
"""The server knows an id for 100 ms while an import goes on; two events with one id wait for each other."""


class Elsewhere(Exception):
    """The stream does not hold what was sent at the place where it belongs: somebody else writes to it."""


@dataclass(slots=True)
class Batch:
    """Consecutive sequences, to be sent at once.

    Attributes:
        start: the first one's sequence.
        records: what stands there; None is a filler.
        alone: it holds one message that no batch takes: the server obeys one of its headers.
    """

    start: int
    records: list[Record | None] = field(default_factory=list)
    alone: bool = False

    @property
    def end(self) -> int:
        """The sequence behind the last one."""
        return self.start + len(self.records)


def batches(records: Iterable[Record], start: int, end: int) -> Iterator[Batch]:
    """The sequences from `start` to `end`, both included, in batches; gaps are filled."""
    batch, size, ids = Batch(start), 0, set[bytes]()
    for record in _filled(records, start, end):
        alone = record is not None and _must_go_alone(record.head)
        name = None if record is None else header(record.head, b"Nats-Msg-Id")
        full = len(batch.records) >= MAX_BATCH or size >= MAX_BYTES or (name and name in ids)
        if batch.records and (full or alone or batch.alone):
            yield batch
            batch, size, ids = Batch(batch.end), 0, set()
        batch.alone = alone
        batch.records.append(record)
        size += len(record.body) if record is not None else 0
        if name:
            ids.add(name)
    if batch.records:
        yield batch


class Sender:
    """Sends batches one after the other and sees that each stands where it belongs.

    Args:
        log: the connection.

    Attributes:
        altered: messages whose headers could not be published again as they were: a schedule would fire once more,
            an expectation may not hold.
    """

    def __init__(self, log: Log) -> None:
        self.altered = 0
        self._log = log
        self._inbox = log.client.new_inbox()
        self._attempts = 0
        self._answer: asyncio.Future[bytes] | None = None

    async def open(self) -> None:
        """Listen for acknowledgements."""

        async def hear(message: Msg) -> None:
            waiting = self._answer
            if waiting and not waiting.done() and message.subject == self._reply():
                waiting.set_result(message.data)

        await self._log.client.subscribe(f"{self._inbox}.*", cb=hear)

    async def send(self, batch: Batch) -> None:
        """Send a batch; returns when the stream holds it.

        Raises:
            LogTrouble: no answer, or a refusal that passes; the batch may or may not be stored.
            Refused: refused for good.
            Elsewhere: it stands at other sequences.
        """
        last = await self._when_unseen(batch)
        if last != batch.end - 1:
            raise Elsewhere(f"sequence {batch.end - 1} became {last}")

    async def _when_unseen(self, batch: Batch) -> int:
        for _ in range(_DUPLICATE_TRIES):
            try:
                return await self._attempt(batch)
            except Refused as error:
                if error.code != _SEEN_BEFORE:
                    raise
                await asyncio.sleep(_DUPLICATE_PAUSE)
        raise LogTrouble("the log knows an id longer than the 100 ms that it was told to")

    async def _attempt(self, batch: Batch) -> int:
        self._attempts += 1
        record = batch.records[0]
        if record is None or not batch.alone:
            return await self._exchange(_packed(batch.records, self._reply()))
        head = without(record.head, _SCHEDULE)
        try:
            last = await self._exchange(command(record.subject, head, record.body, self._reply()))
        except Refused as error:
            if error.code == _SEEN_BEFORE:
                raise
            self._attempts += 1
            head = without(record.head, OBEYED)
            last = await self._exchange(command(record.subject, head, record.body, self._reply()))
        self.altered += head != record.head
        return last

    def _reply(self) -> str:
        """Where the answer to this attempt comes; one that comes late to an earlier one is not taken for it."""
        return f"{self._inbox}.{self._attempts}"

    async def _exchange(self, commands: bytes) -> int:
        client = self._log.client
        if not client.is_connected:
            raise LogTrouble("the log is away")
        self._answer = asyncio.get_running_loop().create_future()
        try:
            await client._send_command(commands)  # noqa: SLF001 - its publish would write the headers anew
            await client._flush_pending()  # noqa: SLF001 - the same
            answer = await asyncio.wait_for(self._answer, self._log.ack_timeout)
        except (TimeoutError, NatsError, OSError) as error:
            raise LogTrouble(f"the log did not answer: {type(error).__name__}") from error
        return _read(answer)


def _filled(records: Iterable[Record], start: int, end: int) -> Iterator[Record | None]:
    place = start
    for record in records:
        for _ in range(record.seq - place):
            yield None
        yield record
        place = record.seq + 1
    for _ in range(end + 1 - place):
        yield None


def _must_go_alone(head: bytes) -> bool:
    """Whether no batch takes a message: no header can be added to its block, or the server obeys one of it."""
    if not head:
        return False
    if head == _EMPTY_HEAD or not is_well_formed(head):
        return True
    if b"\r\nNats-" not in head:
        return False
    return without(head, OBEYED) != head


def _packed(records: Sequence[Record | None], inbox: str) -> bytes:
    """An atomic batch as NATS commands (NATS ADR-50); one message needs none."""
    if len(records) == 1:
        record = records[0]
        if record is None:
            return command(FILLER, b"", b"", inbox)
        return command(record.subject, record.head, record.body, inbox)
    name = uuid.uuid4().hex.encode()
    commands = []
    for number, record in enumerate(records, 1):
        is_last = number == len(records)
        subject, head, body = (
            (FILLER, b"", b"") if record is None else (record[1], record[3], record[4])
        )
        added = b"Nats-Batch-Id: %b\r\nNats-Batch-Sequence: %d\r\n" % (name, number)
        if is_last:
            added += b"Nats-Batch-Commit: 1\r\n"
        block = (head[:-2] if head else HEAD_LINE) + added + b"\r\n"
        commands.append(command(subject, block, body, inbox if is_last else ""))
    return b"".join(commands)


def command(subject: bytes, head: bytes, body: bytes, reply: str) -> bytes:
    """One publish as the client protocol has it: PUB, or HPUB with a header block."""
    to = b"%b %b" % (subject, reply.encode()) if reply else subject
    if not head:
        return b"PUB %b %d\r\n%b\r\n" % (to, len(body), body)
    return b"HPUB %b %d %d\r\n%b%b\r\n" % (to, len(head), len(head) + len(body), head, body)


def _read(answer: bytes) -> int:
    try:
        told = json.loads(answer)
        if told.get("duplicate"):  # one message alone is told so; a batch is refused
            raise Refused(_SEEN_BEFORE, "an event with this id stands there already")
        return acknowledged(told)
    except (ValueError, KeyError, TypeError) as error:
        raise LogTrouble("the log did not answer: no stream took the message") from error
