"""An operator who mends stores with `mentoring replay rebuild` while everything is being killed, the rebuild too."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import text

from shared.outcome import StoreTrouble
from shared.store import Store
from shared.transaction import positions_of
from tests.chaos.command import Command, Said
from tests.chaos.damage import Planted, plant
from tests.chaos.lifecycles import SERVICES
from tests.chaos.trio import Place

T = TypeVar("T")
_PATIENCE = 120.0
_KILLS = (1, 1, 2)
_UNDONE = 0.2


@dataclass
class Mender:
    """Plants damage in a store and has it rebuilt, until the store was exchanged.

    Attributes:
        place: where everything is.
        stores: of the services, to plant and to look.
        database: their address for the command, with {service}.
        swaps: exchanges by service.
        undone: those that were taken back.
        kills: rebuilds killed, by what they were doing.
        refused: what calls said that could not be done, by its first words.
        calls: of the command.
    """

    place: Place
    stores: Mapping[str, Store]
    database: str
    dice: random.Random
    swaps: Counter[str] = field(default_factory=Counter)
    undone: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    _took: float = 2.0

    async def mend_all(self, count: int) -> None:
        """Mend so many stores, one after the other: each service's in turn."""
        names = self.dice.sample(SERVICES, len(SERVICES))
        for number in range(count):
            await self.mend(names[number % len(names)])

    async def mend(self, name: str) -> None:
        """Plant, rebuild until exchanged, and drop what is kept; now and then take it back first."""
        planted = await self._plant(name)
        await self._rebuild(name, planted)
        if self.dice.random() < _UNDONE:
            await self._until_exchanged(name, "undo", 0)
            self.undone += 1
            await self._rebuild(name, planted)
        await self._drop(name)
        print(f"  {time.strftime('%X')} {name} was mended of {len(planted)} rows")

    async def _drop(self, name: str) -> None:
        while (said := await self._call("drop", name)) is None or said.code:
            await asyncio.sleep(0.2)

    async def _rebuild(self, name: str, planted: set[Planted]) -> None:
        """The last call shows what was planted, and nothing else: unless it was killed behind the exchange."""
        said = await self._until_exchanged(name, "rebuild", self.dice.choice(_KILLS))
        self.swaps[name] += 1
        if said is not None and said.code == 0:
            told = said.json
            assert told["exchanged"], said
            found = {(d["table"], d["kind"], tuple(d["key"])) for d in told["differences"]}
            assert found == planted, f"{name}: {found ^ planted} differ, or do not: {said}"

    async def _until_exchanged(self, name: str, act: str, kills: int) -> Said | None:
        """Call again and again; the last answer, None where that call was killed."""
        before, deadline = await self.generation(name), time.monotonic() + _PATIENCE
        said = None
        while await self.generation(name) == before:
            assert time.monotonic() < deadline, f"{act} {name} comes to no end: {said}"
            assert said is None or said.code, f"{name} was not exchanged: {said}"
            said = await self._call(act, name, killed=kills > 0)
            kills -= said is None
        return said

    # -- calls --

    async def _call(self, act: str, name: str, *, killed: bool = False) -> Said | None:
        """One call; None when it was killed. What it refuses is trouble that passes."""
        self.calls += 1
        nats = ["--nats", self.place.nats, "--all"] if act == "rebuild" else []
        command = await Command.begin(
            *("replay", act, name, "--reason", "chaos", "--yes", "--json"),
            *("--database", self.database, *nats),
            environment=self._environment(),
        )
        try:
            if killed and await self._strike(command, name):
                return None
            began = time.monotonic()
            assert await command.wait(_PATIENCE), f"{act} {name} takes longer than {_PATIENCE} s"
            said = await command.end()
        finally:
            command.kill9()
        self._judge(said, act)
        if act == "rebuild":
            self._took = (self._took + time.monotonic() - began) / 2
        return said

    def _judge(self, said: Said, act: str) -> None:
        assert said.code in {0, 2}, said
        assert "Traceback" not in said.err, said.err
        if said.code:
            words = said.err.strip().splitlines()[-1]
            self.refused[words.removeprefix("error: ")[:60]] += 1
            print(f"  {time.strftime('%X')} {act}: {words[:200]}")

    async def _strike(self, command: Command, name: str) -> bool:
        """Kill it at any moment, or when it begins to exchange; whether it was struck before it had ended."""
        what = "at work" if self.kills["exchanging"] > self.kills["at work"] else "exchanging"
        if what == "at work":
            await command.wait(1.2 * self._took * self.dice.random())
        else:
            last = await self._exchanging(name)
            while command.running and await self._exchanging(name) == last:
                await command.wait(0.005)
            await command.wait(0.15 * self.dice.random())
        if not command.running:
            return False
        command.kill9()
        await command.end()
        self.kills[what] += 1
        return True

    def _environment(self) -> Mapping[str, str]:
        return {
            "HOME": str(self.place.folder),
            "MENTORING_OPERATOR": "ada",
            "MENTORING_AUDIT_LOG": str(self.place.folder / "audit.jsonl"),
            "MENTORING_KEYRING_URL": self.place.keyring,
            "MENTORING_KEK_FILE": str(self.place.kek),
        }

    # -- the store --

    async def _plant(self, name: str) -> set[Planted]:
        while not (planted := await self._insist(lambda: plant(self.stores[name], self.dice))):
            await asyncio.sleep(0.2)
        return planted

    async def generation(self, name: str) -> int:
        """How often the store was exchanged."""
        found = await self._insist(lambda: self.stores[name].read(positions_of))
        return max((each.generation for each in found.values()), default=0)

    async def _exchanging(self, name: str) -> int | None:
        """The last act that has come so far."""
        query = text("SELECT max(id) FROM operation WHERE state = 'waiting'")
        return await self._insist(
            lambda: self.stores[name].read(lambda c: c.execute(query).scalar())
        )

    async def _insist(self, work: Callable[[], T]) -> T:
        """Ask a database that may be away for a while."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                return await asyncio.to_thread(work)
            except StoreTrouble:
                assert time.monotonic() < deadline, "the database stays away"
                await asyncio.sleep(0.1)
