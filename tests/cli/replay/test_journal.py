"""What is on record of a rebuild, an undo or a drop is what has happened, wherever it was cut off."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import typer

from services.cli.replay import rebuilding
from services.cli.replay.journal import Journal
from shared.engine import eager
from shared.outcome import StoreTrouble
from shared.replay import audit, operation
from shared.replay.exchange import Exchange
from tests.cli.replay.scene import Scene, buggy

ROOT = Path(__file__).parents[3]
UNDO = ("undo", "matching", "--reason", "not that one", "--yes")


def killed(scene: Scene, when: str, *arguments: str) -> None:
    """Run the command until it kills itself."""
    script = [sys.executable, "-m", "tests.cli.replay.kill_undo", when, "replay"]
    ended = subprocess.run(
        [*script, *arguments, *scene.named],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()


def states(scene: Scene, kind: str) -> list[tuple[str, Mapping[str, Any]]]:
    """State and error of such acts, the oldest first."""
    return [(each.state, each.detail) for each in scene.operations()[::-1] if each.kind == kind]


@pytest.fixture
def rebuilt(scene: Scene) -> str:
    """The digest of the store before it was exchanged."""
    scene.fold(buggy())
    before = scene.digest()
    assert scene.replay("rebuild", "matching", "--reason", "a bug", "--yes").code == 0
    return before


def test_an_undo_that_is_killed_before_its_commit_is_ended_by_the_next(
    scene: Scene, rebuilt: str
) -> None:
    killed(scene, "before", *UNDO)
    assert states(scene, "undo") == [("running", {})]
    assert scene.digest() != rebuilt

    assert scene.replay(*UNDO).code == 0

    (first, second) = states(scene, "undo")
    assert first == ("failed", {"error": "cut off"})
    assert second[0] == "done"
    assert scene.digest() == rebuilt


def test_an_undo_that_is_killed_is_ended_by_a_rebuild_too(small: Scene) -> None:
    small.fold(buggy())
    small.replay("rebuild", "matching", "--reason", "a bug", "--yes")
    killed(small, "before", *UNDO)
    assert small.replay("rebuild", "matching", "--dry-run", "--reason", "a look").code == 0
    assert states(small, "undo") == [("failed", {"error": "cut off"})]


def test_an_undo_that_is_killed_behind_its_commit_is_done(scene: Scene, rebuilt: str) -> None:
    killed(scene, "behind", *UNDO)
    ((state, detail),) = states(scene, "undo")
    assert state == "done"
    assert detail["stood"] > 0
    assert scene.digest() == rebuilt


def test_an_undo_waits_for_nobody_who_works_on_the_store(small: Scene) -> None:
    from services.matching.app import SERVICE
    from shared.replay.shadow import Shadow

    small.fold(buggy())
    small.replay("rebuild", "matching", "--reason", "a bug", "--yes")
    store = small.store()
    with Shadow.open(store, SERVICE):
        answer = small.replay(*UNDO)
    store.dispose()
    assert answer.code == 2
    assert "another process rebuilds matching" in answer.err
    assert states(small, "undo") == []


def test_an_audit_log_that_fails_behind_the_commit_leaves_the_operation_done(
    small: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.fold(buggy())
    wrong = small.digest()
    append = audit.append

    def full(file: Path, facts: Mapping[str, Any]) -> None:
        if facts["state"] != "running":
            raise audit.AuditTrouble("the audit log is full")
        append(file, facts)

    monkeypatch.setattr(audit, "append", full)

    answer = small.replay("rebuild", "matching", "--reason", "a bug", "--yes")

    assert answer.code == 2
    assert "the audit log is full" in answer.err
    assert small.digest() != wrong
    assert [state for state, _ in states(small, "rebuild")] == ["done"]


def test_an_error_behind_the_commit_leaves_the_operation_done(
    small: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.fold(buggy())
    leave = Exchange.__exit__

    def lost(self: Exchange, *error: Any) -> None:
        leave(self, *error)
        raise StoreTrouble("the connection was lost behind the commit")

    monkeypatch.setattr(Exchange, "__exit__", lost)

    answer = small.replay("rebuild", "matching", "--reason", "a bug", "--yes")

    assert answer.code == 2
    ((state, detail),) = states(small, "rebuild")
    assert (state, "error" in detail) == ("done", False)


def test_progress_is_not_noted_while_the_store_is_held(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite the note would wait for the lock that its own process holds, until the exchange gives up."""
    noted = []
    note = operation.note

    def watched(*arguments: Any) -> None:
        noted.append(arguments)
        note(*arguments)

    held, went = Exchange.__enter__, Exchange.__exit__

    def hold(self: Exchange) -> Exchange:
        found = held(self)
        noted.clear()
        return found

    def leave(self: Exchange, *error: Any) -> None:
        assert noted == []
        went(self, *error)

    monkeypatch.setattr(rebuilding, "_NOTE", 0.0)
    monkeypatch.setattr(operation, "note", watched)
    monkeypatch.setattr(Exchange, "__enter__", hold)
    monkeypatch.setattr(Exchange, "__exit__", leave)
    scene.fold(buggy())

    answer = scene.replay("rebuild", "matching", "--reason", "a bug", "--yes", "--json")

    assert answer.code == 0, answer.err
    assert answer.json["exchanged"]
    assert noted == []


def test_an_operator_who_says_no_has_given_up(small: Scene) -> None:
    store = small.store()
    with pytest.raises(typer.Exit), Journal(store, "rebuild", "ada", "why"):
        raise typer.Exit(1)
    store.dispose()
    assert states(small, "rebuild") == [("failed", {"error": "given up"})]


def test_what_failed_first_is_told_where_its_end_cannot_be_written(
    small: Scene, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def away(*_: object, **__: object) -> None:
        raise StoreTrouble("the database does not answer")

    monkeypatch.setattr(operation, "end", away)
    store = small.store()
    with pytest.raises(LookupError), Journal(store, "undo", "ada", "why"):
        raise LookupError
    store.dispose()
    assert "that it failed cannot be written down: the database" in capfd.readouterr().err


def test_who_removes_what_stands_beside_a_store_says_why(small: Scene) -> None:
    small.fold()
    answer = small.replay("drop", "matching", "--yes")
    assert answer.code == 2
    assert "--reason" in answer.err
    assert states(small, "drop") == []


def test_a_store_that_is_held_by_another_is_not_noted_in(small: Scene) -> None:
    store = small.store()
    with (
        Journal(store, "rebuild", "ada", "why") as journal,
        journal.silent(),
        eager(store.engine),
    ):
        journal.note(7, left=3)
    store.dispose()
    ((_, detail),) = states(small, "rebuild")
    assert detail == {"left": 3, "error": "given up"}
