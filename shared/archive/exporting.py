"""From the log to an archive: read once, in order, with the bytes that the server stores."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from typing import BinaryIO

import zstandard

from shared import mark as marks
from shared.archive.exact import Wanted, read
from shared.archive.lines import Head, Record, StoodMark, Tail, encode, encode_head, encode_tail
from shared.archive.reading import word_of
from shared.entry import Entry
from shared.log import Log, LogTrouble

_LEVEL = 3
_FLUSH = 1 << 18
Telling = Callable[[int, int], None]


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

    The answers to one input are never parted: where a cut would, the rest of them follows.

    Args:
        log: the connection.
        file: where the archive goes.
        wanted: which events.
        tell: hears the sequence reached and the last one, now and then.

    Raises:
        LogTrouble: the log has no identity yet, or does not answer.
        ReaderLost: it could not be read to its end, several times over.
        OSError: the file cannot be written.
    """
    head = await _head(log, wanted)
    writer = Writer(file, head)
    last: Entry | None = None
    async with aclosing(read(log, wanted, head.end)) as found:
        async for batch in found:
            for entry, record in batch:
                if not (wanted.is_before_its_end(entry) or _belongs(entry, last)):
                    return writer.end(cut=True)
                writer.write(record)
                last = entry
            if tell is not None:
                tell(batch[-1].entry.seq, head.end)
    return writer.end(cut=False)


def _belongs(entry: Entry, last: Entry | None) -> bool:
    """Whether an event answers what the one before it answers, too."""
    return (
        last is not None
        and entry.cause is not None
        and (entry.cause, entry.said_by) == (last.cause, last.said_by)
    )


async def _head(log: Log, wanted: Wanted) -> Head:
    if not (await log.info()).uuid:
        raise LogTrouble("the log has no identity: run `mentoring log apply`, or end the import")
    before = await _marks(log)
    info = await log.info()
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
    before: Mapping[tuple[str, int], marks.Mark],
    after: Mapping[tuple[str, int], marks.Mark],
    end: int,
) -> Iterator[StoodMark]:
    """The marks at `end`, though they move: one that has moved on says at least what the one before it said."""
    for (service, partition), mark in sorted(after.items()):
        stood = mark if mark.at <= end else before.get((service, partition))
        if stood is not None:
            yield StoodMark(service, partition, stood.seq)


async def _marks(log: Log) -> Mapping[tuple[str, int], marks.Mark]:
    """As the stream's leader knows them."""
    places = set()
    async for entries in log.read(["mentoring-mark.*.*"]):
        for entry in entries:
            _, service, partition = entry.subject.split(".")
            if partition.isdecimal():
                places.add((service, int(partition)))
    found = {place: await marks.read(log, *place) for place in places}
    return {place: mark for place, mark in found.items() if mark.owner}


async def _is_cut(log: Log, wanted: Wanted) -> bool:
    """Whether something of what is wanted stands before the archive's beginning."""
    if wanted.since is not None:
        async for entries in log.read([wanted.filter]):
            return wanted.is_before_its_beginning(entries[0])
    return False


def _text(cut: int | datetime | None) -> str | None:
    return cut.isoformat() if isinstance(cut, datetime) else None if cut is None else str(cut)
