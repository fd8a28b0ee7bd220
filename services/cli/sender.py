"""Publishes outside events so that trying again is safe, in order and fast.

Each has its own id as `Nats-Msg-Id`. First as one atomic batch: one fsync for all, order kept, and nothing half
done. The server refuses a batch whole when it holds an id that it has seen (error 10201): then one by one,
many at a time, and the server tells of each whether it was there already.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from shared.events.envelope import HEADERS, Event, encode
from shared.log import Log, LogTrouble, Message, Refused

_WINDOW = 100
"""Publishes under way at a time; each waits for an fsync of its own."""
_SHORTEST, _LONGEST = 0.1, 2.0


class Sender:
    """Sends events to the log, again and again while there is trouble.

    Args:
        log: the connection.
        last: the log's last sequence now.
        patience: seconds of trouble after which it gives up.

    Attributes:
        stored: events that are in the log now because of this sender.
        already: events that were there already, or came twice.
        last: the highest sequence that stood in the log before, or that this sender was given.
    """

    def __init__(self, log: Log, last: int, patience: float = 60.0) -> None:
        self._log = log
        self._patience = patience
        self.stored = 0
        self.already = 0
        self.last = last

    async def send(self, events: Sequence[Event]) -> None:
        """Append all of them, in order; returns when the log has acknowledged each.

        Raises:
            LogTrouble: the log did not take them in time; sending them again is safe.
            Refused: the log refuses one of them for good.
        """
        messages = [_message(event) for event in events]
        loop = asyncio.get_running_loop()
        deadline, pause = loop.time() + self._patience, _SHORTEST
        while True:
            try:
                self._count(await self._attempt(messages))
            except LogTrouble:
                if loop.time() > deadline:
                    raise
                await asyncio.sleep(pause)
                pause = min(_LONGEST, pause * 2)
            else:
                return

    async def _attempt(self, messages: Sequence[Message]) -> Sequence[int]:
        """The sequence of each message."""
        if len(messages) == 1:
            return [await self._log.send(messages[0])]
        try:
            last = await self._log.send_batch(messages)
        except Refused:
            return await self._one_by_one(messages)
        return range(last - len(messages) + 1, last + 1)

    async def _one_by_one(self, messages: Sequence[Message]) -> Sequence[int]:
        found: list[int] = []
        for start in range(0, len(messages), _WINDOW):
            window = messages[start : start + _WINDOW]
            found += await asyncio.gather(*(self._log.send(each) for each in window))
        return found

    def _count(self, sequences: Sequence[int]) -> None:
        """The server answers a copy with the sequence of what it copies."""
        fresh = {seq for seq in sequences if seq > self.last}
        self.stored += len(fresh)
        self.already += len(sequences) - len(fresh)
        self.last = max([self.last, *fresh])


def _message(event: Event) -> Message:
    return Message(event.subject, encode(event), {**HEADERS, "Nats-Msg-Id": event.id})
