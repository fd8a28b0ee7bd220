"""Commands over HTTP: what is said becomes an event, and the log's answer an answer."""

from __future__ import annotations

from typing import Any

import pytest
from httpx import AsyncClient

from shared.events.outside import Available, Moved
from shared.runtime import Appended
from tests.scheduling.history import MENTEE, PROGRAM
from tests.scheduling.serving import Desk

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
