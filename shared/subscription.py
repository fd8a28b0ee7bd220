"""FastStream's batch subscriber over the log, with our own loop in the place of its pull loop.

FastStream's loop dies with a partial batch, spins once a connection is closed for good and goes silent when
its consumer is deleted (measured traps 3, 4, 19). This one keeps a pull request open, hands over what has
arrived at once, and knows one way of recovering: start again. Parsing, middlewares, dependency injection,
AsyncAPI and `TestNatsBroker` stay FastStream's.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from faststream.middlewares import AckPolicy
from faststream.nats import JStream, NatsBroker, PullSub
from faststream.nats.message import NatsBatchMessage
from faststream.nats.subscriber.usecases import BatchPullStreamSubscriber
from nats.aio.msg import Msg

from shared.catchup import input_filters
from shared.entry import Entry, make_entry
from shared.fitness import NotReady
from shared.ledger import Ledger
from shared.log import STREAM, Log
from shared.reader import PULL, Reader

logger = logging.getLogger("mentoring.subscription")
LAZY_MARK = 1.0
"""Seconds that the mark may stand behind when batches bring no answers."""
_SHORTEST, _LONGEST = 0.05, 5.0


class Ownership(Protocol):
    """Who folds which partition."""

    async def wait(self, partition: int) -> None:
        """Return when this process owns the partition."""

    def owns(self, partition: int) -> bool:
        """Whether it still does."""


class LogSubscriber(BatchPullStreamSubscriber):
    """Reads one partition of the log for one ledger.

    Set up by `subscribe`; `attach` gives it what it works with before the broker starts.
    """

    _ledger: Ledger
    _mentoring_log: Log
    _ownership: Ownership
    _reader: Reader | None = None
    _in_hand: int = 0

    def attach(self, ledger: Ledger, log: Log, ownership: Ownership) -> None:
        """Give it its ledger, the log and the word on who owns the partition."""
        self._ledger, self._mentoring_log, self._ownership = ledger, log, ownership

    @property
    def pending(self) -> int:
        """Messages of the log that are not folded yet, as far as is known."""
        behind = self._reader.behind if self._reader is not None else 0
        return behind + self._in_hand

    async def _create_subscription(self) -> None:
        self.add_task(self._follow)

    async def stop(self) -> None:
        """End after the batch under way, with the mark where the position is; what only waits ends at once."""
        self.running = False
        if self._reader is not None:
            self._reader.lose("stopping")
        ending = [task for task in self.tasks if not task.done()]
        if ending and self._ledger.progress.state == "live":
            await asyncio.wait(ending, timeout=self._outer_config.graceful_timeout or 10)
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        await super().stop()

    async def _follow(self) -> None:
        """Own, start, read; on any trouble wait a little and start again, for ever."""
        try:
            await self._start_for_ever()
        finally:
            await self._ledger.close()

    async def _start_for_ever(self) -> None:
        pause = _SHORTEST
        while self.running:
            folded = self._ledger.progress.batches
            try:
                await self._ownership.wait(self._ledger.partition)
                await self._read()
                pause = _SHORTEST
            except NotReady as error:
                self._report(error, logging.ERROR)
                pause = _LONGEST
            except Exception as error:  # noqa: BLE001 - whatever it is, the only recovery is to start again
                self._report(error, logging.WARNING)
                if self._ledger.progress.batches > folded:
                    pause = _SHORTEST
            await self._ledger.rest()
            if self.running:
                await asyncio.sleep(pause * (0.5 + random.random()))  # noqa: S311 - only to spread retries
                pause = min(_LONGEST, pause * 2)

    async def _read(self) -> None:
        ledger = self._ledger
        start = await ledger.start()
        name = f"{ledger.service.name}-{ledger.partition}-{ledger.owner}"
        filters = input_filters(ledger.partition)
        self._reader = await self._mentoring_log.reader(filters, start, name=name)
        self._in_hand = 0
        try:
            await self._hand_over(self._reader)
        finally:
            await self._reader.close()
        await ledger.settle()

    async def _hand_over(self, reader: Reader) -> None:
        loop = asyncio.get_running_loop()
        settled = loop.time()
        while self.running and self._ownership.owns(self._ledger.partition):
            try:
                entries = await reader.batch(PULL, wait=LAZY_MARK)
            except Exception:
                if not self.running:
                    return
                raise
            if entries:
                self._in_hand = len(entries)
                await self.process_message(entries)
                self._in_hand = 0
            if loop.time() - settled >= LAZY_MARK:
                await self._ledger.settle()
                settled = loop.time()

    def _report(self, error: Exception, level: int) -> None:
        ledger = self._ledger
        ledger.progress.state = "waiting"
        ledger.progress.trouble = f"{type(error).__name__}: {error}"
        logger.log(
            level,
            "%s/%d starts again: %s",
            ledger.service.name,
            ledger.partition,
            ledger.progress.trouble,
        )


def subscribe(
    broker: NatsBroker, partition: int, handler: Callable[..., Any], title: str | None = None
) -> LogSubscriber:
    """Register the batch subscriber of a partition on a broker.

    Args:
        broker: FastStream's broker, made with `apply_types=False`: the ledger validates, event by event.
        partition: which part of the log.
        handler: takes the batch, a list of `Entry`; its annotation names the events for AsyncAPI.
        title: the channel's name in AsyncAPI.
    """
    made = broker.subscriber(
        f"mentoring.*.*.*.{partition}",
        stream=JStream(STREAM, declare=False),
        pull_sub=PullSub(batch_size=PULL, batch=True),
        ack_policy=AckPolicy.MANUAL,
        no_reply=True,
        parser=parse_batch,
        decoder=decode_batch,
        title=title,
    )
    # FastStream makes its subscribers in a factory that has no hook for a class of one's own.
    made.__class__ = LogSubscriber
    made(handler)
    assert isinstance(made, LogSubscriber)
    return made


async def parse_batch(messages: Sequence[Entry | Msg], original: Any = None) -> NatsBatchMessage:
    """FastStream's parser for a batch of the log; plain NATS messages come from `TestNatsBroker`."""
    del original
    entries = [each if isinstance(each, Entry) else _from_message(each) for each in messages]
    return NatsBatchMessage(
        raw_message=entries,  # type: ignore[arg-type]
        body=[entry.body for entry in entries],
        headers={},
        batch_headers=[],
        content_type="application/cloudevents+json",
    )


async def decode_batch(message: Any, original: Any = None) -> list[Entry]:
    """FastStream's decoder: the ledger decodes event by event, so that one bad body harms no other."""
    del original
    entries: list[Entry] = message.raw_message
    return entries


def _from_message(message: Msg) -> Entry:
    return make_entry(0, message.subject, message.data, message.headers)
