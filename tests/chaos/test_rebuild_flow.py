"""A store is rebuilt while events arrive, nothing is killed: no input is missing afterwards, none is folded or
answered twice, and the exchange changes what was planted and nothing else. How long the service paused is printed.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from services.matching.app import SERVICE as MATCHING
from shared import migrate
from shared.events.envelope import Event
from shared.events.outside import Accepted
from shared.log import Log
from shared.store import Store
from shared.transaction import positions_of
from tests.chaos import truth
from tests.chaos.command import Command, Said
from tests.chaos.damage import Planted, plant
from tests.chaos.process import ServiceProcess
from tests.chaos.storm import seed_of
from tests.cli.faulty import offer
from tests.cli.say import event
from tests.lifecycle.golden import golden_log
from tests.tally.log import EVENTS, entries, open_log, publish, until

BEFORE = 2_000
"""Pairs of inputs in the log before anything is rebuilt."""
MENTORS = 1_500
TOGETHER = 1
PACE = 0.02
"""So many pairs of inputs are published together, and seconds between them."""


def pair(n: int) -> list[Event]:
    """The n-th two inputs: one changes a row, the other is refused, which is said."""
    refused = Accepted(proposal=f"p{n}", by="someone")
    return [offer(f"m{n % MENTORS}", n // MENTORS), event(refused, f"c{n}", n=n)]


@dataclass
class Flow:
    """What is published, at a steady pace, and when answers to it came.

    Attributes:
        said: everything, in its order.
        came: when each answer came, in seconds.
    """

    log: Log
    said: list[Event] = field(default_factory=list)
    came: list[float] = field(default_factory=list)

    async def begin(self) -> None:
        """A log that is not empty."""
        self.said = [each for n in range(BEFORE) for each in pair(n)]
        await publish(self.log, *self.said)

    @asynccontextmanager
    async def going(self) -> AsyncIterator[None]:
        """It flows inside."""
        tasks = [asyncio.create_task(work()) for work in (self._publish, self._listen)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def _publish(self) -> None:
        while True:
            n = len(self.said) // 2
            told = [each for more in range(TOGETHER) for each in pair(n + more)]
            await asyncio.shield(publish(self.log, *told))
            self.said += told
            await asyncio.sleep(PACE)

    async def _listen(self) -> None:
        reader = await self.log.reader(["mentoring.*.rejected.>"], start=1)
        try:
            while True:
                found = await reader.batch()
                self.came += [time.monotonic()] * len(found)
        finally:
            await reader.close()

    def pause(self, first: int, last: int | None = None) -> float:
        """The longest silence between two answers, in seconds, among those of these numbers."""
        came = self.came[first:last]
        return max((b - a for a, b in pairwise(came)), default=0.0)


@dataclass
class Desk:
    """The service, its store, and the command."""

    nats: str
    url: str
    folder: Path

    def __post_init__(self) -> None:
        self.url = self.url.replace("store.db", "matching.db")
        migrate.upgrade("matching", self.url)
        self.store = Store(MATCHING.tables, self.url)
        settings = {
            "MENTORING_NATS_URL": self.nats,
            "MENTORING_DATABASE_URL": self.url,
            "MENTORING_HTTP_PORT": "0",
        }
        command = ("-m", "services.matching", "run")
        self.service = ServiceProcess("matching", self.folder / "logs", settings, command)

    async def replay(self, act: str, *options: str) -> Said:
        """`mentoring replay`, of matching."""
        named = self.url.replace("matching.db", "{service}.db")
        if not named.startswith("sqlite"):
            named += f"{'&' if '?' in named else '?'}application_name={{service}}"
        command = await Command.begin(
            *("replay", act, "matching", "--reason", "it flows", "--yes", "--json"),
            *("--database", named, *options),
            environment={"HOME": str(self.folder), "MENTORING_OPERATOR": "ada"},
        )
        said = await command.end()
        assert said.code == 0, said
        return said

    def position(self) -> int:
        """How far the service has folded."""
        return max((each.seq for each in self.store.read(positions_of).values()), default=0)


async def test_no_input_is_missing_or_folded_twice_when_a_store_is_rebuilt_while_events_arrive(
    nats_url: str, database_url: str, tmp_path: Path
) -> None:
    dice = random.Random(seed_of("rebuilt while events arrive"))
    desk = Desk(nats_url, database_url, tmp_path)
    async with open_log(nats_url) as log:
        flow = Flow(log)
        await flow.begin()
        desk.service.start()
        try:
            await until(lambda: desk.position() > BEFORE, "the service is at work")
            async with flow.going():
                await until(lambda: len(flow.came) > BEFORE, "answers flow")
                wrong: set[Planted] = set()
                for program in (None, "spring", None):
                    wrong |= await asyncio.to_thread(plant, desk.store, dice)
                    await mend(desk, flow, wrong, program)
                assert not wrong
            await truth.settled(log, ["matching"])
        finally:
            desk.service.stop()
        await judge(desk, flow)
    desk.store.dispose()


async def mend(desk: Desk, flow: Flow, wrong: set[Planted], program: str | None) -> None:
    """Rebuild what is `wrong`, which it is no more afterwards; of one program, the rest stays."""
    since, said = len(flow.came), len(flow.said)
    options = ["--program", program] if program else []

    done = (await desk.replay("rebuild", "--all", "--nats", desk.nats, *options)).json

    during = len(flow.said) - said
    assert during > 0
    here = {each for each in wrong if program in {None, each[2][0]}}
    assert done["exchanged"]
    assert {(d["table"], d["kind"], tuple(d["key"])) for d in done["differences"]} == here
    wrong -= here
    await until(lambda: desk.position() > done["positions"]["0"], "the service goes on")
    await until(lambda: len(flow.came) > since + during // 2, "answers go on")
    print(
        f"  {program or 'all'}: {done['rows']} rows, {during} inputs came during the rebuild; the longest silence "
        f"between two answers: {flow.pause(since) * 1000:.0f} ms, before: {flow.pause(BEFORE, since) * 1000:.0f} ms"
    )
    await desk.replay("drop")


async def judge(desk: Desk, flow: Flow) -> None:
    """Every input is in the log, folded and answered once; the rows are those that the log leads to."""
    told = await truth.told(flow.log, "matching")
    truth.published_all(told, flow.said)
    truth.nothing_said_twice(told)
    truth.answered_in_order(told)
    truth.each_answered_once(told, frozenset({"accepted"}))
    assert desk.position() == told.inputs[-1].seq
    folded = golden_log.digest_of(MATCHING, await entries(flow.log, EVENTS))
    assert desk.store.digest() == folded
