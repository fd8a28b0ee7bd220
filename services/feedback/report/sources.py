"""One program of an archive, collected in one pass: unpacked and digested beside, and believed when all of it is read.

`Archive.open` reads a file through before anything of it is used. A report is made at the end anyway, so here the digest
of all lines is compared then: each line is as it was written, or there is no report.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson

from services.feedback.report.collect import REFUSED, WORDS, Collector
from shared.archive.lines import BadArchive, decode, decode_head, decode_tail
from shared.archive.reading import Archive, Telling, read_blocks, seen

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
        _hand(pending.split(b"\n"), collector)
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


def _hand(lines: Iterable[bytes], collector: Collector) -> None:
    """Hand over the events that are counted; of all others only the subject is looked at."""
    program, take = collector.program.encode(), collector.take
    for line in lines:
        begin = line.find(_SUBJECT, 0, _NEAR) + len(_SUBJECT)
        name, _, rest = line[begin : begin + _NAMES].partition(b".")
        word, _, rest = rest.partition(b".")
        if begin >= len(_SUBJECT) and (name != program or word not in _WORDS):
            continue
        if word != _REJECTED and (told := _usual(line)) is not None:
            key = rest.partition(b'"')[0]
            take(word.decode(), key.decode(), *told)
        elif line:
            collector.add((seen(decode(line)),))


def _usual(line: bytes) -> tuple[int, str, str | None, int] | None:
    """Sequence, body, speaker and instant of storing of an event that is written as most are; None of any other.

    It is text, and has either no header of ours or those that a service writes, as it writes them.
    """
    try:
        told = orjson.loads(line)
        headers, body = told["headers"], told["body"]
    except (ValueError, KeyError, TypeError):
        return None
    named = headers.count("Mentoring-")
    if not named:
        return told["seq"], body, None, told["stored"]
    found = _ANSWER.search(headers)
    if found is None or named != _OURS:
        return None
    return told["seq"], body, found[1], told["stored"]


_WORDS = frozenset(word.encode() for word in WORDS)
_REJECTED = REFUSED.encode()
_ANSWER = re.compile(r"(?:^|\r\n)Mentoring-Cause: [0-9]{1,19}\r\nMentoring-Service: ([a-z]+)\r\n")
_OURS = 2
"""Headers of ours that an answer has."""
