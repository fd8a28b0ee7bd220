"""A whole program's life, and a crowd beside it, published in driven time while the services are being struck.

People act on what stands in the log (the demo's population, reviews sealed under a real key ring); timers fire
in the order of event time, now and then late or twice. Time stands still while a service lags: the crowd goes on
talking meanwhile.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from services.cli.driver import SOURCE, Agenda, Item
from services.cli.population import Population
from services.cli.population_program import PROGRAM
from shared import mark as marks
from shared.entry import Entry
from shared.events.envelope import HEADERS, Event, decode
from shared.events.system import Due
from shared.log import Log, LogTrouble, Message
from shared.reader import Reader, ReaderLost
from tests.chaos.crowd import Crowd
from tests.chaos.publisher import Publisher

SERVICES = ("matching", "scheduling", "feedback")
FILTERS = ("mentoring.>", "mentoring-timer.>")
NEVER = datetime(2261, 1, 1, tzinfo=UTC)
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_TOGETHER = timedelta(hours=4)
_LAG = 40
"""Sequences that a service may be behind, at least, before time stands still for it."""
_LATE, _TWICE, _SHUFFLED = 0.06, 0.04, 0.1
_TALK = 0.3
"""The crowd's share of what is said, about."""


@dataclass
class Lifecycles:
    """What flows: `run` publishes at least `total` inputs, `finish` lets every timer fire.

    Attributes:
        published: the outside events that went into the log, in order, without their copies.
        last: the last input of each service that was heard.
        seen: the last sequence that was heard.
        dues: timers that came due.
        now: the instant that driven time has reached.
    """

    log: Log
    publisher: Publisher
    population: Population
    dice: random.Random
    total: int
    published: list[Event] = field(default_factory=list)
    last: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SERVICES, 0))
    dues: int = 0
    seen: int = 0
    _reader: Reader | None = None
    now: datetime = _EVER
    _late: list[tuple[datetime, int, Message]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.agenda = Agenda()
        self.crowd = Crowd(self.dice)

    async def run(self) -> None:
        """Publish until `total` inputs are in the log."""
        self.agenda.add(self.population.begin())
        talk = 0
        while self.publisher.published < self.total:
            await self.hear()
            behind = await self.behind()
            told = [] if behind else self._in_time()
            if talk <= _TALK * self.publisher.published or not (told or behind):
                said = self.crowd.act()
                talk += len(said)
                told += said
            if self.dice.random() < _SHUFFLED:
                self.dice.shuffle(told)
            await self._publish(told)

    async def finish(self) -> bool:
        """Publish what timers were waiting; people act no more. False when there was none left."""
        items = self.agenda.take(timedelta(days=5), NEVER)
        dues = [message for item in items if (message := self._due(item)) is not None]
        late = [message for _, _, message in sorted(self._late)]
        self._late.clear()
        told: list[Event | Message] = [*late, *dues, *self.crowd.fire_all(NEVER)]
        await self._publish(told)
        return bool(told or items)

    async def hear(self) -> int:
        """Take in what is new in the log; returns how much that was."""
        try:
            if self._reader is None:
                self._reader = await self.log.reader(FILTERS, self.seen + 1)
            found = await self._reader.batch(wait=0.005)
        except (LogTrouble, ReaderLost):
            await self.deafen()
            return 0
        for entry in found:
            self._hear(entry)
        return len(found)

    async def deafen(self) -> None:
        """Stop reading, until `hear` begins anew."""
        reader, self._reader = self._reader, None
        if reader is not None:
            await reader.close()

    async def behind(self) -> bool:
        """Whether a service lags, or nobody can tell."""
        try:
            said = [(await marks.read(self.log, name, 0)).seq for name in SERVICES]
        except LogTrouble:
            return True
        lag = (self.last[name] - seq for name, seq in zip(SERVICES, said, strict=True))
        return max(lag) > max(_LAG, self.total // 60)

    # -- inside --

    async def _publish(self, told: list[Event | Message]) -> None:
        await self.publisher.publish(told)
        self.published += (each for each in told if isinstance(each, Event))

    def _hear(self, entry: Entry) -> None:
        self.seen = entry.seq
        is_timer = entry.subject.startswith("mentoring-timer.")
        if not is_timer:
            for name in SERVICES:
                if entry.said_by != name:
                    self.last[name] = entry.seq
        program = entry.subject.split(".")[2 if is_timer else 1]
        if program != PROGRAM:
            self.crowd.hear(entry, program)
        elif is_timer:
            self.agenda.set_timer(entry)
        elif entry.said_by is not None:
            self.agenda.add(self.population.hear(decode(entry.body)))

    def _in_time(self) -> list[Event | Message]:
        """What falls into the next few hours, and what was held back until then."""
        told: list[Event | Message] = []
        for item in self.agenda.take(_TOGETHER, NEVER):
            self.now = max(self.now, item.at)
            told += self._ring(item) if item.intent is None else self._say(item)
        return [*told, *self._held_back()]

    def _say(self, item: Item) -> Iterator[Event]:
        assert item.intent is not None
        data = item.intent.say()
        if data is not None:
            event = Event(item.intent.id, SOURCE, PROGRAM, item.intent.key, item.at, data)
            self.crowd.overhear(event)
            yield event

    def _ring(self, item: Item) -> Iterable[Message]:
        """A timer: mostly at once, now and then days late, or twice."""
        due = self._due(item)
        if due is None:
            return []
        chance = self.dice.random()
        if chance < _LATE + _TWICE:
            until = self.now + timedelta(days=self.dice.random() * 6)
            heapq.heappush(self._late, (until, self.dues, due))
        return [] if chance < _LATE else [due]

    def _due(self, item: Item) -> Message | None:
        body = self.agenda.timer(item) if item.intent is None else None
        if body is None:
            return None
        self.dues += 1
        event = decode(body)
        assert isinstance(event.data, Due)
        return Message(event.subject, body, HEADERS)

    def _held_back(self) -> Iterator[Message]:
        while self._late and self._late[0][0] <= self.now:
            yield heapq.heappop(self._late)[2]
