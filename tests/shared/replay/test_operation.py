"""What operators do is a row beside the tables and a line of the audit log, on both databases."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.engine import eager
from shared.outcome import StoreTrouble
from shared.replay import audit, operation
from shared.store import Store
from tests.tally.service import TALLY


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the audit log."""
    path = tmp_path / "audit" / "log.jsonl"
    monkeypatch.setenv("MENTORING_AUDIT_LOG", str(path))
    return path


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = Store(TALLY.tables, database_url)
    made.create_all()
    yield made
    made.dispose()


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_an_operation_runs_from_its_begin_to_its_end(store: Store, log: Path) -> None:
    before = datetime.now(UTC)
    number = operation.begin(store, "rebuild", "ada", "a bug", program="acme", from_seq=3)
    begun = operation.get(store, number)
    assert begun is not None
    assert (begun.state, begun.by, begun.reason, begun.program) == (
        "running",
        "ada",
        "a bug",
        "acme",
    )
    assert begun.started >= before.replace(microsecond=0)
    assert begun.ended is None
    operation.note(store, number, position=70, detail={"inputs": 12})
    noted = operation.get(store, number)
    assert noted is not None
    assert (noted.state, noted.position, noted.detail) == ("running", 70, {"inputs": 12})
    operation.end(store, number, "done", 99, "before", "after", {"rows": 2})
    done = operation.get(store, number)
    assert done is not None
    assert (done.state, done.from_seq, done.to_seq, done.position) == ("done", 3, 99, 70)
    assert (done.digest_before, done.digest_after, done.detail) == ("before", "after", {"rows": 2})
    assert done.ended is not None
    assert done.ended >= done.started


def test_the_audit_log_has_a_line_for_the_begin_and_one_for_the_end(
    store: Store, log: Path
) -> None:
    number = operation.begin(store, "rebuild", "ada", "a bug")
    operation.note(store, number, position=70)
    operation.end(store, number, "failed", detail={"error": "Diverged"})
    first, last = lines(log)
    assert (first["operation"], first["state"], first["by"]) == (number, "running", "ada")
    assert (last["operation"], last["state"], last["detail"]) == (
        number,
        "failed",
        {"error": "Diverged"},
    )


def test_operations_are_listed_with_the_newest_first(store: Store, log: Path) -> None:
    numbers = [operation.begin(store, kind, "ada", "why") for kind in ("undo", "rebuild", "undo")]
    operation.end(store, numbers[0], "done")
    assert [each.id for each in operation.listing(store)] == numbers[::-1]
    assert [each.id for each in operation.listing(store, limit=1)] == numbers[2:]
    assert [each.id for each in operation.listing(store, kind="rebuild")] == numbers[1:2]
    assert [each.id for each in operation.listing(store, state="done")] == numbers[:1]
    assert operation.get(store, 99) is None


def test_nothing_begins_that_the_audit_log_cannot_tell(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MENTORING_AUDIT_LOG", str(tmp_path / "file" / "log.jsonl"))
    with pytest.raises(audit.AuditTrouble, match=r"the audit log .* cannot be written"):
        operation.begin(store, "rebuild", "ada", "why")
    assert operation.listing(store) == []


def test_a_line_that_the_disk_took_in_part_is_trouble(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "write", lambda handle, line: len(line) - 1)
    with pytest.raises(audit.AuditTrouble, match="a part of a line"):
        audit.append(log, {"kind": "rebuild"})


def test_a_user_without_a_home_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    with pytest.raises(audit.AuditTrouble, match="set MENTORING_AUDIT_LOG"):
        audit.path(None, {})


def test_an_operation_is_no_part_of_the_digest(store: Store, log: Path) -> None:
    before = store.digest()
    operation.begin(store, "rebuild", "ada", "why")
    assert store.digest() == before


def test_the_audit_log_lies_beside_a_sqlite_store_or_in_the_user_s_state(tmp_path: Path) -> None:
    state = {"XDG_STATE_HOME": str(tmp_path)}
    assert audit.path("sqlite:///data/m.db", {}) == Path("data/m.db.audit.jsonl")
    assert audit.path("postgresql+psycopg://u:p@db/m", state) == (
        tmp_path / "mentoring" / "audit.jsonl"
    )
    assert audit.path(None, {}) == Path.home() / ".local/state/mentoring/audit.jsonl"
    assert audit.path("sqlite:///m.db", {"MENTORING_AUDIT_LOG": "a.jsonl"}) == Path("a.jsonl")


def test_a_password_is_no_part_of_what_the_audit_log_says() -> None:
    assert audit.place("postgresql+psycopg://u:secret@db/m") == "db/m"


def test_one_who_writes_beside_a_busy_service_finds_the_gap_between_its_batches(
    tmp_path: Path,
) -> None:
    store = Store(TALLY.tables, f"sqlite:///{tmp_path / 'busy.db'}")
    store.create_all()
    stop = threading.Event()

    def fold() -> None:
        transaction = store.connect()
        while not stop.is_set():
            transaction.set_fold_version(1)
            stop.wait(0.02)
            transaction.commit()
        transaction.close()

    writer = threading.Thread(target=fold)
    writer.start()
    try:
        for _ in range(5):
            with eager(store.engine):
                pass
    finally:
        stop.set()
        writer.join()
        store.dispose()


def test_a_lock_that_is_never_free_is_trouble(tmp_path: Path) -> None:
    store = Store(TALLY.tables, f"sqlite:///{tmp_path / 'held.db'}")
    store.create_all()
    with (
        eager(store.engine),
        pytest.raises(StoreTrouble, match="locked"),
        eager(store.engine, patience=0.05),
    ):
        pytest.fail("two hold the lock")
    store.dispose()
