"""The HTTP interface: what is confidential is sealed before anything else happens to it."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Connection

from services.feedback.api import router
from services.feedback.app import service
from services.feedback.keyring import KeyRing, kek_of, new_kek
from services.feedback.store import TABLES
from shared.events.envelope import Event
from shared.events.feedback import Reviewed
from shared.events.system import Rejected
from shared.fold import Fold
from shared.outcome import StoreTrouble
from shared.runtime import Appended, Runtime
from shared.store import Store
from tests.feedback.history import MENTEE, MENTOR, PROGRAM, History, a_pair, hold, left, withdrawn

T = TypeVar("T")
PHRASE = "she never listens to me"


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


@pytest.fixture
def ring(tmp_path: Path) -> Iterator[KeyRing]:
    ring = KeyRing(f"sqlite:///{tmp_path / 'keyring.db'}", kek_of(None, new_kek()))
    yield ring
    ring.close()


@pytest.fixture
def history(ring: KeyRing) -> History:
    """Ada and Grace have met once."""
    history = a_pair()
    history.service = service(lambda: ring)
    history.fold = Fold(history.service)
    hold(history, 1)
    return history


@pytest.fixture
def runtime(history: History, tmp_path: Path) -> Iterator[InMemory]:
    store = Store(TABLES, f"sqlite:///{tmp_path / 'feedback.db'}")
    store.create_all()
    yield InMemory(history, store)
    store.dispose()


@pytest.fixture
def client(runtime: InMemory, ring: KeyRing) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(router(cast(Runtime, runtime), lambda: ring))
    with TestClient(app, raise_server_exceptions=True) as client:
        yield client


def a_review(side: str = "mentee", **changes: Any) -> dict[str, Any]:
    given = {
        "program": PROGRAM,
        "cycle": "c1",
        "meeting": "m1",
        "side": side,
        "form": f"standard-{side}",
        "ratings": {"usefulness": 4},
        "text": PHRASE,
    }
    return {**given, **changes}


def a_note(**changes: Any) -> dict[str, Any]:
    given = {"program": PROGRAM, "cycle": "c1", "kind": "win", "by": MENTEE, "text": PHRASE}
    return {**given, **changes}


def seen_by(client: TestClient, side: str) -> list[dict[str, Any]]:
    found = client.get(f"/programs/{PROGRAM}/cycles/c1/reviews", params={"side": side})
    assert found.status_code == 200
    seen: list[dict[str, Any]] = found.json()
    return seen


def test_both_reviews_are_revealed_with_their_ratings(client: TestClient, history: History) -> None:
    assert client.post("/reviews", json=a_review()).status_code == 200
    assert (
        client.post("/reviews", json=a_review("mentor", ratings={"usefulness": 2})).status_code
        == 200
    )

    said = history.log[-1][1][0].data
    assert isinstance(said, Reviewed)
    assert said.ratings == {"mentee": {"usefulness": 4}, "mentor": {"usefulness": 2}}


def test_nothing_confidential_reaches_log_store_or_key_ring(
    client: TestClient, history: History, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    answers = [
        client.post("/reviews", json=a_review()),
        client.post("/notes", json=a_note()),
        client.post("/notes", json=a_note(about=MENTOR)),
        client.post("/reviews", json=a_review(meeting="m2")),
        client.post("/reviews", json=a_review("mentor", ratings={})),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 409, 200]
    everywhere = [entry.body for entry, _ in history.log]
    everywhere += [path.read_bytes() for path in tmp_path.iterdir()]
    everywhere += [answer.content for answer in answers]
    assert not any(word.encode() in place for place in everywhere for word in PHRASE.split()[1:3])
    assert PHRASE not in caplog.text


def test_a_review_is_blind_until_both_are_in(client: TestClient) -> None:
    client.post("/reviews", json=a_review())
    assert seen_by(client, "mentor") == []

    client.post("/reviews", json=a_review("mentor"))

    assert seen_by(client, "mentor")[0]["ratings"] == {
        "mentee": {"usefulness": 4},
        "mentor": {"usefulness": 4},
    }


def test_who_was_silent_does_not_see_what_the_other_side_said(
    client: TestClient, runtime: InMemory
) -> None:
    client.post("/reviews", json=a_review())
    runtime.history.wait(days=7)
    runtime.save()

    assert seen_by(client, "mentor")[0] == {
        "meeting": "m1",
        "by": "deadline",
        "missing": ["mentor"],
        "ratings": {},
    }
    assert seen_by(client, "mentee")[0]["ratings"] == {"mentee": {"usefulness": 4}}


@pytest.mark.parametrize(
    "changes, status, rule, field",
    [
        ({"ratings": {"usefulness": 9}}, 422, "must_be_1_to_5", "/ratings/usefulness"),
        ({"ratings": {"charm": 3}}, 422, "not_asked_by_the_form", "/ratings"),
        ({"ratings": {"usefulness": "good"}}, 422, "int_type", "/ratings"),
        ({"ratings": {"she listens": 3}}, 422, "string_pattern_mismatch", "/ratings"),
        ({"text": "x" * 8001}, 422, "string_too_long", "/text"),
        ({"program": "a b"}, 422, "string_pattern_mismatch", "/program"),
        ({"side": "coordinator"}, 422, "literal_error", "/side"),
        ({"cycle": "c9"}, 409, "unknown_cycle", "/cycle"),
        ({"meeting": "m9"}, 409, "not_a_form_for_this", "/form"),
        ({"form": "standard-mentor"}, 409, "not_a_form_for_this", "/form"),
        ({"meeting": "m2"}, 409, "not_held", "/data/meeting"),
        ({"meeting": "closing"}, 409, "not_concluded", "/data/meeting"),
    ],
)
def test_a_refusal_names_rule_and_field_and_repeats_nothing(
    client: TestClient, changes: dict[str, Any], status: int, rule: str, field: str
) -> None:
    refused = client.post("/reviews", json=a_review(**changes))

    assert refused.status_code == status
    assert (refused.json()["rule"], refused.json()["field"]) == (rule, field)
    assert "listens" not in refused.text
    assert "good" not in refused.text


def test_a_retry_under_the_same_idempotency_key_is_the_same_event(
    client: TestClient, history: History
) -> None:
    for _ in range(2):
        client.post("/reviews", json=a_review(), headers={"Idempotency-Key": "once"})

    first, second = (history.fold.read(entry) for entry, _ in history.log[-2:])
    assert isinstance(first, Event)
    assert isinstance(second, Event)
    assert first.id == second.id
    assert first.source == "/mentoring/api"


def test_notes_are_written_by_a_side_about_a_side(client: TestClient) -> None:
    assert client.post("/notes", json=a_note(about=MENTOR)).status_code == 200
    assert client.post("/notes", json=a_note(by="eve")).json()["field"] == "/by"
    assert client.post("/notes", json=a_note(about="eve")).json()["field"] == "/about"


def test_erasing_makes_reviews_impossible_and_what_was_said_unreadable(
    client: TestClient, runtime: InMemory
) -> None:
    client.post("/reviews", json=a_review())
    erasure = {"program": PROGRAM, "person": MENTEE}
    assert client.post("/erasures", json=erasure).json()["rule"] == "not_left"
    runtime.history.say(MENTEE, left("mentee"))
    runtime.save()

    assert client.post("/erasures", json=erasure).status_code == 200

    refused = client.post("/reviews", json=a_review("mentor", meeting="closing"))
    assert (refused.status_code, refused.json()["rule"]) == (409, "erased")


def test_closing_reviews_are_taken_after_the_conclusion(
    client: TestClient, runtime: InMemory
) -> None:
    runtime.history.say("c1", withdrawn())
    runtime.save()

    assert client.post("/reviews", json=a_review(meeting="closing")).status_code == 200


def test_reviews_of_an_unknown_cycle_are_not_found(client: TestClient) -> None:
    found = client.get(f"/programs/{PROGRAM}/cycles/c9/reviews", params={"side": "mentee"})

    assert found.status_code == 404


def test_a_key_ring_that_is_away_is_told_as_trouble(runtime: InMemory) -> None:
    def away() -> KeyRing:
        raise StoreTrouble("away")

    app = FastAPI()
    app.include_router(router(cast(Runtime, runtime), away))

    with TestClient(app) as client:
        assert client.post("/reviews", json=a_review()).status_code == 503
