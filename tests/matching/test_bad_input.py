"""Bad input names its field and its rule, wherever it comes in, and keeps nobody else from being paired."""

from __future__ import annotations

import json
from typing import Any, cast

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from services.matching.judge import JUDGES
from shared.commands import add_commands
from shared.entry import Entry
from shared.events.envelope import Event, EventData, encode
from shared.events.outside import Preferred
from shared.outcome import DeadLetter
from shared.runtime import Runtime
from tests.matching.history import (
    PROGRAM,
    History,
    a_program,
    always,
    offered,
    opened,
    pairs,
    refused,
    requested,
)

BASES: dict[str, tuple[str, EventData]] = {
    "offered": ("bad", offered(skills=("go",))),
    "requested": ("bad", requested("ben", wanted_skills=("go",))),
    "available": ("bad", always()),
    "opened": (PROGRAM, opened(rules="r2")),
}
"""What is right, by word: its key and its data."""
CASES: list[tuple[str, str, object, str]] = [
    ("offered", "capacity", -1, "must be at least 0"),
    ("offered", "capacity", 2.5, "must be a whole number"),
    ("offered", "skills/0/id", "x" * 10_000, "must have at most 128 characters"),
    ("offered", "skills/0/id", " ", "must match"),
    ("offered", "languages", [], "must have at least 1 entries"),
    ("offered", "seniority", 11, "must be at most 10"),
    ("requested", "wanted_skills/0", "x" * 10_000, "must have at most 128 characters"),
    ("requested", "seat", 0, "must be at least 1"),
    ("available", "zone", "Europe/Atlantis", "must be an IANA time zone"),
    ("available", "weekly/0/duration", "PT0M", "must last at least a minute"),
    ("available", "weekly/0/duration", "-PT1H", "must be an ISO 8601 duration"),
    ("available", "weekly/0/start", "25:00", "must match"),
    (
        "available",
        "exceptions",
        [{"start": "2026-03-09T10:00:00Z", "end": "2026-03-09T09:00:00Z", "kind": "away"}],
        "must be after start",
    ),
    ("opened", "zone", "Nowhere", "must be an IANA time zone"),
    ("opened", "weights", {"skills": 0, "time": 0.0}, "must not sum to nothing"),
    ("opened", "weights/skills", float("nan"), "must be a finite number"),
    ("opened", "weights/skills", float("inf"), "must be a finite number"),
    ("opened", "weights/skills", -1, "must be at least 0"),
    ("opened", "floor", 2, "must be at most 1"),
    ("opened", "capacity", -1, "must be at least 0"),
    ("opened", "ends_on", "2026-02-01", "must be after starts_on"),
    ("opened", "wishes", ["same_religion"], "must not name the protected attribute religion"),
]
"""Word, field, value and the beginning of the rule."""
CLEAR = {"exceptions": "/data/exceptions/0/end"}
"""Where the field at fault lies within what was changed."""


def data_of(word: str, field: str, value: object) -> dict[str, Any]:
    """The data of an event with another value in one place."""
    event = Event("0" * 8 + "-0000-0000-0000-" + "0" * 12, "/x", PROGRAM, *_times(word))
    data: dict[str, Any] = json.loads(encode(event))["data"]
    place: Any = data
    *path, last = field.split("/")
    for step in path:
        place = place[int(step) if isinstance(place, list) else step]
    place[int(last) if isinstance(place, list) else last] = value
    return data


def _times(word: str) -> tuple[Any, ...]:
    key, data = BASES[word]
    return key, History().now, data


def hand_in(history: History, word: str, data: dict[str, Any]) -> DeadLetter | None:
    """Fold bytes from outside, whatever is in them; the dead letter that they become."""
    key, _ = BASES[word]
    envelope = {
        "specversion": "1.0",
        "id": "5b0c7a3e-91f4-5c0d-8d5e-6f0f6c1f2a10",
        "source": "/elsewhere",
        "type": f"mentoring.{word}.v1",
        "subject": f"{PROGRAM}/{key}",
        "time": history.now.isoformat(),
        "program": PROGRAM,
        "data": data,
    }
    body = json.dumps(envelope).encode()
    entry = Entry(len(history.log) + 1, f"mentoring.{PROGRAM}.{word}.{key}", body)
    outcome = history.fold.live(history.world, entry, history.fold.read(entry))
    history.fold.keep(history.world, outcome)
    history.log.append((entry, list(outcome.answers)))
    return outcome.letter


@pytest.mark.parametrize("word, field, value, rule", CASES)
def test_it_becomes_a_dead_letter_that_names_field_and_rule_and_the_next_pair_is_made(
    word: str, field: str, value: object, rule: str
) -> None:
    history = a_program()
    history.a_mentor("mia")
    letter = hand_in(history, word, data_of(word, field, value))
    assert letter is not None
    assert (letter.kind, letter.field) == ("invalid", CLEAR.get(field, f"/data/{field}"))
    assert letter.rule.startswith(rule)
    assert pairs(history.a_request("c1", "ann")) == [("ann", "mia")]
    assert list(history.rebuilt().rows()) == list(history.world.rows())


@pytest.mark.parametrize("word, field, value, rule", CASES)
async def test_the_api_says_of_it_what_the_dead_letter_would_and_appends_nothing(
    word: str, field: str, value: object, rule: str
) -> None:
    routes, app = APIRouter(), FastAPI()
    add_commands(routes, cast(Runtime, None), JUDGES)  # a runtime that was asked would raise
    app.include_router(routes)
    data = json.dumps(data_of(word, field, value))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://matching") as client:
        answer = await client.post(f"/programs/{PROGRAM}/{word}/{BASES[word][0]}", content=data)
    assert answer.status_code == 422
    assert answer.json()["field"] == CLEAR.get(field, f"/data/{field}")
    assert answer.json()["rule"].startswith(rule)


def test_what_is_right_by_itself_is_rejected_with_field_and_rule_and_the_round_goes_on() -> None:
    history = a_program(wishes=("parent",), rounds={"rrule": "FREQ=DAILY", "start": "12:00"})
    history.a_request("c1", "ann")
    history.a_mentor("mia")
    wished = Preferred(wishes=("parent", "tall"))
    assert refused(history.say("ann", wished)) == ("not_a_wish_of_the_program", "/data/wishes")
    unknown = opened(rules="r2", vocabulary="klingon-1")
    assert refused(history.say(PROGRAM, unknown)) == ("unknown_vocabulary", "/data/vocabulary")
    assert pairs(history.wait(days=1)) == [("ann", "mia")]
