"""Is what is answered what the OpenAPI document declares?"""

from __future__ import annotations

from typing import Any

import pytest
from httpx import AsyncClient
from pydantic import BaseModel

from services.scheduling.detail_view import MeetingDetail
from services.scheduling.judge import JUDGES
from services.scheduling.plan_view import PlanView
from services.scheduling.time_view import HoursView, SlotsView
from services.scheduling.views import AgendaView
from shared.runtime import Appended
from tests.scheduling.history import MENTEE, MENTOR
from tests.scheduling.openapi import problems, untruths
from tests.scheduling.serving import WEEK, Desk, P, agenda, slots

ROUTES = {
    "agenda": "/programs/{program}/persons/{person}/agenda",
    "hours": "/programs/{program}/persons/{person}/hours",
    "plan": "/programs/{program}/cycles/{cycle}/plan",
    "meeting": "/programs/{program}/cycles/{cycle}/meetings/{meeting}",
    "slots": "/programs/{program}/slots",
}


async def test_what_is_answered_is_what_the_openapi_document_declares(client: AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    plan = (await client.get(f"{P}/cycles/c1/plan")).json()
    of_cycle = f"{P}/cycles/c1"
    answers = {
        "agenda": [
            await agenda(client, MENTOR, to="2026-06-01T00:00:00Z"),
            await agenda(client, MENTEE, zone="x"),
        ],
        "hours": [
            await client.get(f"{P}/persons/{each}/hours", params=WEEK)
            for each in (MENTOR, "nobody")
        ],
        "plan": [await client.get(f"{of_cycle}/plan"), await client.get(f"{P}/cycles/c9/plan")],
        "meeting": [
            *[
                await client.get(f"{of_cycle}/meetings/{each['meeting']}")
                for each in plan["meetings"]
            ],
            await client.get(f"{of_cycle}/meetings/m9"),
        ],
        "slots": [
            await slots(client),
            await slots(client, b="stranger"),
            await slots(client, b=MENTEE),
        ],
    }
    assert {answer.status_code for each in answers.values() for answer in each} == {200, 404, 422}
    for name, each in answers.items():
        for answer in each:
            assert untruths(document, ROUTES[name], answer) == []


VIEWS: list[type[BaseModel]] = [AgendaView, PlanView, MeetingDetail, HoursView, SlotsView]


@pytest.mark.parametrize("view", VIEWS)
async def test_openapi_describes_each_body_with_an_example_that_it_could_be(
    client: AsyncClient, view: type[BaseModel]
) -> None:
    document = (await client.get("/openapi.json")).json()
    (example,) = document["components"]["schemas"][view.__name__]["examples"]
    assert problems(document, {"$ref": f"#/components/schemas/{view.__name__}"}, example) == []


MOVED: dict[str, Any] = {"meeting": "m1", "sequence": 0, "by": MENTEE}
OUTCOMES = [Appended(200, 7), Appended(202, 7), Appended(409, 8, "notice", "/data/meeting")]


async def test_what_became_of_a_command_is_told_as_the_openapi_document_declares(
    client: AsyncClient, desk: Desk
) -> None:
    document = (await client.get("/openapi.json")).json()
    path = "/programs/{program}/moved/{key}"
    for outcome in OUTCOMES:
        desk.answer = outcome
        answer = await client.post(f"{P}/moved/c1", json=MOVED)
        assert answer.status_code == outcome.status
        assert untruths(document, path, answer) == []
    broken = await client.post(f"{P}/moved/c1", json={})
    assert broken.status_code == 422
    assert untruths(document, path, broken) == []


async def test_the_commands_stand_in_the_openapi_document_with_their_schemas(
    client: AsyncClient,
) -> None:
    document = (await client.get("/openapi.json")).json()
    for word in ("available", *(model.WORD for model in JUDGES)):
        body = document["paths"][f"/programs/{{program}}/{word}/{{key}}"]["post"]["requestBody"]
        assert body["content"]["application/json"]["schema"]["type"] == "object"
