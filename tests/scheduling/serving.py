"""Scheduling's routes over a real store; the log's answer is given by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar, cast

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import Connection

from services.scheduling.api import router
from services.scheduling.app import SERVICE
from shared.events.envelope import Event
from shared.runtime import Appended, Runtime
from shared.settings import Settings
from shared.store import Store
from tests.scheduling.history import (
    MENTEE,
    MENTOR,
    PROGRAM,
    History,
    a_pair,
    available,
    away,
    utc,
)

T = TypeVar("T")
BERLIN = "Europe/Berlin"
P = f"/programs/{PROGRAM}"
WEEK = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-05T00:00:00Z"}


@dataclass
class Desk:
    """What the routes ask of a running service: a real store, and a log that takes what it is given."""

    store: Store
    appended: list[Event] = field(default_factory=list)
    answer: Appended = field(default_factory=lambda: Appended(200, 7))
    settings: Settings = field(default_factory=Settings)

    async def read(self, query: Callable[[Connection], T]) -> T:
        return self.store.read(query)

    async def append(self, event: Event) -> Appended:
        self.appended.append(event)
        return self.answer


def eventful() -> History:
    """The first meeting was held, the second found no slot, the third was moved by Grace."""
    history = a_pair()
    history.say(MENTEE, available(exceptions=[away("2026-03-09T00:00", "2026-03-17T00:00")]))
    history.say(MENTOR, available("09:00", "PT12H", zone=BERLIN))
    history.wait(minutes=1)
    history.move(history.meeting(3), utc("2026-03-19T15:00"), by=MENTOR)
    history.wait_until(utc("2026-03-03T10:30"))
    history.attend(history.meeting(1), minutes=50)
    history.attend(history.meeting(1), MENTEE, source="self", minutes=10)
    return history


def store_of(history: History, url: str) -> Store:
    """A store with a history's rows."""
    store = Store(SERVICE.tables, url)
    store.create_all()
    transaction = store.connect()
    transaction.save(history.world.take_changes())
    transaction.commit()
    transaction.close()
    return store


def client_of(desk: Desk) -> AsyncClient:
    app = FastAPI()
    app.include_router(router(cast("Runtime", desk)))
    return AsyncClient(transport=ASGITransport(app), base_url="http://scheduling")


async def agenda(client: AsyncClient, person: str, **query: str) -> Response:
    return await client.get(f"{P}/persons/{person}/agenda", params={**WEEK, **query})


async def slots(client: AsyncClient, **query: str) -> Response:
    return await client.get(f"{P}/slots", params={"a": MENTEE, "b": MENTOR, **WEEK, **query})
