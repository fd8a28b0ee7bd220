"""Lines that other systems hand in: each holds one CloudEvent, and is good or says why not."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from shared.events.envelope import Event, InvalidEvent, decode

BATCH = 500
_BLOCK = 1 << 18
_BOM = b"\xef\xbb\xbf"
_CONFIDENTIAL = frozenset({"submitted", "noted", "preferred", "erased", "volunteered"})


@dataclass(frozen=True, slots=True)
class Good:
    """A line that may be published."""

    number: int
    event: Event


@dataclass(frozen=True, slots=True)
class Bad:
    """A line that may not: the field (a JSON Pointer), the rule that it breaks, and the line itself."""

    number: int
    field: str
    rule: str
    line: bytes

    def __str__(self) -> str:
        """The words for people; never the value, which may be confidential."""
        place = f"{self.field}: " if self.field else ""
        return f"line {self.number}: {place}{self.rule}"


def check(number: int, line: bytes) -> Good | Bad | None:
    """Read one line; None when it is blank."""
    text = line.removeprefix(_BOM).strip() if number == 1 else line.strip()
    if not text:
        return None
    try:
        event = decode(text)
        refuse_what_is_not_theirs(event)
    except InvalidEvent as error:
        return Bad(number, error.field, error.rule, line)
    return Good(number, event)


def refuse_what_is_not_theirs(event: Event) -> None:
    """Other systems say what is theirs to say, in their own name.

    Raises:
        InvalidEvent: the event is a service's, an operator's or a timer's, enters only by an API, or its
            source is one of ours.
    """
    if event.word in _CONFIDENTIAL:
        raise InvalidEvent(
            "/type", f"{event.word} is confidential and enters only by a service's API"
        )
    if event.data.OWNER != "outside":
        owner = "services" if event.data.OWNER == "judge" else event.data.OWNER
        raise InvalidEvent("/type", f"{event.word} is not for other systems to say ({owner})")
    if event.source == "/mentoring" or event.source.startswith("/mentoring/"):
        raise InvalidEvent("/source", "/mentoring/… names our own services: use your system's URI")


async def blocks(file: BinaryIO) -> AsyncIterator[bytes]:
    """What the file holds, as it arrives: a pipe's slow writer is not waited for."""
    if not _can_be_waited_for(file):
        while block := file.read(_BLOCK):
            yield block
        return
    stream = asyncio.StreamReader(limit=_BLOCK)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), file)
    try:
        while block := await stream.read(_BLOCK):
            yield block
    finally:
        transport.close()


def _can_be_waited_for(file: BinaryIO) -> bool:
    """A pipe, a socket or a terminal; files and devices such as /dev/null are always ready."""
    mode = os.fstat(file.fileno()).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or file.isatty()


async def numbered(file: BinaryIO) -> AsyncIterator[list[tuple[int, bytes]]]:
    """The lines with their numbers from 1, in lists of at most 500, as they arrive."""
    rest, number = bytearray(), 0
    async for block in blocks(file):
        first, *others = block.split(b"\n")
        rest += first
        if not others:
            continue
        lines = [bytes(rest), *others[:-1]]
        rest = bytearray(others[-1])
        for chunk in _chunks(list(enumerate(lines, number + 1))):
            yield chunk
        number += len(lines)
    if rest:
        yield [(number + 1, bytes(rest))]


def open_lines(name: str) -> BinaryIO:
    """The file of this name; `-` is what comes in.

    Raises:
        OSError: there is none, or it cannot be read.
    """
    if name != "-":
        return open(name, "rb")  # noqa: PTH123 - the caller closes
    if sys.stdin is None:
        raise OSError(errno.EBADF, "standard input is closed")
    return sys.stdin.buffer


def _chunks(lines: list[tuple[int, bytes]]) -> Iterator[list[tuple[int, bytes]]]:
    for start in range(0, len(lines), BATCH):
        yield lines[start : start + BATCH]
