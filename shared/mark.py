"""The mark: what a service has said, kept in the log itself, and the fence of every batch.

It is one message per service and partition, rewritten under its expected sequence with each batch, so that
the answers of an input and the word that they are said enter the log together or not at all.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass

from shared.log import Fenced, Log, Message

_TRIES = 20


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark as it stands in the log.

    Attributes:
        at: its own sequence in the stream; 0 when it was never written.
        seq: the last input that is answered.
        owner: who wrote it.
    """

    at: int = 0
    seq: int = 0
    owner: str = ""


def subject(service: str, partition: int) -> str:
    """Where the mark of a service's partition stands."""
    return f"mentoring-mark.{service}.{partition}"


async def read(log: Log, service: str, partition: int) -> Mark:
    """The mark as a read sees it; only a write under its sequence proves that it is the newest."""
    found = await log.last(subject(service, partition))
    if found is None:
        return Mark()
    at, body = found
    mark = told(at, body)
    return mark or await _behind(log, subject(service, partition), at)


async def _behind(log: Log, subject: str, at: int) -> Mark:
    """The newest mark behind something that is none: whoever reaches NATS can write there, and nobody delete it."""
    mark = Mark(at)
    async for entries in log.read([subject], until=at):
        for entry in entries:
            mark = told(at, entry.body) or mark
    return mark


def told(at: int, body: bytes) -> Mark | None:
    """What a mark's bytes say; None when they are none."""
    try:
        said = json.loads(body)
        seq, owner = said["seq"], said["owner"]
    except (ValueError, TypeError, KeyError):
        return None
    fits = type(seq) is int and seq >= 0 and isinstance(owner, str)
    return Mark(at, seq, owner) if fits else None


def message(service: str, partition: int, before: Mark, seq: int, owner: str) -> Message:
    """The message that moves a mark to `seq`, refused unless `before` is still the newest."""
    body = {"seq": seq, "owner": owner, "nonce": uuid.uuid4().hex}
    headers = {"Nats-Rollup": "sub", "Nats-Expected-Last-Subject-Sequence": str(before.at)}
    return Message(subject(service, partition), json.dumps(body).encode(), headers)


async def claim(log: Log, service: str, partition: int, owner: str) -> Mark:
    """Rewrite the mark in the owner's name: fences every older owner, and is the one linearizable read.

    Raises:
        Fenced: another owner claims all the time.
        LogTrouble: the log did not answer.
    """
    fence = Fenced(0, "another owner claims all the time")
    for _ in range(_TRIES):
        before = await read(log, service, partition)
        try:
            at = await log.send(message(service, partition, before, before.seq, owner))
        except Fenced as error:
            fence = error
        else:
            return Mark(at, before.seq, owner)
    raise fence


async def stands(log: Log, sent: Message) -> Mark | None:
    """The mark, when the one that stands is the one that was sent: a refused retry of what is in already."""
    found = await log.last(sent.subject)
    if found is None or found[1] != sent.body:
        return None
    told = json.loads(sent.body)
    return Mark(found[0], told["seq"], told["owner"])
