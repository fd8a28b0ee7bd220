"""`mentoring replay rebuild`: what a bug wrote is shown, mended while the service goes on, and can be undone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from services.matching import app
from services.matching.model import Mentor
from tests.cli.faulty import offer
from tests.cli.replay.scene import GOLDEN, PROGRAM, Scene, buggy, truth

OFFERS = [entry for entry in GOLDEN if entry.word == "offered"]
MENTORS = {entry.subject.rsplit(".", 1)[1] for entry in OFFERS}


def test_a_dry_run_shows_exactly_the_rows_that_a_bug_has_written(scene: Scene) -> None:
    scene.fold(buggy())
    wrong = scene.digest()

    answer = scene.replay(
        "rebuild", "matching", "--dry-run", "--reason", "a look", "--all", "--json"
    )

    assert answer.code == 1, answer.err
    told = answer.json
    assert (told["same"], told["exchanged"]) == (False, False)
    assert {tuple(each["key"]) for each in told["differences"]} == {(PROGRAM, m) for m in MENTORS}
    assert {(each["table"], each["kind"]) for each in told["differences"]} == {
        ("mentor", "changed")
    }
    assert told["tables"] == {"mentor": {"changed": len(MENTORS)}}
    for each in told["differences"]:
        assert list(each["columns"]) == ["offer"]
        sides = each["columns"]["offer"]
        assert sides["live"]["languages"] == [*sides["log"]["languages"], "la"]
        assert "offered" in {event["word"] for event in each["events"]}
    assert (told["digest_live"], told["digest_log"]) == (wrong, truth())
    assert scene.digest() == wrong


def test_a_rebuild_mends_the_store_while_the_service_goes_on(scene: Scene, tmp_path: Path) -> None:
    scene.fold(buggy())
    with scene.running():
        answer = scene.replay("rebuild", "matching", "--reason", "a bug", "--yes", "--json")
        assert answer.code == 0, answer.err
        assert answer.json["exchanged"]
        assert scene.digest() == truth()
        scene.wait(scene.say(offer("newcomer", program=PROGRAM)))
    store = scene.store()
    transaction = store.connect()
    assert len(list(transaction.load(Mentor, [(PROGRAM, "newcomer")]))) == 1
    position = transaction.position(0)
    transaction.close()
    store.dispose()
    assert position is not None
    assert (position.generation, position.timers_set) == (1, True)
    assert scene.replay("verify", "matching").code == 0
    done = scene.operations()[1]
    assert (done.kind, done.state, done.by, done.reason) == ("rebuild", "done", "ada", "a bug")
    assert (done.digest_before, done.digest_after) == (
        answer.json["digest_live"],
        answer.json["digest_log"],
    )
    lines = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert [line["state"] for line in lines] == ["running", "done", "done"]


def test_a_rebuild_is_undone_and_the_service_catches_up(scene: Scene) -> None:
    scene.fold(buggy())
    wrong = scene.digest()
    assert scene.replay("rebuild", "matching", "--reason", "a bug", "--yes").code == 0
    again = scene.replay("rebuild", "matching", "--reason", "again", "--yes")
    assert again.code == 2
    assert "is still kept in" in again.err

    answer = scene.replay("undo", "matching", "--reason", "not that one", "--yes")

    assert answer.code == 0, answer.err
    assert scene.digest() == wrong
    assert scene.replay("undo", "matching", "--reason", "twice", "--yes").code == 2
    scene.fold(last=scene.say(offer("newcomer", program=PROGRAM)))
    assert scene.replay("verify", "matching").code == 1
    kinds = [(each.kind, each.state) for each in scene.operations() if each.kind == "undo"]
    assert kinds == [("undo", "failed"), ("undo", "done")]


def test_one_program_is_mended_by_itself(scene: Scene) -> None:
    other = scene.say(offer("m1", program="zeta"))
    scene.fold(buggy(), other)

    answer = scene.replay(
        "rebuild", "matching", "--program", "zeta", "--reason", "a bug", "--yes", "--json"
    )

    assert answer.code == 0, answer.err
    assert [tuple(each["key"]) for each in answer.json["differences"]] == [("zeta", "m1")]
    check = scene.replay("verify", "matching", "--all", "--json")
    keys = {tuple(each["key"]) for each in check.json[0]["differences"]}
    assert keys == {(PROGRAM, mentor) for mentor in MENTORS}
    assert scene.replay("verify", "matching", "--program", "zeta").code == 0


def test_nothing_is_exchanged_when_the_store_is_what_the_log_says(small: Scene) -> None:
    small.fold()

    answer = small.replay("rebuild", "matching", "--reason", "a look", "--yes")

    assert answer.code == 0
    assert "the store is what the log says" in answer.out
    assert small.operations()[0].state == "done"
    listed = small.replay("list", "matching", "--json").json[0]
    assert (listed["rebuild"], listed["kept"]) == (None, None)


def test_what_stands_beside_a_store_is_listed_and_dropped(small: Scene) -> None:
    small.fold(buggy())
    small.replay("rebuild", "matching", "--dry-run", "--reason", "a look")
    assert small.replay("list", "matching", "--json").json[0]["rebuild"]["bytes"] > 0
    assert small.replay("rebuild", "matching", "--reason", "a bug", "--yes").code == 0
    listed = small.replay("list", "matching", "--json").json[0]
    assert listed["rebuild"] is None
    assert listed["kept"]["place"].endswith("matching.db.before")
    people = small.replay("list", "matching")
    assert "matching.db.before" in people.out
    assert "rebuild (dry run)" in people.out

    drop = ("drop", "matching", "--reason", "all is well", "--yes")
    assert small.replay(*drop).code == 0

    listed = small.replay("list", "matching", "--json").json[0]
    assert (listed["rebuild"], listed["kept"]) == (None, None)
    assert "nothing stood there" in small.replay(*drop).out


def test_people_read_tables_columns_and_events(small: Scene) -> None:
    small.fold(buggy())

    answer = small.replay("rebuild", "matching", "--dry-run", "--reason", "a look", "--limit", "1")

    assert answer.code == 1
    assert f"matching: {len(MENTORS)} of" in answer.out
    assert f"{len(MENTORS) - 1} more: --all shows them" in answer.out
    assert answer.out.count("made so by") == 1


def test_acts_are_shown_by_audit_the_newest_first(small: Scene) -> None:
    small.fold(buggy())
    small.replay("rebuild", "matching", "--dry-run", "--reason", "a look")
    small.replay("rebuild", "matching", "--reason", "a bug", "--yes")

    told = small.command("audit", "matching", "--json", *small.named)
    assert [(each["reason"], each["by"]) for each in told.json] == [
        ("a bug", "ada"),
        ("a look", "ada"),
    ]
    assert "a bug" in small.command("audit", "matching", *small.named).out
    only = small.command("audit", "matching", "--kind", "undo", "--json", *small.named)
    assert only.json == []


def test_nothing_is_done_when_nobody_can_be_asked(small: Scene) -> None:
    small.fold(buggy())
    wrong = small.digest()

    answer = small.replay("rebuild", "matching", "--reason", "a bug")

    assert answer.code == 2
    assert "nobody is there to ask: say --yes" in answer.err
    assert small.digest() == wrong


def test_what_cannot_be_accepted_is_refused(small: Scene) -> None:
    answer = small.replay("rebuild", "matching", "--reason", "a bug", "--accept", "some")

    assert answer.code == 2
    assert "must be `all`, or sequences such as 12,15" in answer.err


def test_a_new_fold_version_is_rebuilt_beside_the_old_one(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = app.SERVICE, replace(app.SERVICE, fold_version=app.SERVICE.fold_version + 1)
    with scene.running(old):
        scene.wait(len(GOLDEN))
        monkeypatch.setattr(app, "SERVICE", new)
        part = scene.replay("rebuild", "matching", "-p", PROGRAM, "--reason", "a part", "--yes")
        assert part.code == 2
        assert "rebuild the whole store, not one program" in part.err
        answer = scene.replay("rebuild", "matching", "--reason", "a new version", "--yes", "--json")
        assert answer.code == 0, answer.err
        assert answer.json["exchanged"]
    scene.fold(new, scene.say(offer("newcomer", program=PROGRAM)))
    assert scene.replay("verify", "matching").code == 0
    store = scene.store()
    transaction = store.connect()
    assert transaction.fold_version() == new.fold_version
    transaction.close()
    store.dispose()
