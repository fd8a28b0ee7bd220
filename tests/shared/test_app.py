"""The HTTP side that every service has: health, metrics, documentation, and what a command is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter
from sqlalchemy import text

from shared import app, runtime
from shared.log import LogTrouble
from shared.replay import operation
from shared.runtime import Runtime
from shared.settings import Settings
from shared.store import Store
from tests.backends.nats_server import NatsServer
from tests.tally.events import progressed, withdrawn
from tests.tally.live import TallyRuntime, ready, running
from tests.tally.log import open_log, publish, until
from tests.tally.service import TALLY


def router(runtime: Runtime) -> APIRouter:
    """An API with one query."""
    routes = APIRouter()

    @routes.get("/cycles")
    async def cycles() -> int:
        found: int = await runtime.read(
            lambda c: c.execute(text("SELECT count(*) FROM tally")).scalar_one()
        )
        return found

    return routes


@pytest.fixture(autouse=True)
def tables_without_history(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "Runtime", TallyRuntime)


@asynccontextmanager
async def served(nats_url: str, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(nats_url=nats_url, database_url=f"sqlite:///{folder / 't.db'}")
    made = app.build(TALLY, router, settings)
    transport = httpx.ASGITransport(app=made)
    async with (
        made.router.lifespan_context(made),
        httpx.AsyncClient(transport=transport, base_url="http://tally") as client,
    ):
        yield client


async def told(client: httpx.AsyncClient) -> dict[str, Any]:
    body: dict[str, Any] = (await client.get("/health/ready")).json()
    return body


async def is_ready(client: httpx.AsyncClient) -> bool:
    return (await client.get("/health/ready")).status_code == 200


async def test_a_service_is_live_at_once_and_ready_when_it_folds(
    nats_url: str, tmp_path: Path
) -> None:
    async with open_log(nats_url) as log, served(nats_url, tmp_path) as client:
        assert (await client.get("/health/live")).json() == {"status": "alive"}
        await until(lambda: is_ready(client), "it becomes ready")
        await publish(log, *[progressed(f"c{n}", n=n) for n in range(7)])

        async def counted() -> bool:
            return (await client.get("/cycles")).text == "7"

        await until(counted, "the API shows what was folded")
        partition = (await told(client))["partitions"][0]
        assert partition["state"] == "live"
        assert partition["inputs"] >= 7


async def test_a_service_without_a_log_is_live_and_not_ready_and_says_why(tmp_path: Path) -> None:
    async with served("nats://127.0.0.1:9", tmp_path) as client:
        assert (await client.get("/health/live")).status_code == 200
        answer = await client.get("/health/ready")
        assert answer.status_code == 503
        assert answer.json()["ready"] is False
        assert answer.json()["reasons"]


async def test_a_service_whose_log_goes_away_is_not_ready_and_comes_back(
    nats_server: NatsServer, tmp_path: Path
) -> None:
    async with open_log(nats_server.url), served(nats_server.url, tmp_path) as client:
        await until(lambda: is_ready(client), "it becomes ready")
        nats_server.kill9()

        async def unready() -> bool:
            return not await is_ready(client)

        await until(unready, "it is not ready")
        nats_server.start()
        await until(lambda: is_ready(client), "it is ready again")


async def test_acts_of_operators_that_go_on_are_told_and_do_not_make_it_unready(
    nats_url: str, tmp_path: Path
) -> None:
    async with open_log(nats_url), served(nats_url, tmp_path) as client:
        await until(lambda: is_ready(client), "it is ready")
        store = Store(TALLY.tables, f"sqlite:///{tmp_path / 't.db'}")
        operation.begin(store, "rebuild", "ada", "a bug")
        store.dispose()
        await until(lambda: names_a_rebuild(client), "the rebuild is told")
        assert (await told(client))["ready"]
        metrics = (await client.get("/metrics")).text
        assert 'mentoring_operations{kind="rebuild",service="tally",state="running"} 1.0' in metrics


async def names_a_rebuild(client: httpx.AsyncClient) -> bool:
    return [each["kind"] for each in (await told(client))["operations"]] == ["rebuild"]


async def test_metrics_and_documentation_are_there(nats_url: str, tmp_path: Path) -> None:
    async with open_log(nats_url), served(nats_url, tmp_path) as client:
        await until(lambda: is_ready(client), "it becomes ready")
        metrics = (await client.get("/metrics")).text
        assert 'mentoring_owned{partition="0",service="tally"} 1.0' in metrics
        assert "process_cpu_seconds_total" in metrics
        document = (await client.get("/asyncapi.json")).json()
        assert document["asyncapi"].startswith("3.")
        assert "progressed" in str(document)
        assert "html" in (await client.get("/asyncapi")).text.lower()
        assert "html" in (await client.get("/docs")).text.lower()
        assert "/cycles" in (await client.get("/openapi.json")).json()["paths"]


# -- what a command is told --


async def test_a_command_is_told_that_it_is_folded(nats_url: str, database_url: str) -> None:
    async with open_log(nats_url), running(nats_url, database_url) as service:
        await ready(service)
        appended = await service.append(progressed())
        assert appended.status == 200
        again = await service.append(progressed())
        assert again.status == 200


async def test_a_command_that_is_refused_is_told_the_rule_and_the_field(
    nats_url: str, database_url: str
) -> None:
    async with open_log(nats_url), running(nats_url, database_url) as service:
        await ready(service)
        for _ in range(2):
            appended = await service.append(progressed(value=13))
            assert (appended.status, appended.rule, appended.field) == (
                409,
                "thirteen",
                "/data/value",
            )


async def test_a_command_that_is_parked_is_told_that_it_is_stored(
    nats_url: str, database_url: str
) -> None:
    async with open_log(nats_url), running(nats_url, database_url) as service:
        await ready(service)
        assert (await service.append(progressed(value=666))).status == 202


async def test_commands_of_many_programs_are_told_in_a_log_of_many_partitions(
    nats_url: str, database_url: str
) -> None:
    """Partitions without events move no position: an answer may not wait for them."""
    async with open_log(nats_url, partitions=8), running(nats_url, database_url) as service:
        await ready(service)
        for n, program in enumerate(("acme", "beta", "gamma")):
            appended = await service.append(withdrawn(n=n, program=program))
            assert appended.status == 200


async def test_a_command_that_is_not_folded_in_time_is_told_that_it_is_stored(
    nats_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, "ANSWER_WITHIN", 0.2)
    url = f"sqlite:///{tmp_path / 't.db'}"
    async with open_log(nats_url), running(nats_url, url) as service:
        await ready(service)
        for subscriber in service._subscribers:
            await subscriber.stop()
        assert (await service.append(progressed())).status == 202


async def test_a_command_without_a_log_is_trouble(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path / 't.db'}")
    service = TallyRuntime(TALLY, settings)
    with pytest.raises(LogTrouble):
        await service.append(progressed())
