"""Outsiders who say whatever they like beside the program that goes its way: other programs played at random,
echoes of what was said before, and bytes that are no event.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.entry import Entry
from shared.events.envelope import Event, decode, due_event
from shared.events.system import Due
from shared.log import Message
from shared.world import Timer
from tests.lifecycle.memory import System
from tests.lifecycle.test_interleavings import ACTIONS, Actors

ERA = 150
"""Acts of one played program; then another begins, since in an old one everything is over."""
_NO_EVENTS = (b"not JSON", b"{}", b"[1, 2]", b"\xff\x00", b'{"specversion":"1.0"}')
_WORDS = ("requested", "attended", "submitted", "opened", "nonsense")
_MEMORY = 400

Act = Callable[[Actors], None]
_ACTS: tuple[Act, ...] = tuple(
    act for act in ACTIONS if act not in {Actors.step, Actors.poison}
)  # folding is up to the services, and bytes that are no event come from `poison` below


@dataclass
class Played(System):
    """A program of its own as its actors see it: what they hear comes from the log, what they say goes into it."""

    program: str = "acme"
    said: list[Event] = field(default_factory=list)
    heard: dict[str, list[Event]] = field(default_factory=dict)

    def publish(self, event: Event) -> int:
        """Say it in this program."""
        key = self.program if event.data.KEY == "program" else event.key
        self.said.append(replace(event, program=self.program, key=key))
        return len(self.said)

    def events(self, word: str) -> list[Event]:
        """All events of a word that were heard."""
        return self.heard.get(word, [])

    def fire(self, place: tuple[str, str, str, str]) -> None:
        """The `due` of a timer, which stays: it may come again."""
        service, program, about, name = place
        self.said.append(due_event(service, program, about, name, self.timers[place].at))

    def wait(self, until: datetime) -> None:
        """Every timer up to an instant, in the order of their instants."""
        ripe = sorted((t.at, place) for place, t in self.timers.items() if t.at <= until)
        for _, place in ripe:
            self.fire(place)
            del self.timers[place]

    def hear(self, entry: Entry) -> None:
        """Something of this program was said by a service, or a timer was set."""
        event = decode(entry.body)
        if entry.subject.startswith("mentoring-timer.") and isinstance(event.data, Due):
            _, service, _, about, name = entry.subject.split(".")
            timer = Timer(self.program, about, name, event.data.at)
            self.timers[service, self.program, about, name] = timer
        else:
            self.heard.setdefault(event.data.WORD, []).append(event)


@dataclass
class Crowd:
    """Says something beside what is asked of it; `act` never says nothing."""

    dice: random.Random
    played: list[Played] = field(default_factory=list)
    _actors: Actors | None = None
    _acts: int = 0
    _memory: list[Event] = field(default_factory=list)

    def act(self) -> list[Event | Message]:
        """What somebody of the crowd says next."""
        while True:
            match self.dice.choices(range(3), (80, 14, 6))[0]:
                case 0:
                    said = self._play()
                case 1:
                    said = self._echo()
                case _:
                    said = [self._poison()]
            if said:
                return said

    def overhear(self, event: Event) -> None:
        """Remember some of what outsiders say."""
        if len(self._memory) < _MEMORY:
            self._memory.append(event)
        elif self.dice.random() < 0.2:
            self._memory[self.dice.randrange(_MEMORY)] = event

    def hear(self, entry: Entry, program: str) -> None:
        """Something was said in a program, or a timer of it was set. Only services are listened to."""
        if entry.said_by is None and not entry.subject.startswith("mentoring-timer."):
            return
        for played in self.played:
            if played.program == program:
                played.hear(entry)

    def fire_all(self, until: datetime) -> list[Event]:
        """The timers of all played programs, in the order of each."""
        for played in self.played:
            played.wait(until)
        return [event for played in self.played for event in self._take(played)]

    def _play(self) -> list[Event | Message]:
        if self._actors is None or self._acts >= ERA:
            self._actors = self._new_actors()
            self._acts = 0
        self._acts += 1
        actors = self._actors
        actors.pick(*_ACTS)(actors)
        return [*self._take(self.played[-1])]

    def _new_actors(self) -> Actors:
        played = Played(program=f"acme{len(self.played)}")
        self.played.append(played)
        actors = Actors(random.Random(self.dice.getrandbits(64)), system=played)
        actors.open()
        for _ in range(6):
            actors.offer()
            actors.available()
        return actors

    def _take(self, played: Played) -> list[Event]:
        said, played.said = played.said, []
        for event in said:
            self.overhear(event)
        return said

    def _echo(self) -> list[Event | Message]:
        """The same again: as a copy, stated anew, or about something else of its kind."""
        if not self._memory:
            return []
        old = self.dice.choice(self._memory)
        if isinstance(old.data, Due) or self.dice.random() < 0.5:
            return [old]
        name = str(uuid.UUID(int=self.dice.getrandbits(128), version=4))
        others = [e.key for e in self._memory if _alike(e, old)]
        key = self.dice.choice((old.key, *others[-20:]))
        return [replace(old, id=name, key=key, correlationid=None)]

    def _poison(self) -> Message:
        program = self.dice.choice(["demo", *(played.program for played in self.played)])
        subject = f"mentoring.{program}.{self.dice.choice(_WORDS)}.c{self.dice.randrange(5)}"
        return Message(subject, self.dice.choice(_NO_EVENTS))


def _alike(one: Event, other: Event) -> bool:
    return one.program == other.program and one.data.KEY == other.data.KEY == "cycle"
