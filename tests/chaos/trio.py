"""The three services as real processes on one log, each with a database of its own, and what strikes them."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from services.cli.demo_sealing import SeededSeal
from services.cli.population import Population
from services.cli.population_program import PROGRAM, Plan
from services.feedback.keyring import new_kek
from shared import mark as marks
from shared import migrate
from shared.log import STREAM, Log, LogTrouble
from tests.backends.tokens import TOKEN_KEY
from tests.chaos.databases import Database
from tests.chaos.lifecycles import SERVICES
from tests.chaos.process import ServiceProcess
from tests.chaos.storm import Blow, moment
from tests.tally.log import until

_PATIENCE = 120.0
Blows = dict[str, tuple[float, Blow]]


@dataclass(frozen=True)
class Place:
    """Where everything is.

    Attributes:
        nats: the log's address.
        folder: for what the services write beside their databases.
        databases: one for each service.
        keyring: the address of feedback's key ring.
    """

    nats: str
    folder: Path
    databases: Mapping[str, Database]
    keyring: str

    @property
    def kek(self) -> Path:
        """The file with the key-encryption key."""
        return self.folder / "kek"

    def prepare(self, seed: int, plan: Plan) -> Population:
        """Make the tables and the key ring; returns the people, who seal under its keys."""
        for name, database in self.databases.items():
            migrate.upgrade(name, database.url)
        self.kek.write_text(new_kek())
        seal = SeededSeal(seed, PROGRAM)
        population = Population(seed, plan, seal)
        persons = [person.id for person in population.scene.people.everybody()]
        seal.hand_over(self.keyring, self.kek, persons)
        return population

    def process(self, name: str, suffix: str = "") -> ServiceProcess:
        """A service, not running yet."""
        environment = {
            "MENTORING_NATS_URL": self.nats,
            "MENTORING_DATABASE_URL": self.databases[name].url,
            "MENTORING_KEYRING_URL": self.keyring,
            "MENTORING_KEK_FILE": str(self.kek),
            "MENTORING_TOKEN_KEY": TOKEN_KEY,
            "MENTORING_HTTP_PORT": "0",
            "MENTORING_DRIVEN": "1",
        }
        command = ("-m", f"services.{name}", "run")
        return ServiceProcess(name + suffix, self.folder / "logs", environment, command)


@dataclass
class Trio:
    """The running services. `replicas` hold a second process of each, which waits until the first is gone."""

    log: Log
    place: Place
    kills: int = 0
    _running: dict[str, ServiceProcess] = field(default_factory=dict)
    _replicas: dict[str, ServiceProcess] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._running = {name: self.place.process(name) for name in SERVICES}
        self._replicas = {name: self.place.process(name, "-replica") for name in SERVICES}

    @asynccontextmanager
    async def up(self) -> AsyncIterator[None]:
        """They run inside, and nothing of them outside."""
        for service in self._running.values():
            service.start()
        try:
            yield
        except BaseException:
            for service in self._running.values():
                print(f"--- {service.name}\n{service.last_words()}")
            raise
        finally:
            for service in (*self._running.values(), *self._replicas.values()):
                service.kill9()

    def stop(self) -> None:
        """End in an orderly way."""
        for service in self._running.values():
            service.stop()

    # -- blows --

    def blows(self, elsewhere: Blows, dice: random.Random) -> Blows:
        """These, beside those that strike `elsewhere`: first everything is killed, the rest comes in any order."""
        blows: Blows = {f"kill {name}": (5, self._struck(self.kill, name)) for name in SERVICES}
        blows["an older copy of a database"] = (4, self._struck(self.older_copy))
        first, *others = elsewhere.items()
        others += [
            ("kill all services", (2, self.kill_all)),
            ("freeze a service", (1, self._struck(self.freeze))),
            ("stop a service", (1, self._struck(self.stop_one))),
            ("a replica takes over", (2, self._struck(self.take_over))),
            ("delete the consumers", (1, self.delete_consumers)),
        ]
        dice.shuffle(others)
        return dict([*blows.items(), first, *others])

    def check(self) -> None:
        """None has ended that was not killed."""
        ended = [service.name for service in self._running.values() if not service.running]
        assert not ended, f"{ended} ended by themselves"

    def _struck(
        self, blow: Callable[[str, random.Random], Awaitable[None]], name: str | None = None
    ) -> Blow:
        async def strike(dice: random.Random) -> None:
            await blow(name or dice.choice(SERVICES), dice)

        return strike

    def _kill(self, name: str) -> None:
        self._running[name].kill9()
        self.kills += 1

    async def kill(self, name: str, dice: random.Random) -> None:
        """SIGKILL, and start it again: sometimes it is killed while it starts."""
        for _ in range(dice.choice((1, 1, 1, 2))):
            self._kill(name)
            self._running[name].start()
            await moment(dice, 2)

    async def kill_all(self, dice: random.Random) -> None:
        """All three at once, started again in any order."""
        for name in SERVICES:
            self._kill(name)
        for name in dice.sample(SERVICES, len(SERVICES)):
            self._running[name].start()
            await moment(dice, 1)

    async def stop_one(self, name: str, dice: random.Random) -> None:
        """SIGTERM, as a deployment does."""
        self._running[name].stop()
        self._running[name].start()

    async def freeze(self, name: str, dice: random.Random) -> None:
        """SIGSTOP: its connections, locks and open transactions stay."""
        self._running[name].freeze()
        await moment(dice, 5)
        self._running[name].thaw()

    async def take_over(self, name: str, dice: random.Random) -> None:
        """A second process is started beside the first, which is killed then."""
        self._replicas[name].start()
        await moment(dice, 4)
        self._kill(name)
        self._running[name], self._replicas[name] = self._replicas[name], self._running[name]

    async def older_copy(self, name: str, dice: random.Random) -> None:
        """The database as it was before the service went on takes the place of the present one."""
        self.place.databases[name].copy()
        before = await self.said()
        await moment(dice, 2)
        await until(partial(self._has_moved, name, before), f"{name} goes on", _PATIENCE)
        self._kill(name)
        self.place.databases[name].put_back()
        self._running[name].start()

    async def delete_consumers(self, dice: random.Random) -> None:
        """Somebody deletes every consumer of the stream."""
        answer = await self.log.request(f"$JS.API.CONSUMER.NAMES.{STREAM}", b"{}")
        for name in answer.get("consumers") or ():
            await self.log.request(f"$JS.API.CONSUMER.DELETE.{STREAM}.{name}", b"")

    # -- looking --

    async def said(self) -> dict[str, int]:
        """What each service has answered, by its mark."""
        found: dict[str, int] = {}

        async def readable() -> bool:
            try:
                found.update({name: (await marks.read(self.log, name, 0)).seq for name in SERVICES})
            except LogTrouble:
                return False
            return True

        await until(readable, "the marks can be read", _PATIENCE)
        return found

    async def _has_moved(self, name: str, before: Mapping[str, int]) -> bool:
        return (await self.said())[name] > before[name]

    async def moved(self, last: Mapping[str, int]) -> None:
        """Return when every service has said more than when this was called, or all up to its last input."""
        before = await self.said()

        async def all_moved() -> bool:
            now = await self.said()
            return all(now[name] > before[name] or now[name] >= last[name] for name in SERVICES)

        await until(all_moved, "every service moves again", _PATIENCE)
