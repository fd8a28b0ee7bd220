"""Matching over HTTP: statements go to the log, queries come from the store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
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
from shared.events import outside
from shared.events.envelope import Event
from shared.runtime import Appended, Runtime
from shared.store import Store
from shared.world import Ref
from tests.matching.history import PROGRAM, History, a_program, offered

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


MakeClient = Callable[[History], httpx.AsyncClient]


def store_of(history: History, path: Path) -> Store:
    """A store in this folder with a history's rows."""
    return store_at(f"sqlite:///{path / 'matching.db'}", history)


def store_at(url: str, history: History) -> Store:
    """A store with a history's rows."""
    database = Store(SERVICE.tables, url)
    database.create_all()
    rows = [row for row in history.world.rows() if type(row) in database.maps]
    transaction = database.connect()
    transaction.save({Ref(type(row), row.key()): row for row in rows})
    transaction.commit()
    transaction.close()
    return database


def client_of(runtime: Fake) -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(router(cast(Runtime, runtime)))
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://matching")


@pytest.fixture
async def make_client(tmp_path: Path) -> AsyncIterator[MakeClient]:
    """A client of a service that has folded this history."""
    async with AsyncExitStack() as clients:
        made: list[httpx.AsyncClient] = []

        def make(history: History) -> httpx.AsyncClient:
            made.append(client_of(Fake(store_of(history, tmp_path))))
            clients.push_async_callback(made[-1].aclose)
            return made[-1]

        yield make


@pytest.fixture
def runtime(tmp_path: Path) -> Fake:
    history = a_program()
    history.a_mentor("mia")
    history.a_request("c1", "ann")
    history.a_request("c2", "bob")
    return Fake(store_of(history, tmp_path))


@pytest.fixture
async def client(runtime: Fake) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(runtime) as found:
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


async def test_the_pool_shows_the_proposals_that_stand_and_the_next_round(
    make_client: MakeClient,
) -> None:
    history = a_program(acceptance="both", rounds={"rrule": "FREQ=WEEKLY;BYDAY=MO"})
    history.a_mentor("mia", capacity=2)
    history.a_request("c1", "ann")
    history.wait(days=7)
    history.say("c1", outside.Accepted(proposal=history.proposal("c1"), by="ann"))
    client = make_client(history)

    pool = (await client.get(f"/programs/{PROGRAM}/pool")).json()

    (held,) = pool["held"]
    assert (held["cycle"], held["mentee"], held["mentor"]) == ("c1", "ann", "mia")
    assert (held["attempt"], held["asked"], held["accepted"]) == (1, 2, 1)
    assert held["expires_at"] == "2026-03-12T08:00:00Z"
    assert (pool["waiting"], pool["counts"]) == ([], {"held": 1})
    assert pool["next_round"] == "2026-03-16T08:00:00Z"


async def test_loads_tell_pairs_proposals_and_room_as_far_as_the_program_allows(
    make_client: MakeClient,
) -> None:
    history = a_program(acceptance="mentor", capacity=2)
    history.a_mentor("mia", capacity=5)
    history.a_mentor("mob", capacity=5, accepts_new=False)
    history.a_request("c1", "ann")
    history.say("c1", outside.Accepted(proposal=history.proposal("c1"), by="mia"))
    history.a_request("c2", "bob")
    client = make_client(history)

    mia, mob = (await client.get(f"/programs/{PROGRAM}/loads")).json()

    names = ("load", "pairs", "held", "offered", "capacity", "room")
    assert [mia[name] for name in names] == [2, 1, 1, 5, 2, 0]
    assert [mob[name] for name in names] == [0, 0, 0, 5, 2, 0]


async def test_rounds_are_shown_the_latest_first(make_client: MakeClient) -> None:
    history = a_program()
    history.a_mentor("mia", capacity=3)
    history.a_request("c1")
    history.wait(days=1)
    history.a_request("c2")
    client = make_client(history)

    rounds = (await client.get(f"/programs/{PROGRAM}/rounds")).json()
    last = (await client.get(f"/programs/{PROGRAM}/rounds?limit=1")).json()

    assert [(row["round"], row["kind"], row["matched"]) for row in rounds] == [
        ("2026-03-03", "day", 1),
        ("2026-03-02", "day", 1),
    ]
    assert last == rounds[:1]
    assert 0 < rounds[0]["total"] == rounds[0]["worst"] <= 1
    assert rounds[0]["waiting"] is None


async def test_a_cycle_is_shown_without_wishes_ratings_and_who_let_an_offer_end(
    make_client: MakeClient,
) -> None:
    history = a_program(acceptance="both")
    history.a_mentor("mia")
    history.a_request("c1", "ann", wanted_skills=("secret-skill",))
    history.say("c1", outside.Declined(proposal=history.proposal("c1"), by="mia"))

    shown = (await make_client(history).get(f"/programs/{PROGRAM}/cycles/c1")).json()

    assert shown["status"] == "open"
    assert not {"wishes", "reviews"} & shown.keys()
    assert "secret-skill" not in str(shown)
    assert shown["state"] == {"kind": "open"}


async def test_loads_rules_and_cycles_are_shown(client: httpx.AsyncClient) -> None:
    loads = (await client.get(f"/programs/{PROGRAM}/loads")).json()
    assert [(row["mentor"], row["load"], row["free"]) for row in loads] == [("mia", 1, False)]
    rules = (await client.get(f"/programs/{PROGRAM}")).json()
    assert rules["rules"]["rules"] == "r1"
    cycle = (await client.get(f"/programs/{PROGRAM}/cycles/c1")).json()
    assert (cycle["status"], cycle["mentor"]) == ("paired", "mia")


@pytest.mark.parametrize(
    "path,field,rule",
    [
        ("/programs/other", "/program", "unknown_program"),
        ("/programs/other/pool", "/program", "unknown_program"),
        ("/programs/other/loads", "/program", "unknown_program"),
        ("/programs/other/rounds", "/program", "unknown_program"),
        (f"/programs/{PROGRAM}/cycles/c9", "/cycle", "unknown_cycle"),
    ],
)
async def test_what_is_unknown_is_not_found_and_named(
    client: httpx.AsyncClient, path: str, field: str, rule: str
) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.json()) == (404, {"field": field, "rule": rule})


@pytest.mark.parametrize(
    "path,field,rule",
    [
        ("/programs/a.b/pool", "/program", "String should match pattern"),
        (f"/programs/{PROGRAM}/pool?limit=0", "/limit", "greater than or equal to 1"),
        (f"/programs/{PROGRAM}/rounds?limit=many", "/limit", "should be a valid integer"),
    ],
)
async def test_what_breaks_a_rule_of_the_interface_is_refused_by_field_and_rule(
    client: httpx.AsyncClient, path: str, field: str, rule: str
) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert rule in answer.json()["rule"]


async def test_every_event_that_matching_judges_has_its_command(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    for model in JUDGES:
        command = paths[f"/programs/{{program}}/{model.WORD}/{{key}}"]["post"]
        assert command["requestBody"]["content"]["application/json"]["schema"]["properties"]
