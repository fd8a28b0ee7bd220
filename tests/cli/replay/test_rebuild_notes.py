"""A rebuild notes how far it is in the very store that it holds still for the exchange."""

import pytest

from services.cli.replay import rebuilding
from tests.cli.replay.scene import Scene, buggy, truth


def test_a_rebuild_that_notes_often_does_not_wait_for_itself(
    small: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "_NOTE", 0.0)
    small.fold(buggy())

    answer = small.replay("rebuild", "matching", "--reason", "a bug", "--yes")

    assert answer.code == 0, answer.err
    assert small.digest() == truth()
