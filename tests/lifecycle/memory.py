"""The whole system in memory: a log, the three services' folds over it, and their timers.

The folds are the real ones. What a server would do is a list here, so that thousands of interleavings can be
tried: which service folds next, when a timer fires, and what others say in between, is up to the caller.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from services.feedback.app import service as feedback
from services.matching.app import SERVICE as MATCHING
from services.scheduling.app import SERVICE as SCHEDULING
from shared.digest import digest
from shared.entry import Entry
from shared.events.envelope import Event, decode, due_event, encode
from shared.fold import Fold
from shared.outcome import DeadLetter, Outcome
from shared.service import Service
from shared.world import Row, Timer, World
from tests.feedback.history import Ring

R = TypeVar("R", bound=Row)


@dataclass
class Folding:
    """One service: its fold, its world, and how far it has come."""

    service: Service
    fold: Fold
    world: World = field(default_factory=World)
    position: int = 0

    def digest(self) -> str:
        """Of all its rows."""
        return digest(self.world.rows())


@dataclass
class System:
    """A log and three services. `timers` are those the log holds, by service, program, key and name."""

    ring: Ring = field(default_factory=Ring)
    log: list[Entry] = field(default_factory=list)
    timers: dict[tuple[str, str, str, str], Timer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        services = (MATCHING, SCHEDULING, feedback(lambda: self.ring))
        self.foldings = {
            each.name: Folding(each, Fold(each, fetch=self.entry)) for each in services
        }

    def publish(self, event: Event) -> int:
        """Append an outside event; returns its sequence."""
        return self._append(event.subject, encode(event))

    def step(self, name: str) -> bool:
        """Let a service fold its next input; False when there is none."""
        folding = self.foldings[name]
        while folding.position < len(self.log):
            entry = self.log[folding.position]
            folding.position += 1
            if entry.said_by != name:
                self._answer(name, entry, _live(folding, entry))
                return True
        return False

    def settle(self) -> None:
        """Let all services fold until nothing is left."""
        while sum(self.step(name) for name in self.foldings):
            pass

    def fire(self, place: tuple[str, str, str, str]) -> None:
        """The `due` of a timer enters the log; the timer itself stays, so that it can fire again."""
        service, program, about, name = place
        event = due_event(service, program, about, name, self.timers[place].at)
        self._append(event.subject, encode(event))

    def wait(self, until: datetime) -> None:
        """Let every timer up to an instant fire, each when the one before is folded."""
        while ripe := [
            (timer.at, place) for place, timer in self.timers.items() if timer.at <= until
        ]:
            place = min(ripe)[1]
            self.fire(place)
            del self.timers[place]
            self.settle()

    def rebuilt(self, name: str) -> Folding:
        """The service's rows made from the log alone, its own answers folded at their cause."""
        service = self.foldings[name].service
        fresh = Folding(service, Fold(service, fetch=self.entry))
        told: dict[int, list[Event]] = {}
        for entry in self.log:
            if entry.said_by == name and entry.cause is not None:
                told.setdefault(entry.cause, []).append(decode(entry.body))
        for entry in self.log:
            if entry.said_by != name:
                read = fresh.fold.read(entry)
                outcome = fresh.fold.follow(fresh.world, entry, read, told.get(entry.seq, ()))
                fresh.fold.keep(fresh.world, outcome)
        return fresh

    # -- looking --

    def entry(self, seq: int) -> Entry:
        """The entry at a sequence."""
        return self.log[seq - 1]

    def events(self, word: str) -> list[Event]:
        """All events of a word, in the log's order."""
        return [decode(entry.body) for entry in self.log if entry.word == word and _parses(entry)]

    def rows(self, name: str, kind: type[R]) -> list[R]:
        """All rows of a kind of a service."""
        return [row for row in self.foldings[name].world.rows() if isinstance(row, kind)]

    def letters(self) -> list[DeadLetter]:
        """Every dead letter of every service."""
        return [letter for name in self.foldings for letter in self.rows(name, DeadLetter)]

    # -- inside --

    def _append(
        self, subject: str, body: bytes, cause: int | None = None, by: str | None = None
    ) -> int:
        seq = len(self.log) + 1
        self.log.append(Entry(seq, subject, body, cause, by))
        return seq

    def _answer(self, name: str, entry: Entry, outcome: Outcome) -> None:
        said: Iterable[tuple[Event, bytes]] = zip(outcome.answers, outcome.said, strict=True)
        for answer, body in said:
            self._append(answer.subject, body, entry.seq, name)
        for timer in outcome.timers:
            self.timers[name, timer.program, timer.about, timer.name] = timer


def _live(folding: Folding, entry: Entry) -> Outcome:
    outcome = folding.fold.live(folding.world, entry, folding.fold.read(entry))
    folding.fold.keep(folding.world, outcome)
    if outcome.folded is not None:
        folding.service.effect(outcome.folded)
    return outcome


def _parses(entry: Entry) -> bool:
    return entry.body[:1] == b"{"
