"""One data key is damaged: who reads is told, who writes is told, and nobody is said to have been silent."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.feedback.keyring import KeyDamaged
from services.feedback.sealing import Contents, Place
from shared.events.feedback import Reviewed
from shared.events.system import Parked
from tests.feedback.api_scene import PHRASE, Keys, Scene, a_note, a_review, a_scene, rule
from tests.feedback.history import MENTEE, MENTOR, a_pair, hold, only, review


class Damaged(Keys):
    """Does not open the data key of the mentee."""

    def seal(self, author: str, subject: str, place: Place, contents: Contents) -> str:
        raise KeyDamaged(MENTEE)

    def unseal(self, author: str, subject: str, place: Place, sealed: str) -> Contents | None:
        raise KeyDamaged(MENTEE)


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Ada and Grace have met once, and Ada has written of it."""
    history = a_pair()
    hold(history, 1)
    with a_scene(history, tmp_path) as scene:
        scene.post("/reviews", a_review())
        scene.post("/notes", a_note(note="n1"))
        yield scene


def damage(scene: Scene) -> None:
    scene.history.ring = Damaged(scene.history.ring)


def test_what_is_behind_it_is_unreadable_and_the_log_says_whose_key_it_is(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    damage(scene)

    (seen,) = scene.seen("reviews")
    (note,) = scene.seen("notes")

    assert seen["sides"]["mentee"]["unreadable"]
    assert (note["unreadable"], note["text"]) == (True, None)
    assert f"unreadable: {MENTEE}" in caplog.text
    assert PHRASE not in caplog.text


def test_nothing_is_sealed_with_it_and_the_sender_is_told(scene: Scene) -> None:
    damage(scene)
    before = len(scene.history.log)

    assert rule(scene.post("/reviews", a_review(), MENTOR)) == (503, "key_damaged", "")
    assert rule(scene.post("/notes", a_note())) == (503, "key_damaged", "")
    assert rule(scene.post("/notes", a_note(note="n1", text=None))) == (409, "unreadable", "/text")
    assert len(scene.history.log) == before


def test_its_reveal_is_parked_rather_than_somebody_called_silent_for_ever(scene: Scene) -> None:
    second = scene.history.sealed_review("mentor", "m1", "c1", Contents({"usefulness": 2}))
    damage(scene)

    said = scene.say("c1", second, source="/mentoring/api")

    assert only(said, Parked).error == "KeyDamaged"
    assert not any(isinstance(each, Reviewed) for each in said)
    assert review(scene.history).status == "blind"
