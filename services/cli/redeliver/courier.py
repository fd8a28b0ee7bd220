"""Delivers events once more, with the bytes and headers that they had, and sees what became of each."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from services.cli.output import Failure
from services.cli.redeliver.target import subject_for
from services.cli.redeliver.ticket import Ticket
from shared.archive.lines import HEAD_LINE, Record, header, is_well_formed, without
from shared.archive.sending import OBEYED, command
from shared.log import Log, LogTrouble, Refused, acknowledged

REPLAY = "Mentoring-Replay"
"""The header that marks what is delivered once more; its value is the same for a whole redelivery."""
_TRIES, _PAUSE = 5, 0.5


class Courier:
    """Delivers what a ticket names.

    Args:
        log: the connection.
        ticket: the redelivery.

    Attributes:
        delivered: events that were delivered.
        already: events of them that the receiving stream knew by their id and did not keep twice.
        next: everything before this sequence was delivered.
    """

    def __init__(self, log: Log, ticket: Ticket) -> None:
        self.delivered = 0
        self.already = 0
        self.next = ticket.next
        self._log = log
        self._ticket = ticket
        self._inbox = log.client.new_inbox()
        self._waiting: dict[str, asyncio.Future[Msg]] = {}

    async def open(self) -> None:
        """Listen for acknowledgements."""
        if self._ticket.acknowledged:
            await self._log.client.subscribe(f"{self._inbox}.*", cb=self._hear)

    async def deliver(self, records: Sequence[Record]) -> None:
        """Deliver events in their order; returns when each is acknowledged.

        Raises:
            LogTrouble: the server did not answer for long; some of them may have arrived.
            Failure: no stream keeps them, or it refuses one.
        """
        left = list(records)
        for tries in range(_TRIES):
            try:
                self._note(left, after := await self._attempt(left))
            except LogTrouble:
                if tries == _TRIES - 1:
                    raise
            else:
                left = after
            if not left:
                self.next = records[-1].seq + 1
                return
            await asyncio.sleep(_PAUSE)
        raise LogTrouble("the server did not acknowledge what was delivered")

    def _note(self, before: Sequence[Record], left: Sequence[Record]) -> None:
        self.delivered += len(before) - len(left)
        if left:
            self.next = left[0].seq

    async def _attempt(self, records: Sequence[Record]) -> list[Record]:
        """Those of them that were not acknowledged; their ids keep a second try from being kept twice."""
        client = self._log.client
        if not client.is_connected:
            raise LogTrouble("the server is away")
        answers = [self._expect(record) for record in records]
        try:
            await client._send_command(b"".join(map(self._command, records)))  # noqa: SLF001 - its publish would write the headers anew
            await client._flush_pending()  # noqa: SLF001 - the same
            if not self._ticket.acknowledged:
                await client.flush()
                return []
        except (NatsError, OSError) as error:
            raise LogTrouble(f"the server is away: {error}") from error
        await asyncio.wait(answers, timeout=self._log.ack_timeout)
        self._waiting.clear()
        pairs = zip(records, answers, strict=True)
        return [record for record, answer in pairs if not self._is_in(record, answer)]

    def _expect(self, record: Record) -> asyncio.Future[Msg]:
        answer: asyncio.Future[Msg] = asyncio.get_running_loop().create_future()
        self._waiting[self._reply(record)] = answer
        return answer

    async def _hear(self, message: Msg) -> None:
        answer = self._waiting.get(message.subject)
        if answer is not None and not answer.done():
            answer.set_result(message)

    def _is_in(self, record: Record, answer: asyncio.Future[Msg]) -> bool:
        if not answer.done():
            return False
        try:
            told = json.loads(answer.result().data)
            acknowledged(told)
        except LogTrouble:
            return False
        except Refused as error:
            raise Failure(f"the stream refuses sequence {record.seq}: {error}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise Failure(
                f"no stream keeps what is delivered to {self._ticket.to} any more"
            ) from error
        self.already += bool(told.get("duplicate"))
        return True

    def _reply(self, record: Record) -> str:
        return f"{self._inbox}.{record.seq}" if self._ticket.acknowledged else ""

    def _command(self, record: Record) -> bytes:
        to = subject_for(self._ticket.to, record.subject)
        return command(to, marked(record, self._ticket), record.body, self._reply(record))


def marked(record: Record, ticket: Ticket) -> bytes:
    """An event's headers for a redelivery: those that it had, and what marks it as delivered once more.

    Those that the server would obey (schedules, rollups, expectations) are left out. Where there is no
    `Nats-Msg-Id`, the log's identity and the sequence make one, so that a stream keeps no retry twice.
    """
    head = without(record.head, OBEYED) if is_well_formed(record.head) else b""
    added = f"{REPLAY}: {ticket.run}\r\n"
    if header(head, b"Nats-Msg-Id") is None:
        added += f"Nats-Msg-Id: {ticket.log}-{record.seq}\r\n"
    return (head[:-2] if head else HEAD_LINE) + added.encode() + b"\r\n"
