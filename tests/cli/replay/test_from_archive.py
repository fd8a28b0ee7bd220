"""A rebuild and a check from an archive in the place of the log: no server is needed."""

from __future__ import annotations

from pathlib import Path

from tests.cli.faulty import offer
from tests.cli.replay.scene import PROGRAM, Scene, buggy, truth

NOWHERE = "nats://127.0.0.1:1"


def exported(small: Scene, folder: Path) -> str:
    path = str(folder / "log.jsonl.zst")
    answer = small.command("log", "export", path, "--nats", small.url)
    assert answer.code == 0, answer.err
    return path


def test_a_store_is_mended_from_an_archive_without_a_server(small: Scene, tmp_path: Path) -> None:
    small.fold(buggy())
    archive = ["--from-archive", exported(small, tmp_path)]
    small.url = NOWHERE

    check = small.replay("verify", "matching", *archive)
    answer = small.replay("rebuild", "matching", *archive, "--reason", "a bug", "--yes", "--json")

    assert check.code == 1, check.err
    assert answer.code == 0, answer.err
    assert answer.json["exchanged"]
    assert small.digest() == truth()
    assert small.replay("verify", "matching", *archive).code == 0
    acts = [(each.kind, each.detail["from_archive"]) for each in small.operations()]
    assert acts == [("verify", True), ("rebuild", True), ("verify", True)]


def test_what_the_archive_does_not_hold_is_folded_from_the_log(
    small: Scene, tmp_path: Path
) -> None:
    archive = ["--from-archive", exported(small, tmp_path)]
    last = small.say(offer("newcomer", program=PROGRAM))
    small.fold(buggy(), last)

    short = small.replay("rebuild", "matching", *archive, "--reason", "a bug", "--yes")
    check = small.replay("verify", "matching", *archive)
    rest = small.replay("rebuild", "matching", "--reason", "a bug", "--yes", "--json")

    assert short.code == 2
    assert f"the store stands at {last}: call again without --from-archive" in short.err
    assert check.code == 2
    assert "export the log again" in check.err
    assert rest.code == 0, rest.err
    assert "goes on at sequence" in rest.err
    assert small.replay("verify", "matching").code == 0


def test_an_archive_that_is_none_is_refused(small: Scene, tmp_path: Path) -> None:
    (tmp_path / "none").write_bytes(b"nothing")
    small.fold()

    answer = small.replay("verify", "matching", "--from-archive", str(tmp_path / "none"))

    assert answer.code == 2
    assert "the archive is damaged" in answer.err
