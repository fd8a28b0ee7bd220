"""A rebuild with several workers leads to the same store, from the log or an archive, cut off or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.cli.replay import sharing
from shared.replay.beside import beside
from tests.cli.replay.scene import GOLDEN, PROGRAM, Scene, buggy, truth
from tests.cli.replay.test_killed import killed

REBUILD = ("rebuild", "matching", "--reason", "a bug", "--yes", "--json")


def test_workers_lead_to_the_store_that_the_log_says(scene: Scene) -> None:
    scene.fold(buggy())

    answer = scene.replay(*REBUILD, "--workers", "2")

    assert answer.code == 0, answer.err
    assert answer.json["exchanged"]
    assert scene.digest() == truth()
    assert answer.json["events"] >= len(GOLDEN)
    assert scene.replay("verify", "matching", "--json").json[0]["same"]


def test_a_rebuild_that_was_killed_before_the_merge_goes_on_with_as_many_workers(
    scene: Scene,
) -> None:
    scene.fold(buggy())
    killed(scene, "merge", *REBUILD, "--workers", "3")

    answer = scene.replay(*REBUILD)

    assert answer.code == 0, answer.err
    assert "goes on with 3 workers" in answer.err
    assert scene.digest() == truth()
    store = scene.store()
    assert not beside(store, "rebuild").exists()
    store.dispose()


def test_workers_read_an_archive_as_well(small: Scene, tmp_path: Path) -> None:
    small.fold(buggy())
    archive = str(tmp_path / "log.archive")
    assert small.command("log", "export", archive, "--nats", small.url).code == 0

    answer = small.replay(*REBUILD, "--workers", "2", "--from-archive", archive)

    assert answer.code == 0, answer.err
    assert small.digest() == truth()


def test_one_program_cannot_be_shared(small: Scene) -> None:
    small.fold()
    answer = small.replay(*REBUILD, "--program", PROGRAM, "--workers", "2")
    assert answer.code == 2
    assert "--workers: one program cannot be shared by several, leave it out" in answer.err


def test_a_log_of_one_program_is_folded_by_one_process_however_long(
    small: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.fold()
    monkeypatch.setattr(sharing, "PAYS", 1)
    monkeypatch.setattr(sharing, "_cores", lambda: 4)
    monkeypatch.setattr(sharing, "Workers", None)
    answer = small.replay("rebuild", "matching", "--reason", "long", "--dry-run", "--json")
    assert answer.code == 0, answer.err
