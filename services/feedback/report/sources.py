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
    digest, usual = hashlib.sha256(), _usual(collector.program)
    blocks = _ahead(_wholes(path, digest, tell))
    first, _, pending = next(blocks).partition(b"\n")
    head = decode_head(first)
    for block in blocks:
        try:
            _hand(pending.split(b"\n"), collector, usual)
        except orjson.JSONDecodeError as error:
            raise BadArchive("a line is no JSON") from error
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


def _hand(lines: Iterable[bytes], collector: Collector, usual: re.Pattern[bytes]) -> None:
    """Hand over the events that are counted; of most others only the subject is looked at."""
    take, loads = collector.take, orjson.loads
    for line in lines:
        found = usual.match(line)
        if found is None:
            _hand_other(line, collector)
            continue
        seq, word, key, stored, speaker = found.groups()
        body = line[found.end() : -1]
        said_by = None if speaker is None else speaker.decode()
        take(word.decode(), key.decode(), int(seq), loads(body), said_by, int(stored))


def _hand_other(line: bytes, collector: Collector) -> None:
    """Hand over what is written otherwise, if it may be counted."""
    begin = line.find(_SUBJECT, 0, _NEAR) + len(_SUBJECT)
    if begin >= len(_SUBJECT):
        name, _, rest = line[begin : begin + _NAMES].partition(b".")
        if name != collector.program.encode() or rest.partition(b".")[0] not in _WORDS:
            return
    if line:
        collector.add((seen(decode(line)),))


def _usual(program: str) -> re.Pattern[bytes]:
    """A line up to its body, of an event of this program that is counted, as the export writes nearly all of them.

    It has the headers that services and APIs write, as they write them. A third of what parsing the line takes.
    """
    words = b"|".join(sorted(_WORDS - {REFUSED.encode()}))
    return re.compile(
        rb'\{"seq":([0-9]+),"subject":"mentoring\.%b\.(%b)\.([A-Za-z0-9_-]+)","stored":([0-9]+),'
        rb'"headers":"(?:Content-Type: application/cloudevents\+json\\r\\n)?'
        rb"(?:Mentoring-Cause: [0-9]{1,19}\\r\\nMentoring-Service: ([a-z]+)\\r\\n)?"
        rb'(?:Nats-Msg-Id: [A-Za-z0-9-]+\\r\\n)?","body":(?=")'
        % (re.escape(program).encode(), words)
    )


_WORDS = frozenset(word.encode() for word in WORDS)
