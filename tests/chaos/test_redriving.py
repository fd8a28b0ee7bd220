"""A service is killed again and again while an operator gives up what poisons it and redrives what waited."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from services.cli.dead.discarding import Discarding
from services.cli.dead.journal import Journal
from services.cli.dead.letters import Letter, held
from services.cli.dead.redriving import Redriving
from services.cli.dead.saying import Operator
from shared.log import Log
from shared.store import Store
from tests.chaos import truth
from tests.chaos.process import ServiceProcess
from tests.chaos.storm import seed_of
from tests.tally.events import progressed
from tests.tally.log import entries, open_log, publish, until
from tests.tally.service import TALLY

KEYS, WAITING, KILLS = 40, 2, 4
OPERATOR = Operator("ann", "test")


async def test_what_is_redriven_while_the_service_is_killed_is_folded_once(
    nats_url: str, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENTORING_AUDIT_LOG", str(tmp_path / "audit.jsonl"))
    settings = {"MENTORING_NATS_URL": nats_url, "MENTORING_DATABASE_URL": database_url}
    service = ServiceProcess("tally", tmp_path, {**settings, "MENTORING_DRIVEN": "1"})
    async with open_log(nats_url) as log:
        store = await poisoned(log, service, database_url)
        bad, behind = parted(held(store))
        async with killing(service, random.Random(seed_of("redriving"))):
            giving_up = Journal(store, "discard", "ann", "poison")
            await Discarding(log, store, "tally", OPERATOR, 60, giving_up).carry_out(bad)
            trying = Journal(store, "redrive", "ann", "mended")
            work = Redriving(log, store, "tally", OPERATOR, 60, trying)
            await work.carry_out(await work.plan(behind))
        await truth.settled(log, ["tally"], driven=True)
        service.stop()

        assert [each.became.state for each in work.tries] == ["folded"] * KEYS * WAITING
        assert held(store) == []
        assert len(await entries(log, "mentoring.*.discarded.*.>")) == KEYS
        assert len(await entries(log, "mentoring.*.redriven.*.>")) == KEYS * WAITING
        truth.nothing_said_twice(await truth.told(log, "tally"))
        assert await truth.rebuilt_digest(log, TALLY, tmp_path) == store.digest()
        store.dispose()


async def poisoned(log: Log, service: ServiceProcess, url: str) -> Store:
    """A store in which every key is held by an event that raises, and others wait behind it."""
    service.start()
    for n in range(KEYS):
        told = [progressed(f"c{n}", float(m), n=f"{n}-{m}") for m in range(1, WAITING + 1)]
        await publish(log, progressed(f"c{n}", 666, n=f"bad{n}"), *told)
    await truth.settled(log, ["tally"], driven=True)
    store = Store(TALLY.tables, url)
    await until(lambda: len(held(store)) == KEYS * (WAITING + 1), "all of it is parked")
    return store


def parted(letters: list[Letter]) -> tuple[list[Letter], list[Letter]]:
    """What raised, and what waits behind it."""
    bad = [letter for letter in letters if letter.rule == "raised"]
    return bad, [letter for letter in letters if letter not in bad]


@asynccontextmanager
async def killing(service: ServiceProcess, chance: random.Random) -> AsyncIterator[None]:
    """Inside, the service is killed and started again."""

    async def kill() -> None:
        for _ in range(KILLS):
            await asyncio.sleep(chance.uniform(0.1, 1.0))
            service.kill9()
            service.start()

    task = asyncio.create_task(kill())
    try:
        yield
    finally:
        with suppress(asyncio.CancelledError):
            await task
