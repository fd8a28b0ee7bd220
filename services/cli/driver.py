"""Driven time: publishes what people do and what timers bring in the order of event time.

The services store their timers without a schedule (MENTORING_DRIVEN=1). The driver reads them from the log,
lays them beside what people mean to do, takes the earliest, publishes, and waits until every service has
folded all that it reads and nothing more is said; only then does it look for what comes next.

What falls into the same few hours is published together, one atomic batch for each service that would answer
it: a quarter of the batches that single instants would need. Within a batch every service folds in the order
of the log, and only one of them answers, so how the three interleave changes nothing: the same seed leads to
the same events, in the same order for each service. Scheduling comes first, because its deadlines are the
finest (a reminder an hour ahead is silent once the meeting has begun); what the others answer may be stated
as much as those few hours late.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from services.cli.output import Failure
from services.cli.population_chance import Intent
from shared.entry import Entry
from shared.events.envelope import HEADERS, Event, decode, encode
from shared.events.system import Due
from shared.fold import reads
from shared.log import Log, Message
from shared.reader import Reader
from shared.service import Service

SOURCE = "/mentoring/demo"
TOGETHER = timedelta(hours=6)
LARGEST = 500
PATIENCE = 60.0
_LOOK = 0.002
"""Seconds between two looks at the positions."""

ANSWERED_BY: Mapping[str, str] = {
    "offered": "matching",
    "available": "matching",
    "preferred": "matching",
    "requested": "matching",
    "accepted": "matching",
    "declined": "matching",
    "agreed": "scheduling",
    "moved": "scheduling",
    "cancelled": "scheduling",
    "attended": "scheduling",
    "submitted": "feedback",
    "progressed": "feedback",
    "noted": "feedback",
    "volunteered": "feedback",
}
"""The one service that may answer such an event at once; others (opened, withdrawn, left, erased) go alone."""


class People(Protocol):
    """Who acts on what the log brings."""

    def begin(self) -> Iterable[Intent]:
        """What they mean to do unasked."""

    def hear(self, event: Event) -> Iterable[Intent]:
        """What they mean to do about an event."""


@dataclass(frozen=True, slots=True, order=True)
class Item:
    """Something that is due: a timer of a service, or somebody's intention. Ordered by time, then by name."""

    at: datetime
    name: str
    intent: Intent | None = field(default=None, compare=False)


class Agenda:
    """What lies ahead, the earliest first. A timer's later statement replaces the earlier one."""

    def __init__(self) -> None:
        self._heap: list[Item] = []
        self._timers: dict[str, tuple[datetime, bytes]] = {}

    def set_timer(self, entry: Entry) -> None:
        """A service waits for an instant."""
        due = decode(entry.body)
        if isinstance(due.data, Due):
            self._timers[entry.subject] = (due.data.at, entry.body)
            heapq.heappush(self._heap, Item(due.data.at, entry.subject))

    def add(self, intents: Iterable[Intent]) -> None:
        """Somebody means to do something."""
        for intent in intents:
            heapq.heappush(self._heap, Item(intent.at, intent.id, intent))

    def take(self, span: timedelta, until: datetime) -> list[Item]:
        """What falls into a span from the earliest on; nothing behind `until`."""
        taken: list[Item] = []
        while self._heap and self._heap[0].at <= until:
            if taken and self._heap[0].at >= taken[0].at + span:
                break
            taken.append(heapq.heappop(self._heap))
        return taken

    def timer(self, item: Item) -> bytes | None:
        """The `due` of a timer as it was set last; None when it was set to another instant, or has come."""
        at, body = self._timers.get(item.name, (None, b""))
        if at != item.at:
            return None
        del self._timers[item.name]
        return body


@dataclass
class Driver:
    """Drives one program through the services.

    Args:
        log: where to publish.
        services: those that have to keep up.
        positions: what each has folded, by name: a sequence of the log.
        people: who acts.
        program: its id.
        told: hears every event that was published or answered, in the order of the log.
    """

    log: Log
    services: Sequence[Service]
    positions: Callable[[], Mapping[str, int]]
    people: People
    program: str
    told: Callable[[Entry, Event], None]
    now: datetime | None = None
    batches: int = 0

    def __post_init__(self) -> None:
        self.agenda = Agenda()
        self._reads = {service.name: reads(service) for service in self.services}
        self._expected = dict.fromkeys(self._reads, 0)
        self._seen = 0
        self._heard: list[Event] = []

    async def run(self, until: datetime) -> None:
        """Let everything happen that lies before `until`.

        Raises:
            Failure: a service does not keep up.
        """
        reader = await self.log.reader([">"])
        try:
            await self._settle(reader)
            self.agenda.add(self.people.begin())
            while items := self.agenda.take(TOGETHER, until):
                self.now = items[0].at
                for group in grouped(items):
                    await self._publish(group)
                    await self._settle(reader)
        finally:
            await reader.close()

    async def _publish(self, items: Sequence[Item]) -> None:
        messages = [message for item in items if (message := self._message(item)) is not None]
        for start in range(0, len(messages), LARGEST):
            await self.log.send_batch(messages[start : start + LARGEST])
            self.batches += 1

    def _message(self, item: Item) -> Message | None:
        if item.intent is None:
            body = self.agenda.timer(item)
            return None if body is None else Message(decode(body).subject, body, HEADERS)
        data = item.intent.say()
        if data is None:
            return None
        event = Event(item.intent.id, SOURCE, self.program, item.intent.key, item.at, data)
        return Message(event.subject, encode(event), {**HEADERS, "Nats-Msg-Id": event.id})

    # -- waiting until nothing moves --

    async def _settle(self, reader: Reader) -> None:
        """Wait until all services have folded what they read, and all that they said has been heard."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while True:
            for entry in await reader.batch(wait=_LOOK):
                self._hear(entry)
                deadline = asyncio.get_running_loop().time() + PATIENCE
            if not self._behind() and (await self.log.info()).last_seq <= self._seen:
                break
            if asyncio.get_running_loop().time() > deadline:
                raise Failure(f"nothing has moved for {PATIENCE:g} s: {self._lag()}")
        heard, self._heard = self._heard, []
        for event in heard:
            self.agenda.add(self.people.hear(event))

    def _hear(self, entry: Entry) -> None:
        self._seen = entry.seq
        if entry.subject.startswith("mentoring-timer."):
            self.agenda.set_timer(entry)
        elif entry.subject.startswith("mentoring."):
            self._expect(entry)
            event = decode(entry.body)
            self._heard.append(event)
            self.told(entry, event)

    def _expect(self, entry: Entry) -> None:
        for name, words in self._reads.items():
            if entry.word in words and entry.said_by != name:
                self._expected[name] = entry.seq

    def _behind(self) -> bool:
        positions = self.positions()
        return any(positions[name] < seq for name, seq in self._expected.items())

    def _lag(self) -> str:
        positions = self.positions()
        return ", ".join(
            f"{name} has folded {positions[name]} of {seq}" for name, seq in self._expected.items()
        )


def grouped(items: Iterable[Item]) -> list[list[Item]]:
    """Items that may be published together, by the service that answers them; the others one by one."""
    groups: dict[str, list[Item]] = {"scheduling": [], "feedback": [], "matching": []}
    alone: list[list[Item]] = []
    for item in items:
        name = _answered_by(item)
        if name is None:
            alone.append([item])
        else:
            groups[name].append(item)
    return [*(group for group in groups.values() if group), *alone]


def _answered_by(item: Item) -> str | None:
    if item.intent is None:
        return item.name.split(".", 2)[1]
    return ANSWERED_BY.get(item.intent.word)
