"""A ledger whose store's file, or whose log, is not there any more, or was written by another version."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from shared.fitness import NotReady
from shared.ledger import Ledger
from shared.log import Log
from shared.outcome import StoreTrouble
from shared.runtime import Runtime
from shared.service import Service
from shared.settings import Settings
from shared.store import Store
from tests.backends.nats_server import NatsServer
from tests.chaos.runner import TallyRuntime
from tests.tally.events import progressed
from tests.tally.log import entries, open_log, publish, until
from tests.tally.service import TALLY


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@asynccontextmanager
async def ledger(log: Log, file: Path, service: Service = TALLY) -> AsyncIterator[Ledger]:
    """A ledger on a store in this file, that has folded what is in the log."""
    store = Store(service.tables, f"sqlite:///{file}")
    store.create_all()
    made = Ledger(service, store, log)
    try:
        await made.fold(await entries(log, start=await made.start()))
        await made.settle()
        yield made
    finally:
        await made.close()
        store.dispose()


# -- the file --


async def test_a_store_whose_file_is_removed_is_trouble_until_it_is_back(
    nats_url: str, file: Path
) -> None:
    async with open_log(nats_url) as log:
        await publish(log, progressed(n=1))
        async with ledger(log, file) as made:
            aside = file.rename(file.with_name("aside.db"))
            with pytest.raises(StoreTrouble, match=r"store.db is gone while the service runs"):
                await made.settle()
            await made.rest()
            with pytest.raises(StoreTrouble, match="put it back, or start the service again"):
                await made.start()
            assert not file.exists()
            aside.rename(file)
            await made.start()
            await made.settle()


async def test_a_store_whose_file_is_replaced_is_trouble_until_the_service_is_started_again(
    nats_url: str, file: Path
) -> None:
    async with open_log(nats_url) as log:
        await publish(log, progressed(n=1))
        async with ledger(log, file) as made:
            other = file.with_name("other.db")
            other.touch()
            other.replace(file)
            with pytest.raises(StoreTrouble, match="was replaced by another file"):
                await made.settle()
            await made.rest()
            with pytest.raises(StoreTrouble, match="start the service again"):
                await made.start()
            assert file.stat().st_size == 0


@asynccontextmanager
async def running(nats_url: str, file: Path) -> AsyncIterator[Runtime]:
    runtime = TallyRuntime(TALLY, Settings(nats_url=nats_url, database_url=f"sqlite:///{file}"))
    await runtime.start()
    try:
        yield runtime
    finally:
        await runtime.stop()


async def test_a_service_whose_file_is_gone_is_not_ready(nats_url: str, file: Path) -> None:
    async with open_log(nats_url) as log, running(nats_url, file) as runtime:
        await publish(log, progressed(n=1))
        await until(lambda: not runtime.reasons(), "ready", 20)
        aside = file.rename(file.with_name("aside.db"))
        gone = "is gone while the service runs"
        await until(lambda: any(gone in why for why in runtime.reasons()), "not ready", 20)
        aside.rename(file)
        await until(lambda: not runtime.reasons(), "ready again", 20)


# -- the log --


async def test_an_empty_log_in_the_place_of_a_folded_one_is_taken_for_a_lost_one(
    nats_url: str, nats_server: NatsServer, file: Path
) -> None:
    async with open_log(nats_url) as log:
        last = await publish(log, progressed(n=1))
        async with ledger(log, file):
            pass
    async with open_log(nats_server.url) as empty:
        words = rf"is empty, and the store has folded sequence {last} .* was the log lost\?"
        with pytest.raises(NotReady, match=words) as refused:
            async with ledger(empty, file):
                pass
        assert "give tally no new store" in str(refused.value)
        await publish(empty, progressed(n=2))
        with pytest.raises(NotReady, match="connect the right log"):
            async with ledger(empty, file):
                pass


# -- the version --


async def test_a_store_of_an_older_version_names_the_rebuild_and_one_of_a_newer_the_way_back(
    nats_url: str, file: Path
) -> None:
    newer = replace(TALLY, fold_version=TALLY.fold_version + 1)
    async with open_log(nats_url) as log:
        async with ledger(log, file):
            pass
        with pytest.raises(NotReady, match="`mentoring replay rebuild tally` folds it anew"):
            async with ledger(log, file, newer):
                pass
        file.unlink()
        async with ledger(log, file, newer):
            pass
        with pytest.raises(NotReady, match=r"or take .* back with `mentoring replay undo tally`"):
            async with ledger(log, file):
                pass
