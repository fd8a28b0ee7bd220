"""Feedback's HTTP interface over a history in memory, with real cryptography: who asks is whose token is sent."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar, cast

import httpx
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Connection

from services.feedback.api import router
from services.feedback.keyring import KeyRing, PersonErased
from services.feedback.report.collect import NoProgram
from services.feedback.report.model import Report
from services.feedback.sealing import Contents, Place
from services.feedback.store import TABLES
from shared.events.envelope import Event, EventData
from shared.events.system import Rejected
from shared.identity import Tokens
from shared.runtime import Appended, Runtime
from shared.settings import Settings
from shared.store import Store
from tests.backends.tokens import TOKEN_KEY, bearer
from tests.feedback.described import Description
from tests.feedback.history import MENTEE, PROGRAM, History, Ring

T = TypeVar("T")
PHRASE = "she never listens to me"
TOKENS = Tokens.of(Settings(token_key=TOKEN_KEY))


class Keys(Ring):
    """A key ring in memory that seals nothing for who is erased."""

    def __init__(self, known: Ring) -> None:
        super().__init__()
        self.keys = known.keys

    def seal(self, author: str, subject: str, place: Place, contents: Contents) -> str:
        if None in (self.keys.get(author, b""), self.keys.get(subject, b"")):
            raise PersonErased
        return super().seal(author, subject, place, contents)


class InMemory:
    """A runtime whose log is a history and whose store is a file."""

    def __init__(self, history: History, store: Store) -> None:
        self.history = history
        self.store = store
        self.save()

    def save(self) -> None:
        writing = self.store.connect()
        writing.save(self.history.world.take_changes())
        writing.commit()
        writing.close()

    async def read(self, query: Callable[[Connection], T]) -> T:
        return await asyncio.to_thread(self.store.read, query)

    async def append(self, event: Event) -> Appended:
        said = self.history.fold_event(event)
        self.save()
        seq = len(self.history.log)
        refusal = next((data for data in said if isinstance(data, Rejected)), None)
        if refusal:
            return Appended(409, seq, refusal.rule, refusal.field)
        return Appended(200, seq)


class Shown:
    """Gives a report that was made elsewhere."""

    def __init__(self) -> None:
        self.report: Report | Exception = NoProgram(PROGRAM)
        self.asked: list[tuple[str, datetime | None]] = []

    async def get(self, program: str, at: datetime | None = None) -> Report:
        self.asked.append((program, at))
        if isinstance(self.report, Exception):
            raise self.report
        return self.report


class Scene:
    """A program whose feedback is asked over HTTP."""

    def __init__(self, history: History, store: Store) -> None:
        self.history = history
        self.runtime = InMemory(history, store)
        self.reports = Shown()
        self.ring: Callable[[], KeyRing] = lambda: cast(KeyRing, history.ring)

    @property
    def client(self) -> TestClient:
        """Reaches this program."""
        DOOR.scene = self
        return CLIENT

    def say(self, key: str, data: EventData, source: str = "/tests") -> list[EventData]:
        """Others say something."""
        said = self.history.say(key, data, source=source)
        self.runtime.save()
        return said

    def wait(self, **span: float) -> None:
        """Time passes."""
        self.history.wait(**span)
        self.runtime.save()

    def post(
        self, path: str, body: Any, who: str = MENTEE, *roles: str, **headers: str
    ) -> httpx.Response:
        """Somebody sends a command, as a person unless other roles are named."""
        given = bearer(who, PROGRAM, *roles) | headers
        return cast(httpx.Response, self.client.post(path, json=body, headers=given))

    def get(self, path: str, who: str = MENTEE, *roles: str) -> httpx.Response:
        """Somebody asks; paths begin behind the program's."""
        url = f"/programs/{PROGRAM}/{path}"
        return cast(httpx.Response, self.client.get(url, headers=bearer(who, PROGRAM, *roles)))

    def seen(self, what: str, who: str = MENTEE, *roles: str) -> Any:
        """What somebody sees of the pair."""
        found = self.get(f"cycles/c1/{what}", who, *roles)
        assert found.status_code == 200, found.text
        return found.json()


class Door:
    """What the application reaches: the program that is asked, since making an application takes long."""

    scene: Scene

    async def read(self, query: Callable[[Connection], T]) -> T:
        return await self.scene.runtime.read(query)

    async def append(self, event: Event) -> Appended:
        return await self.scene.runtime.append(event)

    async def get(self, program: str, at: datetime | None = None) -> Report:
        return await self.scene.reports.get(program, at)

    def ring(self) -> KeyRing:
        return self.scene.ring()


DOOR = Door()
APP = FastAPI()
APP.include_router(router(cast(Runtime, DOOR), DOOR.ring, lambda: TOKENS, DOOR))
CLIENT = TestClient(APP)
CLIENT.event_hooks = {"response": [Description(APP).check]}


@contextmanager
def a_scene(history: History, folder: Path) -> Iterator[Scene]:
    """A history behind an HTTP interface."""
    history.ring = Keys(history.ring)
    store = Store(TABLES, f"sqlite:///{folder / 'feedback.db'}")
    store.create_all()
    try:
        yield Scene(history, store)
    finally:
        store.dispose()


def a_review(**changes: Any) -> dict[str, Any]:
    """A review of the first meeting; what is None is left out."""
    given = {
        "program": PROGRAM,
        "cycle": "c1",
        "meeting": "m1",
        "ratings": {"usefulness": 4},
        "texts": {"message": PHRASE},
    }
    return {name: value for name, value in (given | changes).items() if value is not None}


def a_note(**changes: Any) -> dict[str, Any]:
    """A note; what is None is left out."""
    given = {"program": PROGRAM, "cycle": "c1", "kind": "win", "text": PHRASE}
    return {name: value for name, value in (given | changes).items() if value is not None}


def rule(answer: httpx.Response) -> tuple[int, str, str]:
    """Status, rule and field of a refusal."""
    body = answer.json()
    return answer.status_code, body["rule"], body["field"]
