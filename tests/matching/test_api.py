"""Matching over HTTP: statements go to the log, queries come from the store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Connection

from services.matching.api import router
from services.matching.app import SERVICE
from services.matching.judge import JUDGES
from shared.events.envelope import Event
from shared.runtime import Appended, Runtime
from shared.store import Store
from shared.world import Ref
from tests.matching.history import PROGRAM, a_program, offered

T = TypeVar("T")


@dataclass
class Fake:
    """A runtime whose log is a list."""

    store: Store
    answer: Appended = field(default_factory=lambda: Appended(200, 7))
    log: list[Event] = field(default_factory=list)

    async def read(self, query: Callable[[Connection], T]) -> T:
        return self.store.read(query)

    async def append(self, event: Event) -> Appended:
        self.log.append(event)
        return self.answer


@pytest.fixture
def runtime(tmp_path: Path) -> Fake:
    database = Store(SERVICE.tables, f"sqlite:///{tmp_path / 'matching.db'}")
    database.create_all()
    history = a_program()
    history.a_mentor("mia")
    history.a_request("c1", "ann")
    history.a_request("c2", "bob")
    rows = [row for row in history.world.rows() if type(row) in SERVICE.tables]
    transaction = database.connect()
    transaction.save({Ref(type(row), row.key()): row for row in rows})
    transaction.commit()
    transaction.close()
    return Fake(database)


@pytest.fixture
async def client(runtime: Fake) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(router(cast(Runtime, runtime)))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://matching") as found:
        yield found


def an_offer(**changed: Any) -> dict[str, Any]:
    return offered().model_dump(mode="json", exclude_none=True) | changed


async def test_a_statement_is_appended_as_an_event_from_the_api(
    client: httpx.AsyncClient, runtime: Fake
) -> None:
    answer = await client.post(f"/programs/{PROGRAM}/offered/mio", json=an_offer(capacity=2))
    assert answer.status_code == 200
    event = runtime.log[0]
    assert answer.json() == {"event": event.id, "sequence": 7}
    assert (event.source, event.program, event.key) == ("/mentoring/api", PROGRAM, "mio")
    assert event.data == offered(capacity=2)


async def test_a_retry_with_its_key_is_the_same_event(
    client: httpx.AsyncClient, runtime: Fake
) -> None:
    for key in ("k1", "k1", "k2"):
        headers = {"Idempotency-Key": key}
        await client.post(f"/programs/{PROGRAM}/offered/mio", json=an_offer(), headers=headers)
    first, second, third = (event.id for event in runtime.log)
    assert first == second != third


async def test_what_breaks_the_contract_is_refused_by_field_and_not_appended(
    client: httpx.AsyncClient, runtime: Fake
) -> None:
    answer = await client.post(f"/programs/{PROGRAM}/offered/mio", json=an_offer(capacity=-1))
    assert answer.status_code == 422
    assert answer.json() == {"field": "/data/capacity", "rule": "must be at least 0"}
    broken = await client.post(f"/programs/{PROGRAM}/offered/mio", content=b"{")
    assert broken.json() == {"field": "/data", "rule": "must be JSON in UTF-8"}
    assert runtime.log == []


async def test_a_refusal_names_rule_and_field(client: httpx.AsyncClient, runtime: Fake) -> None:
    runtime.answer = Appended(409, 8, "has_left", "/subject")
    answer = await client.post(f"/programs/{PROGRAM}/offered/mio", json=an_offer())
    assert answer.status_code == 409
    assert (answer.json()["rule"], answer.json()["field"]) == ("has_left", "/subject")


async def test_the_pool_shows_who_waits_in_order(client: httpx.AsyncClient) -> None:
    pool = (await client.get(f"/programs/{PROGRAM}/pool")).json()
    assert pool["counts"] == {"open": 1, "paired": 1}
    assert [row["cycle"] for row in pool["waiting"]] == ["c2"]


async def test_loads_rules_and_cycles_are_shown(client: httpx.AsyncClient) -> None:
    loads = (await client.get(f"/programs/{PROGRAM}/loads")).json()
    assert [(row["mentor"], row["load"], row["free"]) for row in loads] == [("mia", 1, False)]
    rules = (await client.get(f"/programs/{PROGRAM}")).json()
    assert rules["rules"]["rules"] == "r1"
    cycle = (await client.get(f"/programs/{PROGRAM}/cycles/c1")).json()
    assert (cycle["status"], cycle["mentor"]) == ("paired", "mia")


@pytest.mark.parametrize("path", ["/programs/other", f"/programs/{PROGRAM}/cycles/c9"])
async def test_what_is_unknown_is_not_found(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_a_name_that_is_no_token_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.get("/programs/a.b/pool")).status_code == 422


async def test_every_event_that_matching_judges_has_its_command(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    for model in JUDGES:
        command = paths[f"/programs/{{program}}/{model.WORD}/{{key}}"]["post"]
        assert command["requestBody"]["content"]["application/json"]["schema"]["properties"]
