"""A program of the demo's people, folded in memory: no server, a second or two for some thousand events."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from datetime import datetime
from itertools import count

from services.cli.demo_run import AFTERWARDS
from services.cli.population import Population
from services.cli.population_chance import Intent
from services.cli.population_program import PROGRAM, Plan
from shared.entry import Entry
from shared.events.envelope import Event, decode
from tests.lifecycle.memory import System

SOURCE = "/mentoring/demo"


class Program:
    """What the people of a seed do, and what the three services make of it, until everything is over."""

    def __init__(self, seed: int, plan: Plan) -> None:
        self.system, self.plan = System(), plan
        self.people = Population(seed, plan, self.system.ring.seal)
        self._heard, self._nth = 0, count()
        self._ahead: list[tuple[datetime, str, int, Intent]] = []

    def run(self) -> list[Entry]:
        """The log: every event of the program."""
        self._mean(self.people.begin())
        until = self.plan.ends + AFTERWARDS
        while at := self._next(until):
            if self._ahead and self._ahead[0][0] == at:
                self._say(heapq.heappop(self._ahead)[3])
            else:
                self.system.wait(at)
            self.system.settle()
            self._listen()
        return stored(self.system.log)

    def _next(self, until: datetime) -> datetime | None:
        """The next instant at which something happens: what people mean to do goes first."""
        ahead = [self._ahead[0][0]] if self._ahead else []
        timers = min((timer.at for timer in self.system.timers.values()), default=None)
        instants = [at for at in (*ahead, timers) if at is not None and at <= until]
        return min(instants, default=None)

    def _say(self, intent: Intent) -> None:
        data = intent.say()
        if data is not None:
            self.system.publish(Event(intent.id, SOURCE, PROGRAM, intent.key, intent.at, data))

    def _listen(self) -> None:
        """People hear what is new in the log."""
        new, self._heard = self.system.log[self._heard :], len(self.system.log)
        for entry in new:
            self._mean(self.people.hear(decode(entry.body)))

    def _mean(self, intents: list[Intent]) -> None:
        for intent in intents:
            heapq.heappush(self._ahead, (intent.at, intent.id, next(self._nth), intent))


def stored(entries: Iterable[Entry]) -> list[Entry]:
    """The entries as a server would have stored them that lived in the program's time."""
    now, found = 0, []
    for entry in entries:
        now = max(now, int(decode(entry.body).time.timestamp()) * 1_000_000_000)
        found.append(entry._replace(stored=now))
    return found
