"""A release breaks each service for some cycles in the middle of whole lifecycles; what is mended, redriven and
given up afterwards leaves stores that the log alone gives."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from shared.entry import Entry
from shared.events.envelope import Event, EventData, decode
from shared.events.matching import Paired
from shared.events.outside import Offered
from shared.events.scheduling import Met
from shared.events.system import Discarded, Redriven
from shared.fold import Fold
from shared.outcome import DeadLetter
from shared.service import Service
from shared.world import World
from tests.lifecycle.golden import golden_log as golden
from tests.lifecycle.memory import Folding, System

BROKEN: Mapping[str, type[EventData]] = {
    "matching": Offered,
    "scheduling": Paired,
    "feedback": Met,
}
"""What each service's new release cannot fold, of some keys."""
SEEDS = range(4)


@dataclass
class Release:
    """Breaks the fold of a service for the keys that chance picks, until it is mended."""

    chance: random.Random
    mended: bool = False
    bad: dict[tuple[str, str], bool] = field(default_factory=dict)

    def of(self, service: Service) -> Service:
        """The service with the bug."""
        kind = BROKEN[service.name]
        plain = service.evolves[kind]

        def evolve(world: World, event: Event) -> Any:
            place = service.name, event.key
            if not self.mended and self.bad.setdefault(place, self.chance.random() < 0.3):
                raise KeyError(event.key)
            return plain(world, event)

        return replace(service, evolves={**service.evolves, kind: evolve})


@dataclass
class Scene:
    """The golden program, run again with the broken release."""

    seed: int
    system: System = field(default_factory=System)

    def __post_init__(self) -> None:
        self.release = Release(random.Random(self.seed))
        self._said = 0
        for name, folding in self.system.foldings.items():
            service = self.release.of(folding.service)
            self.system.foldings[name] = Folding(service, Fold(service, fetch=self.system.entry))

    def run(self, outside: list[Entry]) -> None:
        """What came from outside and from timers comes again, each when the services have folded the one before."""
        for entry in outside:
            self.system.publish(decode(entry.body))
            self.system.settle()

    def held(self, name: str) -> list[DeadLetter]:
        """What a service has parked, in the order of the log."""
        rows = self.system.rows(name, DeadLetter)
        parked = [row for row in rows if (row.kind, row.state) == ("parked", "open")]
        return sorted(parked, key=lambda row: row.seq)

    def say(self, kind: Callable[..., Redriven | Discarded], name: str, letter: DeadLetter) -> None:
        """An operator says it, and everybody folds it."""
        self._said += 1
        data = kind(event=letter.event, service=name, by="op", reason="corrected")
        event = decode(self.system.log[letter.seq - 1].body)
        number = f"00000000-0000-4000-8000-{self._said:012d}"
        said = Event(number, "urn:operator", letter.program, letter.about, event.time, data)
        self.system.publish(said)
        self.system.settle()

    def redrive_all(self, name: str) -> None:
        """In the order of the log, again for those that waited, until nothing moves."""
        while letters := self.held(name):
            for letter in letters:
                if letter in self._first_of_their_keys(name):
                    self.say(Redriven, name, letter)
            if len(self.held(name)) == len(letters):
                break

    def _first_of_their_keys(self, name: str) -> list[DeadLetter]:
        firsts: dict[tuple[str, str], DeadLetter] = {}
        for letter in self.held(name):
            firsts.setdefault((letter.program, letter.about), letter)
        return list(firsts.values())


@pytest.fixture(scope="module")
def outside() -> list[Entry]:
    return [entry for entry in golden.read() if entry.said_by is None]


@pytest.fixture(params=SEEDS, ids=lambda seed: f"seed {seed}")
def scene(request: pytest.FixtureRequest, outside: list[Entry]) -> Scene:
    scene = Scene(request.param)
    scene.run(outside)
    print("broken for", sorted(place for place, bad in scene.release.bad.items() if bad))
    return scene


def test_after_all_is_redriven_each_store_is_what_the_log_says(scene: Scene) -> None:
    parked = {name: len(scene.held(name)) for name in BROKEN}
    assert sum(parked.values()) > len(BROKEN)
    scene.release.mended = True

    for name in BROKEN:
        scene.redrive_all(name)

    assert [scene.held(name) for name in BROKEN] == [[], [], []]
    assert digests(scene) == {name: scene.system.rebuilt(name).digest() for name in BROKEN}


def test_what_fails_again_changes_nothing_but_that_it_was_tried(scene: Scene) -> None:
    before = {name: scene.held(name) for name in BROKEN}

    for name in BROKEN:
        for letter in scene.held(name):
            scene.say(Redriven, name, letter)

    assert all(set(scene.held(name)) >= set(letters) for name, letters in before.items())
    scene.release.mended = True
    assert digests(scene) == {name: scene.system.rebuilt(name).digest() for name in BROKEN}


def test_after_some_is_given_up_and_the_rest_redriven_each_store_is_what_the_log_says(
    scene: Scene,
) -> None:
    chance = random.Random(scene.seed)
    scene.release.mended = True

    for name in BROKEN:
        for letter in scene.held(name):
            if chance.random() < 0.5:
                scene.say(Discarded, name, letter)
        scene.redrive_all(name)

    assert [scene.held(name) for name in BROKEN] == [[], [], []]
    assert digests(scene) == {name: scene.system.rebuilt(name).digest() for name in BROKEN}


def digests(scene: Scene) -> dict[str, str]:
    return {name: folding.digest() for name, folding in scene.system.foldings.items()}
