"""The program's log as `mentoring log export` writes it, without a server: an archive with sequences, headers and digest.

python -m tests.bench.feedback.archive CYCLES SEED FILE
"""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path

from shared.archive.exporting import Writer
from shared.archive.lines import Head, Record, Tail
from tests.bench.feedback.lives import drawn
from tests.bench.feedback.settings import PROGRAM, Setting
from tests.bench.feedback.words import Said, said

_CONTENT = b"NATS/1.0\r\nContent-Type: application/cloudevents+json\r\n"
_SECOND = 1_000_000_000
_TOLD = 200_000


def main() -> None:
    """Write one; say how many events are written, now and then, and in the end what they came to."""
    cycles, seed, file = sys.argv[1:]
    tail = write(Setting(int(cycles), int(seed)), Path(file), tell=True)
    print(json.dumps({"events": tail.events, "bytes": tail.bytes, "words": tail.words}))


def write(setting: Setting, path: Path, *, tell: bool = False) -> Tail:
    """Write the archive; returns what its last line says."""
    identity = str(uuid.uuid5(uuid.NAMESPACE_OID, setting.name))
    with path.open("wb") as file:
        writer = Writer(file, Head(identity, partitions=16, end=1 << 40))
        for seq, event in enumerate(said(drawn(setting)), 1):
            writer.write(_record(seq, event))
            if tell and seq % _TOLD == 0:
                print(seq, flush=True)
        return writer.end(cut=False)


def _record(seq: int, event: Said) -> Record:
    subject = f"mentoring.{PROGRAM}.{event.word}.{event.key}".encode()
    return Record(seq, subject, event.at * _SECOND, _head(seq, event.by), event.body)


def _head(seq: int, by: str) -> bytes:
    if not by:
        return _CONTENT + b"\r\n"
    return _CONTENT + b"Mentoring-Cause: %d\r\nMentoring-Service: %b\r\n\r\n" % (
        seq - 1,
        by.encode(),
    )


if __name__ == "__main__":
    main()
