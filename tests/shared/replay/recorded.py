"""A recorded log for tests of replay: the golden one, in memory and on a real server."""

import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence

from shared import mark as marks
from shared.entry import Entry
from shared.events.envelope import HEADERS, Event, decode
from shared.log import MAX_BATCH, Log, Message
from shared.partition import partition_of
from tests.lifecycle.golden import golden_log

SERVICES = golden_log.SERVICES


def golden() -> list[Entry]:
    """The golden log, numbered from 1 without gaps, as an empty log numbers it."""
    return renumbered(golden_log.read())


def renumbered(entries: Sequence[Entry]) -> list[Entry]:
    """The same entries at sequences 1, 2, 3, …; causes follow."""
    place = {entry.seq: number for number, entry in enumerate(entries, 1)}
    return [
        e._replace(seq=place[e.seq], cause=None if e.cause is None else place[e.cause])
        for e in entries
    ]


class ToldInMemory:
    """What one service said, by the cause."""

    def __init__(self, service: str, entries: Iterable[Entry]) -> None:
        self._by_cause: dict[int, list[Event]] = {}
        for entry in entries:
            if entry.said_by == service and entry.cause is not None:
                self._by_cause.setdefault(entry.cause, []).append(decode(entry.body))

    async def until(
        self, cause: int, is_own: Callable[[Entry], bool], /
    ) -> Mapping[int, Sequence[Event]]:
        del is_own
        handed = {seq: self._by_cause[seq] for seq in self._by_cause if seq <= cause}
        for seq in handed:
            del self._by_cause[seq]
        return handed


async def in_lists(entries: Sequence[Entry], length: int) -> AsyncIterator[Sequence[Entry]]:
    """The entries as a reader hands them over."""
    for start in range(0, len(entries), length):
        yield entries[start : start + length]


async def publish(log: Log, entries: Sequence[Entry], partitions: int = 1) -> None:
    """Put entries into an empty log at their own sequences, and each service's mark behind them."""
    for start in range(0, len(entries), MAX_BATCH):
        await log.send_batch([_message(entry) for entry in entries[start : start + MAX_BATCH]])
    last = max(entry.seq for entry in entries)
    for program in {entry.subject.split(".")[1] for entry in entries}:
        for service in SERVICES:
            body = {"seq": last, "owner": "test", "nonce": "n"}
            subject = marks.subject(service, partition_of(program, partitions))
            await log.send(Message(subject, json.dumps(body).encode()))


def _message(entry: Entry) -> Message:
    headers = dict(HEADERS)
    if entry.cause is not None and entry.said_by is not None:
        headers |= {"Mentoring-Cause": str(entry.cause), "Mentoring-Service": entry.said_by}
    return Message(entry.subject, entry.body, headers)
