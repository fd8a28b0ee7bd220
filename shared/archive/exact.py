"""Reading events of the log with the bytes that the server stores, header block and all."""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import NamedTuple

from shared.archive.lines import Record, exact
from shared.delivery import Delivered
from shared.entry import Entry
from shared.log import STREAM, Log
from shared.reader import REPLAY_PULL, Reader, ReaderLost

_DOTS = 3
_TRIES, _PAUSE = 20, 0.25


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events: all, unless told otherwise.

    Attributes:
        program, word, key: only these.
        since: only from this sequence, or from what was stored at this instant, on.
        until: only what stands before this sequence, or was stored before this instant.
    """

    program: str | None = None
    word: str | None = None
    key: str | None = None
    since: int | datetime | None = None
    until: int | datetime | None = None

    @property
    def filter(self) -> str:
        """Their subjects."""
        return f"mentoring.{self.program or '*'}.{self.word or '*'}.{self.key or '*'}.>"

    def is_before_its_end(self, entry: Entry) -> bool:
        """Whether an event stands before the cut at the end."""
        if self.until is None:
            return True
        if isinstance(self.until, int):
            return entry.seq < self.until
        return entry.stored < nanoseconds(self.until)

    def is_before_its_beginning(self, entry: Entry) -> bool:
        """Whether an event stands before the cut at the beginning."""
        if self.since is None:
            return False
        if isinstance(self.since, int):
            return entry.seq < self.since
        return entry.stored < nanoseconds(self.since)


class Seen(NamedTuple):
    """An event twice: as every reader sees it, and to the byte."""

    entry: Entry
    record: Record


class ExactReader(Reader):
    """A reader that also keeps what it decodes: each message's subject and header block, as they came."""

    def __init__(self, log: Log) -> None:
        super().__init__(log.client, STREAM, f"exact-{uuid.uuid4().hex[:12]}", REPLAY_PULL)
        self._exact: deque[tuple[bytes, bytes]] = deque()

    async def seen(self) -> list[Seen]:
        """What has arrived, at least one event.

        Raises:
            ReaderLost: see `Reader`.
        """
        return [Seen(entry, self._record(entry)) for entry in await self.batch()]

    def _receive(self, messages: Sequence[Delivered]) -> None:
        before = len(self._arrived)
        super()._receive(messages)
        kept = len(self._arrived) - before
        given = ((subject, head) for subject, reply, head, _ in messages if _is_stored(reply))
        self._exact.extend(islice(given, kept))

    def _record(self, entry: Entry) -> Record:
        subject, head = self._exact.popleft()
        return Record(entry.seq, published(subject), entry.stored, exact(head), entry.body)


async def read(
    log: Log, wanted: Wanted, end: int, after: int = 0
) -> AsyncGenerator[Sequence[Seen], None]:
    """The wanted events up to a sequence that the log has reached, in order; cuts at their end are the caller's.

    A reader that is lost is opened again where it stood. So is one that ends before the last event that the stream's
    leader knows: another server may hold less yet.

    Raises:
        LogTrouble: the log does not answer.
        ReaderLost: it could not be read to its end, several times over.
    """
    goal, reached, tries = min(await _goal(log, wanted), end), after, 0
    while reached < goal:
        try:
            async with aclosing(_standing(log, wanted, reached)) as standing:
                async for batch in standing:
                    reached, tries = batch[-1].entry.seq, 0
                    if within := [seen for seen in batch if seen.entry.seq <= end]:
                        yield within
                    if reached >= goal:
                        return
        except ReaderLost:
            if tries >= _TRIES:
                raise
        tries += 1
        if tries > _TRIES:
            raise ReaderLost(f"the log could not be read behind {reached}")
        await asyncio.sleep(_PAUSE)


async def _goal(log: Log, wanted: Wanted) -> int:
    """The last wanted event as the stream's leader knows it; 0 when there is none."""
    found = await log.last(wanted.filter)
    last = None if found is None else await log.entry(found[0])
    return 0 if last is None or wanted.is_before_its_beginning(last) else last.seq


async def _standing(log: Log, wanted: Wanted, after: int) -> AsyncGenerator[Sequence[Seen], None]:
    """What one consumer finds behind a sequence."""
    reader = ExactReader(log)
    try:
        since = wanted.since if after == 0 and isinstance(wanted.since, datetime) else None
        start = wanted.since if isinstance(wanted.since, int) else 1
        await reader.open([wanted.filter], max(after + 1, start), since)
        left = reader.standing
        while left > 0:
            batch = await reader.seen()
            left -= len(batch)
            yield batch
    finally:
        await reader.close()


def published(subject: bytes) -> bytes:
    """A stored subject without the partition that the stream appended."""
    return subject[: subject.rindex(b".")] if subject.count(b".") > _DOTS else subject


def nanoseconds(instant: datetime) -> int:
    """An instant as the server counts it, since 1970."""
    passed = instant - datetime(1970, 1, 1, tzinfo=UTC)
    return (passed.days * 86_400 + passed.seconds) * 10**9 + passed.microseconds * 1000


def _is_stored(reply: bytes) -> bool:
    return reply.startswith(b"$JS.ACK.")
