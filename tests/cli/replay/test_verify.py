"""`mentoring replay verify`: what it finds, and that it is kept on record whatever it finds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from services.cli.replay import checking
from services.cli.stores import opened
from shared.outcome import Diverged, StoreTrouble
from shared.replay import operation
from tests.cli.replay.scene import GOLDEN, PROGRAM, Scene, buggy


def test_a_check_is_kept_on_record_with_what_it_found(scene: Scene) -> None:
    scene.fold(buggy())
    before = scene.digest()

    answer = scene.replay("verify", "matching", "--by", "cron", "--json")

    assert answer.code == 1, answer.err
    (kept,) = scene.operations()
    told = answer.json[0]
    assert (kept.kind, kept.state, kept.by, kept.program) == ("verify", "done", "cron", None)
    assert (kept.digest_before, kept.digest_after) == (told["digest_live"], told["digest_log"])
    assert kept.to_seq == len(GOLDEN)
    assert kept.detail == {
        "from_archive": False,
        "rows": told["rows"],
        "differing": told["differing"],
        "tables": told["tables"],
        "accepted": [],
    }
    assert scene.digest() == before


def test_a_check_that_finds_nothing_says_so_on_record(small: Scene) -> None:
    small.fold()
    assert small.replay("verify", "matching", "--program", PROGRAM).code == 0
    (kept,) = small.operations()
    assert (kept.state, kept.program, kept.detail["differing"]) == ("done", PROGRAM, 0)


def test_a_check_that_fails_is_kept_on_record(
    small: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.fold()

    async def fail(*_: object) -> None:
        raise Diverged(7, "a word that may hold a value")

    monkeypatch.setattr(checking, "verify", fail)

    answer = small.replay("verify", "matching")

    assert answer.code == 2
    assert "matching: today's code would judge otherwise than the log" in answer.err
    (kept,) = small.operations()
    assert (kept.state, kept.detail) == (
        "failed",
        {"from_archive": False, "error": "Diverged"},
    )


def test_a_store_that_may_only_be_read_is_checked_all_the_same(
    small: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.fold()

    def refuse(*_: object) -> None:
        raise StoreTrouble("attempt to write a readonly database")

    monkeypatch.setattr(operation, "record", refuse)

    answer = small.replay("verify", "matching")

    assert answer.code == 0
    assert "the store is what the log says" in answer.out
    assert "that this check is done is not on record: attempt to write" in answer.err


def test_a_store_that_cannot_be_checked_does_not_hinder_the_others(
    small: Scene, tmp_path: Path
) -> None:
    small.fold()

    answer = small.replay("verify")

    assert answer.code == 2
    assert "matching: the store is what the log says" in answer.out
    for other in ("scheduling", "feedback"):
        assert f"{other}: there is no database {tmp_path / other}.db" in answer.err
    assert [each.state for each in small.operations()] == ["done"]


def test_an_audit_log_that_cannot_be_written_hinders_no_check(
    small: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.fold()
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MENTORING_AUDIT_LOG", os.fspath(tmp_path / "file" / "audit.jsonl"))

    answer = small.replay("verify", "matching")

    assert answer.code == 0
    assert "is not on record: the audit log" in answer.err
    with opened("matching", small.database) as store:
        assert [each.kind for each in operation.listing(store)] == ["verify"]
