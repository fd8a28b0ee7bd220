"""Logs to archive, and the stream as its server holds it."""

from __future__ import annotations

import asyncio
import base64
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shared.archive.exact import Wanted
from shared.archive.exporting import export
from shared.archive.importing import Import
from shared.archive.lines import Tail, exact
from shared.archive.reading import Archive
from shared.catchup import own_words
from shared.entry import Entry
from shared.events.envelope import HEADERS
from shared.log import STREAM, Log, Message
from tests.lifecycle.golden import golden_log

SAYS = {name: own_words(service) for name, service in golden_log.SERVICES.items()}
ALL = Wanted()


@dataclass(frozen=True, slots=True)
class Stored:
    """A message of the stream, to the byte; of its headers without those of the batch that carried it."""

    seq: int
    subject: str
    head: bytes
    body: bytes


async def stored(log: Log, prefix: str = "mentoring.") -> list[Stored]:
    """All messages of the stream whose subjects begin so, as the server gives them one by one."""
    last, found = (await log.info()).last_seq, list[Stored | None]()
    for start in range(1, last + 1, 500):
        asked = (one(log, seq) for seq in range(start, min(start + 500, last + 1)))
        found += await asyncio.gather(*asked)
    return [each for each in found if each is not None and each.subject.startswith(prefix)]


async def one(log: Log, seq: int, stream: str = STREAM) -> Stored | None:
    """The message at a sequence, None when nothing is there."""
    body = json.dumps({"seq": seq}).encode()
    answer = await log.request(f"$JS.API.STREAM.MSG.GET.{stream}", body)
    if "error" in answer:
        return None
    told = answer["message"]
    head = exact(base64.b64decode(told.get("hdrs", "")))
    return Stored(seq, told["subject"], head, base64.b64decode(told.get("data", "")))


async def fill(log: Log, rng: random.Random, programs: int = 3, limit: int = 10_000) -> None:
    """Write the golden log into the stream as services do: in batches, with marks and timers between the events.

    It is written for several programs, one after the other; causes name the sequences that they have here, and at
    the end each service has answered everything.
    """
    places: dict[tuple[int, int], int] = {}
    last = (await log.info()).last_seq
    for copy in range(programs):
        entries = golden()[:limit]
        while entries:
            size = rng.choice([1, 1, 2, 7, 40, 300])
            messages: list[Message] = []
            for entry in entries[:size]:
                places[copy, entry.seq] = last + len(messages) + 1
                messages.append(renamed(entry, copy, places))
                if rng.random() < 0.2:
                    timer = f"mentoring-timer.matching.demo{copy}.k.n{entry.seq}"
                    messages.append(Message(timer, b"{}"))
            messages.append(Message("mentoring-mark.matching.0", b"{}", {"Nats-Rollup": "sub"}))
            last = await log.send_batch(messages)
            entries = entries[size:]


@cache
def golden() -> list[Entry]:
    """The golden log, read once."""
    return golden_log.read()


def renamed(entry: Entry, copy: int, places: Mapping[tuple[int, int], int]) -> Message:
    """A golden entry as one of the program of this number, with the sequences of this log."""
    plain = of_program(entry, copy)
    if entry.cause is None:
        return plain
    said = {
        "Mentoring-Cause": str(places[copy, entry.cause]),
        "Mentoring-Service": str(entry.said_by),
    }
    return Message(plain.subject, plain.body, {**plain.headers, **said})


def of_program(entry: Entry, copy: int) -> Message:
    """What a golden entry says, of the program of this number."""
    name = f"demo{copy}"
    _, program, word, key = entry.subject.split(".")
    before = f'"subject":"{program}/{key}"'
    key = name if key == program else key
    body = entry.body.replace(f'"program":"{program}"'.encode(), f'"program":"{name}"'.encode())
    body = body.replace(before.encode(), f'"subject":"{name}/{key}"'.encode())
    return Message(f"mentoring.{name}.{word}.{key}", body, HEADERS)


async def exported(log: Log, path: Path, wanted: Wanted = ALL) -> Tail:
    """An archive of the log at this path."""
    with path.open("wb") as file:
        return await export(log, file, wanted)


async def imported(log: Log, path: Path) -> Import:
    """The archive put into the stream."""
    work = Import(log, Archive.open(path), SAYS)
    await work.run()
    return work
