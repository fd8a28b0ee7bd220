"""HTTP of scheduling, over a real store; the log's answer is given by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import Connection

from services.scheduling.api import router
from services.scheduling.app import SERVICE
from shared.events.envelope import Event
from shared.events.outside import Available, Moved
from shared.runtime import Appended, Runtime
from shared.store import Store
from tests.scheduling.history import MENTEE, MENTOR, PROGRAM, a_pair, available, away

T = TypeVar("T")


@dataclass
class Desk:
    """What the routes ask of a running service: a real store, and a log that takes what it is given."""

    store: Store
    appended: list[Event] = field(default_factory=list)
    answer: Appended = field(default_factory=lambda: Appended(200, 7))

    async def read(self, query: Callable[[Connection], T]) -> T:
        return self.store.read(query)

    async def append(self, event: Event) -> Appended:
        self.appended.append(event)
        return self.answer


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    history = a_pair()
    history.say(MENTEE, available(exceptions=[away("2026-03-09T00:00", "2026-03-17T00:00")]))
    history.say(MENTOR, available("09:00", "PT12H", zone="Europe/Berlin"))
    history.wait(minutes=1)
    url = f"sqlite:///{tmp_path}/scheduling.db"
    store = Store(SERVICE.tables, url)
    store.create_all()
    transaction = store.connect()
    transaction.save(history.world.take_changes())
    transaction.commit()
    transaction.close()
    yield Desk(store)
    store.dispose()


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[AsyncClient]:
    app = FastAPI()
    app.include_router(router(cast("Runtime", desk)))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://scheduling") as client:
        yield client


WEEK = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-05T00:00:00Z"}


async def agenda(client: AsyncClient, person: str, **query: str) -> Response:
    return await client.get(
        f"/programs/{PROGRAM}/persons/{person}/agenda", params={**WEEK, **query}
    )


async def test_an_agenda_is_told_on_the_persons_own_clock(client: AsyncClient) -> None:
    found = (await agenda(client, MENTOR)).json()
    assert found["zone"] == "Europe/Berlin"
    assert [row["starts_at"] for row in found["meetings"]] == ["2026-03-03T10:00:00+01:00"]
    assert found["meetings"][0]["cycle"] == "c1"
    assert found["meetings"][0]["type"] == "introduction"


async def test_an_agenda_is_told_on_another_clock_when_asked(client: AsyncClient) -> None:
    found = (await agenda(client, MENTOR, zone="Asia/Tokyo")).json()
    assert found["meetings"][0]["starts_at"] == "2026-03-03T18:00:00+09:00"


BAD = [
    ({"zone": "Mars/Olympus"}, "/zone"),
    ({"from": "yesterday"}, "/from"),
    ({"to": "2026-03-01T00:00:00"}, "/to"),
]


@pytest.mark.parametrize("query,field", BAD)
async def test_a_bad_question_is_refused_with_its_field(
    client: AsyncClient, query: dict[str, str], field: str
) -> None:
    answer = await agenda(client, MENTOR, **query)
    assert answer.status_code == 422
    assert answer.json()["detail"]["field"] == field
    assert "must be" in answer.json()["detail"]["rule"]


async def test_a_stranger_has_an_empty_agenda(client: AsyncClient) -> None:
    found = (await agenda(client, "nobody")).json()
    assert found == {"person": "nobody", "zone": "UTC", "meetings": []}


async def test_a_plan_tells_its_meetings_and_what_found_no_slot(client: AsyncClient) -> None:
    found = (await client.get(f"/programs/{PROGRAM}/cycles/c1/plan")).json()
    assert (found["mentee"], found["mentor"], found["status"]) == (MENTEE, MENTOR, "running")
    assert [(row["number"], row["status"]) for row in found["meetings"]] == [
        (1, "confirmed"),
        (2, "cancelled"),
        (3, "confirmed"),
        (4, "confirmed"),
    ]
    assert [(gap["number"], gap["constraint"]) for gap in found["unplaced"]] == [(2, "absence")]


async def test_an_unknown_cycle_has_no_plan(client: AsyncClient) -> None:
    assert (await client.get(f"/programs/{PROGRAM}/cycles/c9/plan")).status_code == 404


MOVED: dict[str, Any] = {"meeting": "m1", "sequence": 0, "by": MENTEE}


async def test_a_command_becomes_an_event_from_the_api(client: AsyncClient, desk: Desk) -> None:
    answer = await client.post(f"/programs/{PROGRAM}/moved/c1", json=MOVED)
    assert (answer.status_code, answer.json()["sequence"]) == (200, 7)
    event = desk.appended[0]
    assert (event.source, event.key, event.data) == ("/mentoring/api", "c1", Moved(**MOVED))
    assert answer.json()["event"] == event.id


async def test_the_same_idempotency_key_is_the_same_event(client: AsyncClient, desk: Desk) -> None:
    for key in ("a", "a", "b"):
        headers = {"Idempotency-Key": key}
        await client.post(f"/programs/{PROGRAM}/moved/c1", json=MOVED, headers=headers)
    first, again, other = (event.id for event in desk.appended)
    assert first == again != other


async def test_a_person_states_time_by_command(client: AsyncClient, desk: Desk) -> None:
    window = {"byday": ["MO"], "start": "09:00", "duration": "PT8H"}
    body = {"zone": "Europe/Berlin", "weekly": [window]}
    assert (await client.post(f"/programs/{PROGRAM}/available/ada", json=body)).status_code == 200
    assert isinstance(desk.appended[0].data, Available)


async def test_a_refused_command_names_rule_and_field(client: AsyncClient, desk: Desk) -> None:
    desk.answer = Appended(409, 8, "notice", "/data/meeting")
    answer = await client.post(f"/programs/{PROGRAM}/moved/c1", json=MOVED)
    assert answer.status_code == 409
    assert (answer.json()["rule"], answer.json()["field"]) == ("notice", "/data/meeting")


WRONG: list[tuple[str, Any, str]] = [
    ("moved", {"meeting": "m1", "by": MENTEE}, "/data/sequence"),
    ("available", {"zone": "Mars/Olympus"}, "/data/zone"),
    ("cancelled", {"meeting": "no spaces", "sequence": 0, "by": MENTEE}, "/data/meeting"),
]


@pytest.mark.parametrize("word,body,field", WRONG)
async def test_a_command_that_breaks_the_contract_never_reaches_the_log(
    client: AsyncClient, desk: Desk, word: str, body: Any, field: str
) -> None:
    answer = await client.post(f"/programs/{PROGRAM}/{word}/c1", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert desk.appended == []


async def test_what_is_no_json_is_refused(client: AsyncClient) -> None:
    answer = await client.post(f"/programs/{PROGRAM}/moved/c1", content=b"\xff{")
    assert (answer.status_code, answer.json()["field"]) == (422, "/data")


async def test_the_commands_stand_in_the_openapi_document_with_their_schemas(
    client: AsyncClient,
) -> None:
    document = (await client.get("/openapi.json")).json()
    for word in ("available", "moved", "cancelled", "attended"):
        body = document["paths"][f"/programs/{{program}}/{word}/{{key}}"]["post"]["requestBody"]
        assert body["content"]["application/json"]["schema"]["type"] == "object"
