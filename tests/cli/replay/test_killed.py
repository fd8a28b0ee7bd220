"""A rebuild that is killed (kill -9) while the service goes on is gone on with, and ends as if it had not been."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from services.matching.model import Mentor
from tests.cli.faulty import offer
from tests.cli.replay.scene import PROGRAM, Scene, buggy

ROOT = Path(__file__).parents[3]


def killed(scene: Scene, when: str, *arguments: str) -> None:
    """Run the command until it kills itself."""
    script = [sys.executable, "-m", "tests.cli.replay.kill_rebuild", when, "replay", *arguments]
    ended = subprocess.run(
        [*script, *scene.place],
        cwd=ROOT,
        env={**os.environ, "MENTORING_OPERATOR": "bob"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == -9, ended.stderr.decode()


@pytest.mark.parametrize("kills", [["3"], ["1", "2", "exchange"]], ids=["once", "thrice"])
def test_a_rebuild_that_is_killed_goes_on_while_the_service_works(
    scene: Scene, kills: Sequence[str]
) -> None:
    scene.fold(buggy())
    with scene.running():
        for n, when in enumerate(kills):
            killed(scene, when, "rebuild", "matching", "--reason", "a bug", "--yes")
            scene.wait(scene.say(offer(f"new{n}", program=PROGRAM)))

        answer = scene.replay("rebuild", "matching", "--reason", "again", "--yes", "--json")

        assert answer.code == 0, answer.err
        assert "goes on at sequence" in answer.err
        assert answer.json["exchanged"]
        scene.wait(scene.say(offer("last", program=PROGRAM)))
    names = [*(f"new{n}" for n in range(len(kills))), "last"]
    store = scene.store()
    transaction = store.connect()
    assert len(list(transaction.load(Mentor, [(PROGRAM, name) for name in names]))) == len(names)
    transaction.close()
    store.dispose()
    check = scene.replay("verify", "matching", "--json")
    assert check.json[0]["same"], check.json
    check_on_record, done, *before = scene.operations()
    assert check_on_record.kind == "verify"
    assert (done.state, done.by) == ("done", "ada")
    assert [(each.state, each.by, each.detail["error"]) for each in before] == [
        ("failed", "bob", "cut off")
    ] * len(kills)


def test_the_second_of_two_at_once_is_told_that_the_first_works(small: Scene) -> None:
    from services.matching.app import SERVICE
    from shared.replay.shadow import Shadow

    small.fold(buggy())
    store = small.store()
    with Shadow.open(store, SERVICE):
        answer = small.replay("rebuild", "matching", "--reason", "a bug", "--yes")
    store.dispose()
    assert answer.code == 2
    assert "another process rebuilds matching: wait for it, or end it" in answer.err
