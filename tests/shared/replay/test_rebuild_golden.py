"""The golden log, rebuilt from a real server into real databases, gives the digests that it has in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from shared.log import Log
from shared.replay import rebuild as engine
from shared.replay.rebuild import Rebuild
from shared.replay.source import LogSource
from shared.store import Store
from tests.lifecycle.golden import golden_log
from tests.shared.replay.recorded import golden, publish
from tests.tally.log import open_log


@pytest.mark.parametrize("size", [400, engine.SIZE])
@pytest.mark.parametrize("service", golden_log.SERVICES.values(), ids=golden_log.SERVICES)
async def test_the_golden_log_is_rebuilt_to_the_digest_that_it_has_in_memory(
    nats_url: str,
    database_url: str,
    service: Any,
    size: int,
    new_sqlite_url: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(engine, "SIZE", size)
    live, store = (Store(service.tables, url) for url in (new_sqlite_url(), database_url))
    live.create_all()
    store.create_all()
    async with open_log(nats_url) as log:
        await publish(log, golden())
        async with Rebuild(service, live, store, await LogSource.of(log)) as rebuild:
            for folding in rebuild._foldings.values():
                folding.max_rows = size
            await rebuild.catch_up()
    assert store.digest() == golden_log.digest_of(service, golden())
    live.dispose()
    store.dispose()


async def test_the_effect_of_a_service_runs_for_each_folded_fact(
    nats_url: str, new_sqlite_url: Callable[[], str]
) -> None:
    """Feedback destroys the keys of who was erased; where nothing may be touched it is given no effect."""
    told: list[str] = []
    service = replace(golden_log.SERVICES["feedback"], effect=lambda event: told.append(event.word))
    live, store = (Store(service.tables, new_sqlite_url()) for _ in range(2))
    live.create_all()
    store.create_all()
    log: Log
    async with open_log(nats_url) as log:
        await publish(log, golden())
        async with Rebuild(service, live, store, await LogSource.of(log)) as rebuild:
            await rebuild.catch_up()
    assert told.count("erased") == sum(entry.word == "erased" for entry in golden())
    live.dispose()
    store.dispose()
