"""From the log to an archive: read once, in order, with the bytes that the server stores."""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import BinaryIO

import zstandard

from shared import mark as marks
from shared.archive.lines import (
    Head,
    Record,
    StoodMark,
    Tail,
    encode,
    encode_head,
    encode_tail,
    exact,
)
from shared.archive.reading import word_of
from shared.delivery import Delivered
from shared.entry import Entry
from shared.log import STREAM, Log, LogTrouble
from shared.reader import REPLAY_PULL, Reader, ReaderLost

_LEVEL = 3
_DOTS = 3
_TRIES = 20
_FLUSH = 1 << 18
Telling = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a log goes into an archive: everything, unless told otherwise.

    Attributes:
        program: only this program.
        since: only from this sequence, or from what was stored at this instant, on.
        until: only what stands before this sequence, or was stored before this instant; the answers to one input
            are never parted, so a few more may follow.
    """

    program: str | None = None
    since: int | datetime | None = None
    until: int | datetime | None = None

    @property
    def filter(self) -> str:
        """The subjects of its events."""
        return f"mentoring.{self.program or '*'}.*.*.>"

    def is_before(self, entry: Entry) -> bool:
        """Whether an event stands before the cut at the end."""
        if self.until is None:
            return True
        if isinstance(self.until, int):
            return entry.seq < self.until
        return entry.stored < nanoseconds(self.until)


class ExactReader(Reader):
    """A reader that also keeps what it decodes: each message's subject and header block, as they came."""

    def __init__(self, log: Log) -> None:
        super().__init__(log.client, STREAM, f"archive-{uuid.uuid4().hex[:12]}", REPLAY_PULL)
        self._exact: deque[tuple[bytes, bytes]] = deque()

    async def records(self) -> list[tuple[Entry, Record]]:
        """What has arrived, at least one event.

        Raises:
            ReaderLost: see `Reader`.
        """
        return [(entry, self._record(entry)) for entry in await self.batch()]

    def _receive(self, messages: Sequence[Delivered]) -> None:
        before = len(self._arrived)
        super()._receive(messages)
        kept = len(self._arrived) - before
        given = ((subject, head) for subject, reply, head, _ in messages if _is_stored(reply))
        self._exact.extend(islice(given, kept))

    def _record(self, entry: Entry) -> Record:
        subject, head = self._exact.popleft()
        return Record(entry.seq, published(subject), entry.stored, exact(head), entry.body)


class Writer:
    """Writes an archive as it comes, and says in its last line what it came to."""

    def __init__(self, file: BinaryIO, head: Head) -> None:
        packing = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
        self._packed = packing.stream_writer(file, closefd=False)
        self._digest = hashlib.sha256()
        self._words: Counter[str] = Counter()
        self._lines: list[bytes] = []
        self._size = 0
        self.tail = Tail(0, 0, 0, 0, cut=False)
        self._line(encode_head(head))

    def write(self, record: Record) -> None:
        """The next event."""
        tail = self.tail
        self._words[word_of(record.subject)] += 1
        self.tail = Tail(
            tail.events + 1,
            tail.bytes + len(record.body),
            tail.first or record.seq,
            record.seq,
            tail.cut,
        )
        self._line(encode(record))

    def end(self, *, cut: bool) -> Tail:
        """Write the last line; the archive is whole then."""
        self._flush()
        words = dict(sorted(self._words.items()))
        self.tail = replace(self.tail, cut=cut, words=words, digest=self._digest.hexdigest())
        self._packed.write(encode_tail(self.tail))
        self._packed.close()  # type: ignore[no-untyped-call]
        return self.tail

    def _line(self, line: bytes) -> None:
        self._lines.append(line)
        self._size += len(line)
        if self._size >= _FLUSH:
            self._flush()

    def _flush(self) -> None:
        block = b"".join(self._lines)
        self._lines, self._size = [], 0
        self._digest.update(block)
        self._packed.write(block)


async def export(log: Log, file: BinaryIO, wanted: Wanted, tell: Telling | None = None) -> Tail:
    """Write the events that stand in the log now, as far as they are wanted.

    Args:
        log: the connection.
        file: where the archive goes.
        wanted: what of it.
        tell: hears the sequence reached and the last one, now and then.

    Raises:
        LogTrouble: the log has no identity yet, or does not answer.
        ReaderLost: it could not be read to its end, several times over.
        OSError: the file cannot be written.
    """
    head = await _head(log, wanted)
    writer = Writer(file, head)
    last: Entry | None = None
    cut = False
    async for batch in _read(log, wanted, head.end):
        for entry, record in batch:
            if not wanted.is_before(entry) and not _belongs(entry, last):
                cut = True
                break
            writer.write(record)
            last = entry
        if tell is not None:
            tell(batch[-1][0].seq, head.end)
        if cut:
            break
    return writer.end(cut=cut)


def published(subject: bytes) -> bytes:
    """A stored subject without the partition that the stream appended."""
    return subject[: subject.rindex(b".")] if subject.count(b".") > _DOTS else subject


def nanoseconds(instant: datetime) -> int:
    """An instant as the server counts it, since 1970."""
    passed = instant - datetime(1970, 1, 1, tzinfo=UTC)
    return (passed.days * 86_400 + passed.seconds) * 10**9 + passed.microseconds * 1000


def _is_stored(reply: bytes) -> bool:
    return reply.startswith(b"$JS.ACK.")


def _belongs(entry: Entry, last: Entry | None) -> bool:
    """Whether an event answers what the one before it answers, too."""
    return (
        last is not None
        and entry.cause is not None
        and (entry.cause, entry.said_by) == (last.cause, last.said_by)
    )


async def _head(log: Log, wanted: Wanted) -> Head:
    before = await _marks(log)
    info = await log.info()
    if not info.uuid:
        raise LogTrouble("the log has no identity: run `mentoring log apply`")
    after = await _marks(log)
    return Head(
        log=info.uuid,
        partitions=info.partitions,
        end=info.last_seq,
        program=wanted.program,
        since=_text(wanted.since),
        until=_text(wanted.until),
        cut=await _is_cut(log, wanted),
        marks=tuple(_standing(before, after, info.last_seq)),
    )


def _standing(
    before: dict[tuple[str, int], marks.Mark], after: dict[tuple[str, int], marks.Mark], end: int
) -> Iterator[StoodMark]:
    """The marks at `end`, though they move: one that has moved on says at least what the one before it said."""
    for (service, partition), mark in sorted(after.items()):
        stood = mark if mark.at <= end else before.get((service, partition))
        if stood is not None:
            yield StoodMark(service, partition, stood.seq)


async def _marks(log: Log) -> dict[tuple[str, int], marks.Mark]:
    found: dict[tuple[str, int], marks.Mark] = {}
    async for entries in log.read(["mentoring-mark.*.*"]):
        for entry in entries:
            _, service, partition = entry.subject.split(".")
            mark = marks.told(entry.seq, entry.body)
            if mark is not None and partition.isdecimal():
                found[service, int(partition)] = mark
    return found


async def _is_cut(log: Log, wanted: Wanted) -> bool:
    """Whether something of what is wanted stands before the archive's beginning."""
    if wanted.since is None:
        return False
    async for entries in log.read([wanted.filter]):
        first = entries[0]
        if isinstance(wanted.since, int):
            return first.seq < wanted.since
        return first.stored < nanoseconds(wanted.since)
    return False


async def _read(log: Log, wanted: Wanted, end: int) -> AsyncIterator[list[tuple[Entry, Record]]]:
    """The events up to `end`; a reader that is lost is opened again where it stood."""
    reached, tries = 0, 0
    while True:
        reader = ExactReader(log)
        try:
            if not await _open(reader, wanted, reached):
                return
            left = reader.standing
            while left > 0:
                batch = await reader.records()
                left -= len(batch)
                within = [pair for pair in batch if pair[0].seq <= end]
                if within:
                    reached, tries = within[-1][0].seq, 0
                    yield within
                if len(within) < len(batch):
                    return
        except ReaderLost:
            tries += 1
            if tries > _TRIES:
                raise
        else:
            return
        finally:
            await reader.close()


async def _open(reader: ExactReader, wanted: Wanted, reached: int) -> bool:
    since = wanted.since if reached == 0 and isinstance(wanted.since, datetime) else None
    start = wanted.since if reached == 0 and isinstance(wanted.since, int) else reached + 1
    await reader.open([wanted.filter], start, since)
    return reader.standing > 0


def _text(cut: int | datetime | None) -> str | None:
    return cut.isoformat() if isinstance(cut, datetime) else None if cut is None else str(cut)
