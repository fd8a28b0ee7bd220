"""The examples on file, and variations of them."""

import json
from typing import Any

import pytest

from shared.events.catalog import CATALOG, contracts
from shared.events.envelope import InvalidEvent, decode
from shared.events.freeze import EXAMPLES, SCHEMAS

NAMES = [f"{model.WORD}.v{model.VERSION}" for model in contracts()]
WORDS = list(CATALOG)


def example(name: str) -> dict[str, Any]:
    """Return the example `requested.v1`; a bare word means its newest version."""
    if "." not in name:
        name = f"{name}.v{CATALOG[name].VERSION}"
    found: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text())
    return found


def schema(name: str) -> dict[str, Any]:
    """Return the frozen schema `requested.v1`."""
    found: dict[str, Any] = json.loads((SCHEMAS / f"{name}.json").read_text())
    return found


def changed(word: str, pointer: str, value: object) -> bytes:
    """Return the example of `word` with another value at `pointer`; a missing place is made."""
    event = example(word)
    *path, last = pointer.removeprefix("/").split("/")
    place: Any = event
    for step in path:
        place = place[int(step)] if isinstance(place, list) else place[step]
    place[int(last) if isinstance(place, list) else last] = value
    return json.dumps(event).encode()


def without(word: str, *attributes: str) -> bytes:
    """Return the example of `word` without some attributes of its envelope."""
    event = example(word)
    return json.dumps({name: event[name] for name in event if name not in attributes}).encode()


def refused(body: bytes) -> InvalidEvent:
    """Return the refusal of `body`; the test fails when it is read."""
    with pytest.raises(InvalidEvent) as caught:
        decode(body)
    return caught.value
