"""An operation ends once, and an act that is over is written down whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.engine import eager
from shared.replay import operation
from shared.replay.operation import Ended
from shared.store import Store
from tests.tally.service import TALLY


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the audit log."""
    path = tmp_path / "audit.jsonl"
    monkeypatch.setenv("MENTORING_AUDIT_LOG", str(path))
    return path


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = Store(TALLY.tables, database_url)
    made.create_all()
    yield made
    made.dispose()


def test_what_fails_behind_its_end_is_told_as_it_ended(store: Store, log: Path) -> None:
    number = operation.begin(store, "undo", "ada", "why")
    with eager(store.engine) as connection:
        operation.end_within(connection, store, number, 7, ("a", "b"), {"rows": 1})

    operation.end(store, number, "failed", detail={"error": "CancelledError"})
    operation.note(store, number, position=9)

    found = operation.get(store, number)
    assert found is not None
    assert (found.state, found.to_seq, found.position) == ("done", 7, None)
    assert (found.digest_before, found.digest_after, found.detail) == ("a", "b", {"rows": 1})
    last = json.loads(log.read_text().splitlines()[-1])
    assert (last["operation"], last["state"]) == (number, "done")


def test_an_act_that_is_over_is_a_row_and_one_line(store: Store, log: Path) -> None:
    started = datetime.now(UTC) - timedelta(minutes=3)
    ended = Ended("done", 7, ("a", "b"), {"differing": 2})

    number = operation.record(store, "verify", "ada", ended, started, "acme")

    found = operation.get(store, number)
    assert found is not None
    assert (found.kind, found.state, found.by, found.program) == ("verify", "done", "ada", "acme")
    assert found.started == started
    assert found.ended is not None
    assert found.ended > started
    assert (found.to_seq, found.digest_before, found.digest_after) == (7, "a", "b")
    (line,) = [json.loads(text) for text in log.read_text().splitlines()]
    assert (line["operation"], line["kind"], line["detail"]) == (
        number,
        "verify",
        {"differing": 2},
    )
