"""One program of an archive, collected in one pass: unpacked and digested beside, and believed when all of it is read.

`Archive.open` reads a file through before anything of it is used. A report is made at the end anyway, so here the digest
of all lines is compared then: each line is as it was written, or there is no report.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from services.feedback.report.collect import WORDS, Collector
from shared.archive.lines import BadArchive, decode, decode_head, decode_tail
from shared.archive.reading import Archive, Telling, read_blocks, seen
from shared.entry import Entry

_SUBJECT = b'"subject":"mentoring.'
_NEAR = 48
"""Bytes of a line within which the subject begins."""
_NAMES = 160
"""Bytes of a subject within which program and word end."""
_LONGEST = 1 << 24


def collect_archive(path: Path, collector: Collector, tell: Telling | None = None) -> str:
    """Hand a collector the events of an archive that its report counts.

    Args:
        path: the file.
        collector: takes them.
        tell: hears the number of compressed bytes read so far, now and then.

    Returns:
        The identity of the log that the archive makes.

    Raises:
        BadArchive: it is damaged, truncated or no archive; what was collected is of no use then.
        NotAFact: a service says what it cannot have said.
        OSError: it cannot be read.
    """
    digest = hashlib.sha256()
    blocks = _ahead(_wholes(path, digest, tell))
    first, _, pending = next(blocks).partition(b"\n")
    head = decode_head(first)
    for block in blocks:
        collector.add(_entries(pending.split(b"\n"), collector.program.encode()))
        pending = block
    tail = decode_tail(pending)
    if tail.digest != digest.hexdigest():
        raise BadArchive("the archive is damaged: its digest is not that of its lines")
    return Archive(path, head, tail).identity


def _wholes(path: Path, digest: hashlib._Hash, tell: Telling | None) -> Iterator[bytes]:
    """Blocks of whole lines, digested, and the last line by itself, which is not."""
    rest = b""
    with path.open("rb") as file:
        for block in read_blocks(file, tell):
            rest += block
            cut = rest.rfind(b"\n", 0, len(rest) - 1) + 1
            if cut:
                digest.update(rest[:cut])
                yield rest[:cut]
                rest = rest[cut:]
            elif len(rest) > _LONGEST:
                raise BadArchive("a line is longer than any event")
    yield rest


def _ahead(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The same blocks, each made by a thread while the one before it is used: unpacking holds no lock."""
    with ThreadPoolExecutor(1, "archive") as thread:
        coming = thread.submit(next, blocks, None)
        while (block := coming.result()) is not None:
            coming = thread.submit(next, blocks, None)
            yield block


def _entries(lines: Iterable[bytes], program: bytes) -> Iterator[Entry]:
    """The events of a program that are counted; of all others only the subject is looked at."""
    for line in lines:
        begin = line.find(_SUBJECT, 0, _NEAR) + len(_SUBJECT)
        if begin >= len(_SUBJECT):
            name, _, rest = line[begin : begin + _NAMES].partition(b".")
            if name != program or rest.partition(b".")[0] not in _WORDS:
                continue
        if line:
            yield seen(decode(line))


_WORDS = frozenset(word.encode() for word in WORDS)
