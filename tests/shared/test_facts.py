"""What a service's database says about itself, in health and metrics."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from shared.facts import Facts, Running, facts_at_hand, facts_of
from shared.replay import operation
from shared.replay.operation import Ended
from shared.store import Store
from shared.telemetry import FactsCollector
from tests.tally.service import TALLY


@pytest.fixture(autouse=True)
def audit_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MENTORING_AUDIT_LOG", str(tmp_path / "audit.jsonl"))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = Store(TALLY.tables, database_url)
    made.create_all()
    yield made
    made.dispose()


def read(store: Store) -> Facts:
    return store.read(lambda connection: facts_of(connection, store))


def test_a_new_database_has_no_facts(store: Store) -> None:
    assert read(store) == Facts()


def test_acts_that_go_on_are_told_with_how_far_they_are(store: Store) -> None:
    first = operation.begin(store, "rebuild", "ada", "a bug", program="acme")
    second = operation.begin(store, "undo", "ada", "why")
    operation.note(store, first, position=70)
    operation.end(store, second, "done")
    found = read(store)
    assert found.running == (Running(first, "rebuild", "running", "acme", 70),)
    assert found.operations == {("rebuild", "running"): 1, ("undo", "done"): 1}
    assert set(found.ended) == {"undo"}
    assert abs(found.ended["undo"] - time.time()) < 3_600


def test_an_act_that_waits_for_nobody_any_more_does_not_go_on(store: Store) -> None:
    number = operation.begin(store, "redrive", "ada", "mended")
    operation.end(store, number, "waiting")
    found = read(store)
    assert found.running == ()
    assert found.operations == {("redrive", "waiting"): 1}


def check(store: Store, state: str, differing: int, program: str | None = None) -> None:
    ended = Ended(state, 7, detail={"differing": differing})
    operation.record(store, "verify", "ada", ended, datetime.now(UTC), program)


def test_the_last_check_of_a_whole_store_is_told(store: Store) -> None:
    check(store, "done", 5)
    check(store, "done", 2)
    before = read(store).verified
    check(store, "failed", 0)
    check(store, "done", 0, program="acme")
    found = read(store)
    assert before is not None
    assert before.differing == 2
    assert abs(before.at - time.time()) < 3_600
    assert found.verified == before
    text = metrics(found)
    assert 'mentoring_verified_differing_rows{service="tally"} 2.0' in text
    assert 'mentoring_verified_timestamp_seconds{service="tally"}' in text
    assert 'mentoring_operations{kind="verify",service="tally",state="failed"} 1.0' in text


def test_a_store_that_was_never_checked_tells_no_time_of_it() -> None:
    assert "mentoring_verified_timestamp_seconds{" not in metrics(Facts())


def metrics(facts: Facts) -> str:
    """As Prometheus reads them."""
    collector = FactsCollector("tally")
    collector.facts = facts
    registry = CollectorRegistry()
    registry.register(collector)
    return generate_latest(registry).decode()


def test_metrics_tell_generations_timers_and_acts(store: Store) -> None:
    transaction = store.connect()
    transaction.begin_position(0, "log")
    transaction.set_timers_set(0, flag=True)
    transaction.commit()
    transaction.close()
    number = operation.begin(store, "rebuild", "ada", "a bug")
    operation.note(store, number, position=70)
    operation.end(store, operation.begin(store, "undo", "ada", "why"), "done")
    text = metrics(read(store))
    assert 'mentoring_generation{partition="0",service="tally"} 0.0' in text
    assert 'mentoring_timers_set{partition="0",service="tally"} 1.0' in text
    assert 'mentoring_operations{kind="rebuild",service="tally",state="running"} 1.0' in text
    place = f'id="{number}",kind="rebuild",service="tally"'
    assert f"mentoring_operation_position{{{place}}} 70.0" in text
    assert 'mentoring_operation_done_timestamp_seconds{kind="undo",service="tally"}' in text


async def test_a_database_that_does_not_answer_leaves_the_last_facts(tmp_path: Path) -> None:
    store = Store(TALLY.tables, f"sqlite:///{tmp_path / 'none' / 'store.db'}")
    assert await facts_at_hand(store).get() == Facts()
    store.dispose()
