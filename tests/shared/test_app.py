"""A service over HTTP: what it answers to requests that nobody should send, and when something is away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import APIRouter
from httpx import ASGITransport, AsyncClient, Response

from shared.app import MAX_REQUEST, build
from shared.commands import add_commands
from shared.events.outside import Progressed
from shared.fold import StoreTrouble
from shared.log import LogTrouble
from shared.runtime import Runtime
from shared.settings import Settings
from tests.tally.service import TALLY

PATH = "/programs/acme/progressed/c1"


def router(runtime: Runtime) -> APIRouter:
    """A command, and two queries that find something away."""
    routes = APIRouter()
    add_commands(routes, runtime, [Progressed])

    @routes.get("/store")
    async def store() -> None:
        raise StoreTrouble("nobody answers")

    @routes.get("/log")
    async def log() -> None:
        raise LogTrouble("nobody answers")

    return routes


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[AsyncClient]:
    """To a service that has not begun: nothing that is refused needs its log or store."""
    app = build(TALLY, router, Settings(database_url=f"sqlite:///{tmp_path}/tally.db"))
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://tally") as client:
        yield client


async def send(client: AsyncClient, body: bytes, path: str = PATH, **headers: str) -> Response:
    return await client.post(path, content=body, headers=headers)


@pytest.mark.parametrize("depth", [254, 1000])
async def test_a_statement_that_is_nested_too_deeply_is_refused(
    client: AsyncClient, depth: int
) -> None:
    answer = await send(client, b'{"a":' * depth + b"1" + b"}" * depth)
    assert (answer.status_code, answer.json()) == (
        422,
        {"field": "/data", "rule": "is nested too deeply"},
    )


async def test_a_body_that_no_event_can_have_is_not_read(client: AsyncClient) -> None:
    answer = await send(client, b" " * (MAX_REQUEST + 1))
    assert answer.status_code == 413


async def test_a_path_that_is_no_token_is_refused_with_its_field_and_never_repeated(
    client: AsyncClient,
) -> None:
    answer = await send(client, b"{}", "/programs/acme/progressed/a%20secret")
    assert answer.status_code == 422
    assert answer.json()["field"] == "/key"
    assert "secret" not in answer.text


@pytest.mark.parametrize("key", ["", "k" * 257])
async def test_an_idempotency_key_is_neither_empty_nor_endless(
    client: AsyncClient, key: str
) -> None:
    answer = await send(client, b"{}", **{"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["field"]) == (422, "/idempotency-key")
    assert "kkk" not in answer.text


@pytest.mark.parametrize("path, away", [("/store", "database"), ("/log", "log")])
async def test_what_is_away_is_told_with_a_time_to_come_again(
    client: AsyncClient, path: str, away: str
) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert f"the {away} is away" in answer.json()["error"]
