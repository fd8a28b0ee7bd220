"""Reading an archive: the whole of it checked before anything is believed, then cursors over its events."""

from __future__ import annotations

import asyncio
import hashlib
import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import zstandard

from shared.archive.lines import (
    BadArchive,
    Head,
    Record,
    Tail,
    decode,
    decode_head,
    decode_tail,
    seq_of,
)
from shared.entry import Entry, delivered_entry
from shared.partition import partition_of

_BLOCK = 1 << 17
_LONGEST = 1 << 24
"""Bytes of a line that can be one event's, base64 and all: a body may have 1 MB on the wire."""
_SUBJECT = re.compile(rb"mentoring(?:\.[^. \t\r\n]+){3}")
"""An event's: an import publishes at whatever stands there, so nothing else may, least of all a line's end."""
Telling = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that was found whole. Each call opens the file anew, so cursors are independent of each other."""

    path: Path
    head: Head
    tail: Tail

    @classmethod
    def open(cls, path: Path, tell: Telling | None = None) -> Archive:
        """Read the whole file once: every line, the order, the counts, the digest.

        Args:
            path: the file.
            tell: hears the number of compressed bytes read so far, now and then.

        Raises:
            BadArchive: it is damaged, truncated or no archive.
            OSError: it cannot be read.
        """
        return cls(path, *_check(path, tell))

    @property
    def end(self) -> int:
        """The last sequence that belongs to it: a whole one goes to the log's end."""
        return self.tail.last if self.tail.cut else self.head.end

    @property
    def identity(self) -> str:
        """The identity of the log that it makes. A whole one is the log again: its stores fit. A part is another."""
        if self.head.program is None and not (self.head.cut or self.tail.cut):
            return self.head.log
        return str(uuid.uuid5(uuid.NAMESPACE_OID, self.tail.digest))

    def records(self, after: int = 0, tell: Telling | None = None) -> Iterator[Record]:
        """The events behind a sequence, in order."""
        for line in self._lines(after, tell):
            yield decode(line)

    def entries(
        self,
        after: int = 0,
        *,
        partition: int | None = None,
        program: str | None = None,
        said_by: str | None = None,
    ) -> Iterator[Entry]:
        """The events behind a sequence as a reader of the log sees them, in order.

        Args:
            after: the sequence behind which to begin.
            partition: only of this partition.
            program: only of this program.
            said_by: only what carries this service's header.
        """
        wanted = _Programs(self.head.partitions, partition, program)
        named = None if said_by is None else f"Mentoring-Service: {said_by}".encode()
        for line in self._lines(after):
            if named is not None and named not in line and b'64":"' not in line:
                continue
            if (name := _program(line)) is not None and name not in wanted:
                continue
            record = decode(line)
            if name is None and program_of(record) not in wanted:
                continue
            entry = seen(record)
            if said_by is None or entry.said_by == said_by:
                yield entry

    def _lines(self, after: int, tell: Telling | None = None) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            lines = read_lines(file, tell)
            next(lines)
            for line in lines:
                if line.startswith(b'{"tail":'):
                    return
                if seq_of(line) > after:
                    yield line


class Cursor:
    """The events of an archive in lists, as a reader of the log gives them; unpacked in a thread."""

    def __init__(self, entries: Iterator[Entry], size: int = 1000) -> None:
        self._entries = entries
        self._size = size

    async def batch(self) -> list[Entry]:
        """The next events, at most as many as were asked for; none at the archive's end."""
        return await asyncio.to_thread(lambda: list(islice(self._entries, self._size)))


class _Programs:
    """The programs of one partition, or one program, as the server has them, in bytes: each looked up once."""

    def __init__(self, partitions: int, partition: int | None, program: str | None) -> None:
        self._partitions, self._partition = partitions, partition
        self._program = None if program is None else program.encode()
        self._known: dict[bytes, bool] = {}

    def __contains__(self, program: bytes) -> bool:
        found = self._known.get(program)
        if found is None:
            found = self._known[program] = self._has(program)
        return found

    def _has(self, program: bytes) -> bool:
        if self._program is not None and program != self._program:
            return False
        return self._partition is None or partition_of(program, self._partitions) == self._partition


def seen(record: Record) -> Entry:
    """An event as a reader of the log sees it."""
    return delivered_entry(record.seq, record.subject, record.head, record.body, record.stored)


def read_lines(file: BinaryIO, tell: Telling | None = None) -> Iterator[bytes]:
    """The decompressed lines, each with its end.

    Raises:
        BadArchive: the compressed stream is damaged or ends early.
    """
    rest = b""
    for block in read_blocks(file, tell):
        lines = (rest + block).split(b"\n")
        rest = lines.pop()
        for line in lines:
            yield line + b"\n"
        if len(rest) > _LONGEST:
            raise BadArchive("a line is longer than any event")
    if rest:
        raise BadArchive("the archive is truncated: its last line has no end")


def read_blocks(file: BinaryIO, tell: Telling | None = None) -> Iterator[bytes]:
    """The decompressed bytes as they come.

    Raises:
        BadArchive: the compressed stream is damaged or ends early.
    """
    unpacking = zstandard.ZstdDecompressor().decompressobj()
    read = 0
    while block := file.read(_BLOCK):
        read += len(block)
        if unpacking.eof:
            raise BadArchive("something stands behind the archive's end")
        try:
            unpacked = unpacking.decompress(block)
        except zstandard.ZstdError as error:
            raise BadArchive(f"the archive is damaged: {error}") from error
        if tell is not None:
            tell(read)
        yield unpacked
    if unpacking.unused_data:
        raise BadArchive("something stands behind the archive's end")
    if not unpacking.eof:
        raise BadArchive("the archive is truncated: its compressed stream does not end")


def _check(path: Path, tell: Telling | None) -> tuple[Head, Tail]:
    digest, last_line = hashlib.sha256(), b""
    counted = _Counted()
    with path.open("rb") as file:
        lines = read_lines(file, tell)
        first = next(lines, b"")
        head = decode_head(first)
        digest.update(first)
        for line in lines:
            if last_line:
                counted.take(last_line)
                digest.update(last_line)
            last_line = line
    if not last_line:
        raise BadArchive("the archive is truncated: its last line is missing")
    tail = decode_tail(last_line)
    if tail.digest != digest.hexdigest():
        raise BadArchive("the archive is damaged: its digest is not that of its lines")
    counted.compare(head, tail)
    return head, tail


class _Counted:
    """What the events of an archive come to, and that they stand in order."""

    def __init__(self) -> None:
        self.events = self.bytes = self.first = self.last = 0
        self.words: Counter[str] = Counter()

    def take(self, line: bytes) -> None:
        record = decode(line)
        if record.seq <= self.last:
            raise BadArchive(
                f"sequence {record.seq} stands behind {self.last}: the order is not the log's"
            )
        if not _SUBJECT.fullmatch(record.subject):
            raise BadArchive(
                f"what stands at sequence {record.seq} has not the subject of an event"
            )
        self.first = self.first or record.seq
        self.last = record.seq
        self.events += 1
        self.bytes += len(record.body)
        self.words[word_of(record.subject)] += 1

    def compare(self, head: Head, tail: Tail) -> None:
        """The tail says the same.

        Raises:
            BadArchive: it says something else.
        """
        for name in ("events", "bytes", "first", "last"):
            if getattr(self, name) != getattr(tail, name):
                raise BadArchive(
                    f"the archive holds {getattr(self, name)} as its {name}, and says {getattr(tail, name)}"
                )
        if self.words != tail.words:
            raise BadArchive("the archive's counts by event word are not those of its events")
        if self.last > head.end:
            raise BadArchive(f"sequence {self.last} lies behind the log's end, {head.end}")


def word_of(subject: bytes) -> str:
    """The event word that a subject names."""
    parts = subject.split(b".", 3)
    return parts[2].decode(errors="replace") if len(parts) > 2 else ""  # noqa: PLR2004 - mentoring.<program>.<word>.<key>


def program_of(record: Record) -> bytes:
    """The program that an event's subject names; outsiders can put nearly any bytes there."""
    return record.subject.split(b".", 2)[1]


def _program(line: bytes) -> bytes | None:
    """The same from an event's line, without reading the rest; None where it must be read."""
    start = line.find(b",") + 1
    if not line.startswith(b'"subject":"mentoring.', start):
        return None
    start += len(b'"subject":"mentoring.')
    name = line[start : line.index(b".", start)]
    return None if b"\\" in name else name
