"""Whatever goes wrong while something is sealed, nothing of it is published: there is no way around the key ring."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from services.feedback.keyring import KeyRefused, KeyRing, PersonErased
from services.feedback.sealing import TooLong
from shared.outcome import StoreTrouble
from tests.feedback.api_scene import PHRASE, Scene, a_note, a_review, a_scene
from tests.feedback.history import a_pair, hold


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Ada and Grace have met once."""
    history = a_pair()
    hold(history, 1)
    with a_scene(history, tmp_path) as scene:
        yield scene


class Broken:
    """A key ring that cannot seal."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def seal(self, *_: object) -> str:
        raise self._error


@pytest.mark.parametrize(
    "error",
    [
        StoreTrouble("away"),
        KeyRefused("another key"),
        PersonErased(),
        TooLong(),
        MemoryError(),
        RuntimeError("a bug"),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("path, body", [("/reviews", a_review()), ("/notes", a_note())])
def test_what_cannot_be_sealed_is_not_published_nor_answered_as_done(
    scene: Scene, path: str, body: dict[str, object], error: Exception
) -> None:
    scene.ring = lambda: cast(KeyRing, Broken(error))
    before = len(scene.history.log)

    try:
        answer = scene.post(path, body)
    except type(error):  # what nobody expects ends as the server's own 500
        pass
    else:
        assert answer.status_code >= 400
        assert PHRASE not in answer.text

    assert len(scene.history.log) == before
