"""Where a replay reads from: the log itself, or anything else that holds it, such as an archive."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from shared import mark as marks
from shared.catchup import Cursor, Told, own_words
from shared.entry import Entry
from shared.fitness import NotReady
from shared.log import Log
from shared.mark import Mark
from shared.one_pass import one_pass
from shared.partition import partition_of
from shared.reader import REPLAY_PULL
from shared.replay.share import Share
from shared.service import Service


class Recorded(NamedTuple):
    """What a source holds of one partition.

    Attributes:
        inputs: the partition's entries, the service's own answers among them. Where one program was asked for, others
            may stand between.
        told: the service's answers by their cause.
    """

    inputs: Cursor
    told: Told


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a log to read.

    Attributes:
        service: whose answers are told.
        partition: which one.
        after: the sequence behind which to begin.
        until: the sequence of an event, the last one that is read; of the partition, unless a program is named.
        bound: where the service's mark stands: all answers to inputs up to `until` stand before it.
        program: of this one only.
        share: of these only: others are read and passed over.
    """

    service: Service
    partition: int
    after: int
    until: int
    bound: int
    program: str | None = None
    share: Share | None = None


class Source(Protocol):
    """A log as a replay reads it.

    Attributes:
        uuid: the log's identity.
        partitions: how many it has.
        ends: its last sequence, where it does not grow; None for a log.
    """

    uuid: str
    partitions: int
    ends: int | None

    async def mark(self, service: str, partition: int) -> Mark:
        """How far a service has answered a partition."""

    async def entry(self, seq: int) -> Entry | None:
        """One entry, or None when nothing is stored there."""

    def open(self, part: Part) -> AbstractAsyncContextManager[Recorded]:
        """Read a part of it."""


class LogSource:
    """The log itself. Made by `LogSource.of`."""

    ends: int | None = None

    def __init__(self, log: Log, uuid: str, partitions: int) -> None:
        self.uuid = uuid
        self.partitions = partitions
        self._log = log

    @classmethod
    async def of(cls, log: Log) -> LogSource:
        """The log that a connection leads to.

        Raises:
            LogTrouble: it is missing or does not answer.
        """
        info = await log.info()
        return cls(log, info.uuid, info.partitions)

    async def mark(self, service: str, partition: int) -> Mark:
        """The mark as the stream's leader tells it."""
        return await marks.read(self._log, service, partition)

    async def entry(self, seq: int) -> Entry | None:
        """One entry, or None when nothing is stored there."""
        return await self._log.entry(seq)

    @asynccontextmanager
    async def open(self, part: Part) -> AsyncIterator[Recorded]:
        """Read a part: a whole partition in one pass, of one program with a consumer of its own for the answers.

        Raises:
            NotReady: nothing stands at the part's end: it is another log, or was truncated.
            LogTrouble, ReaderLost: the server does not answer, here or while reading.
        """
        last = await self._log.entry(part.until)
        if last is None:
            raise NotReady(f"the log does not hold sequence {part.until}: was it truncated?")
        reading = (
            one_pass(self._log, part.service, part.partition, part.after, part.bound)
            if part.program is None
            else self._of_program(part, part.program, last)
        )
        async with reading as (inputs, told):
            yield Recorded(inputs, told)

    @asynccontextmanager
    async def _of_program(
        self, part: Part, program: str, last: Entry
    ) -> AsyncIterator[tuple[Cursor, Told]]:
        """Its end would come in silence: the part's last entry is read whosever it is."""
        whose = last.subject.split(".")[1]
        inputs = [f"mentoring.{program}.*.*.{part.partition}"]
        if whose != program:
            inputs.append(f"{last.subject}.{partition_of(whose, self.partitions)}")
        words = sorted(own_words(part.service))
        own = [f"mentoring.{program}.{word}.*.{part.partition}" for word in words]
        own.append(marks.subject(part.service.name, part.partition))
        async with AsyncExitStack() as readers:
            cursors = []
            for filters in (inputs, own):
                reader = await self._log.reader(filters, part.after + 1, pull=REPLAY_PULL)
                readers.push_async_callback(reader.close)
                cursors.append(reader)
            yield cursors[0], Told(cursors[1], part.after, part.bound)
