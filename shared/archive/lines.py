"""The archive of a log: one file of zstandard-compressed JSON lines that holds its events, exact to the byte.

The first line is the head: which log, how far, and what every service had answered there. Each further line is one
event in the order of the log. The last line is the tail: counts, and the SHA-256 over all lines before it, so that
`zstdcat FILE | head -n -1 | sha256sum` says the same without this code. Timers and marks are no events.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

import orjson

FORMAT = "mentoring-log"
VERSION = 1
HEAD_LINE = b"NATS/1.0\r\n"
_END = b"\r\n"
_BATCH = re.compile(rb"(?is)(?<=\r\n)nats-batch-(?:id|sequence|commit):.*?\r\n")
_EMPTY = HEAD_LINE + _END


class BadArchive(Exception):
    """The file is no archive, or not whole: nothing of it may be believed."""


class Record(NamedTuple):
    """An event as an archive keeps it.

    Attributes:
        seq: its sequence in the stream.
        subject: without the partition that the stream appends.
        stored: when the server stored it, nanoseconds since 1970.
        head: the header block as NATS carries it, from `NATS/1.0` to the empty line; empty when there is none.
        body: the bytes that were published.
    """

    seq: int
    subject: bytes
    stored: int
    head: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class StoodMark:
    """What a service had answered of a partition at the archive's end."""

    service: str
    partition: int
    seq: int


@dataclass(frozen=True, slots=True)
class Head:
    """What an archive says before its events.

    Attributes:
        log: the identity of the log.
        partitions: how many the log has.
        end: the log's last sequence when it was exported.
        program: the only program that it holds; None: all.
        since, until: the cuts as they were asked for, as text; None where there is none.
        cut: events before the archive's beginning were left out.
        marks: what was answered at `end`; a service without a mark has never run.
    """

    log: str
    partitions: int
    end: int
    program: str | None = None
    since: str | None = None
    until: str | None = None
    cut: bool = False
    marks: Sequence[StoodMark] = ()


@dataclass(frozen=True, slots=True)
class Tail:
    """What an archive says behind its events.

    Attributes:
        events: how many it holds.
        bytes: of their bodies.
        first, last: their lowest and highest sequence; 0 when there are none.
        cut: events behind the archive's end were left out.
        words: how many of each event word.
        digest: SHA-256, in hex, over all lines before this one.
    """

    events: int
    bytes: int
    first: int
    last: int
    cut: bool
    words: Mapping[str, int] = field(default_factory=dict)
    digest: str = ""


def encode_head(head: Head) -> bytes:
    """The first line."""
    return orjson.dumps({"format": FORMAT, "version": VERSION, **asdict(head)}) + b"\n"


def decode_head(line: bytes) -> Head:
    """Read the first line.

    Raises:
        BadArchive: it is none, or of a version that this program does not know.
    """
    told = _told(line, "line 1")
    if told.pop("format", None) != FORMAT:
        raise BadArchive("line 1 does not begin an archive of a log")
    if (version := told.pop("version", None)) != VERSION:
        raise BadArchive(f"the archive has version {version}, this program reads {VERSION}")
    try:
        marks = tuple(StoodMark(**each) for each in told.pop("marks"))
        return Head(**told, marks=marks)
    except (TypeError, KeyError) as error:
        raise BadArchive("line 1: the head of the archive is not complete") from error


def encode_tail(tail: Tail) -> bytes:
    """The last line."""
    return orjson.dumps({"tail": asdict(tail)}) + b"\n"


def decode_tail(line: bytes) -> Tail:
    """Read the last line.

    Raises:
        BadArchive: it is none.
    """
    try:
        return Tail(**_told(line, "the last line")["tail"])
    except (TypeError, KeyError) as error:
        raise BadArchive("the archive is truncated: its last line is missing") from error


def encode(record: Record) -> bytes:
    """One event as a line; what is no text is kept as base64 under another name."""
    line: dict[str, Any] = {"seq": record.seq}
    _put(line, "subject", record.subject)
    line["stored"] = record.stored
    if record.head:
        _put_headers(line, record.head)
    _put(line, "body", record.body)
    return orjson.dumps(line) + b"\n"


def decode(line: bytes) -> Record:
    """Read an event's line.

    Raises:
        BadArchive: it is none.
    """
    told = _told(line, "a line")
    try:
        seq, stored = int(told["seq"]), int(told["stored"])
        return Record(seq, _get(told, "subject"), stored, _get_headers(told), _get(told, "body"))
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise BadArchive(f"a line is no event: {type(error).__name__}") from error


def seq_of(line: bytes) -> int:
    """The sequence that an event's line begins with, without reading the rest.

    Raises:
        BadArchive: it is no event's line.
    """
    try:
        if line.startswith(b'{"seq":'):
            return int(line[7 : line.index(b",", 7)])
    except ValueError:
        pass
    raise BadArchive("a line is no event: it does not begin with its sequence")


def is_well_formed(head: bytes) -> bool:
    """Whether a block is lines between `NATS/1.0` and an empty line: the server checks nothing of it."""
    return head.startswith(HEAD_LINE) and head.endswith(_END + _END)


def exact(head: bytes) -> bytes:
    """A stored header block as an archive keeps it: without the headers of the atomic batch that carried the message.

    `Nats-Batch-Id`, `-Sequence` and `-Commit` (NATS ADR-50) name that publication, and could not be published again.
    """
    if not is_well_formed(head):
        return head
    kept, dropped = _BATCH.subn(b"", head)
    return b"" if dropped and kept == _EMPTY else kept


def without(head: bytes, unwanted: Sequence[bytes]) -> bytes:
    """A header block without the lines that begin so, in lower case; empty when none is left."""
    if not is_well_formed(head):
        return head
    first, *lines = head.split(_END)[:-2]
    kept = [line for line in lines if not line.lower().startswith(tuple(unwanted))]
    if len(kept) == len(lines):
        return head
    return _END.join([first, *kept, b"", b""]) if kept else b""


def header(head: bytes, name: bytes) -> bytes | None:
    """The value of a header, the first of this name; None when there is none."""
    _, found, rest = head.partition(b"\r\n" + name + b":")
    return rest.partition(_END)[0].strip() if found else None


def _told(line: bytes, what: str) -> dict[str, Any]:
    try:
        told = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise BadArchive(f"{what} is no JSON") from error
    if not isinstance(told, dict):
        raise BadArchive(f"{what} is no JSON object")
    return told


def _put(line: dict[str, Any], name: str, value: bytes) -> None:
    try:
        line[name] = value.decode()
    except UnicodeDecodeError:
        line[f"{name}64"] = base64.b64encode(value).decode()


def _put_headers(line: dict[str, Any], head: bytes) -> None:
    """The lines of the block as one text, each with its end."""
    if is_well_formed(head):
        _put(line, "headers", head[len(HEAD_LINE) : -2])
    else:
        line["block64"] = base64.b64encode(head).decode()


def _get_headers(told: Mapping[str, Any]) -> bytes:
    if "headers" in told or "headers64" in told:
        return HEAD_LINE + _get(told, "headers") + _END
    return base64.b64decode(told.get("block64", ""), validate=True)


def _get(told: Mapping[str, Any], name: str) -> bytes:
    if name in told:
        text: str = told[name]
        return text.encode()
    return base64.b64decode(told[f"{name}64"], validate=True)
