"""Figures of rounds, as Prometheus reads them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from services.matching import metrics
from services.matching.app import SERVICE
from services.matching.record import Round
from shared import migrate
from shared.figure import Figure
from shared.frozen import replace
from shared.store import Store
from shared.telemetry import FiguresCollector

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
ROUND = Round(
    program="acme",
    round="r1",
    kind="pool",
    at=AT,
    rules="v1",
    policy="optimal",
    matched=40,
    said=30,
    total=25_500_000,
    worst=0.25,
    waiting=50,
    mentors=20,
    places=60,
    unmatched=10,
    blocking=3,
    reached=1.0,
    least=0.0,
    median=0.5,
    most=1.0,
    milliseconds=1250.0,
)
DAY = Round("acme", "2026-03-02", "day", AT, "v1", "optimal", matched=3, said=3, total=1_500_000)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    migrate.upgrade("matching", database_url)
    made = Store(SERVICE.tables, database_url)
    yield made
    made.dispose()


def keep(store: Store, *rounds: Round) -> None:
    """Rows as the fold keeps them."""
    transaction = store.connect()
    transaction._put(transaction._maps[Round], rounds)
    transaction.commit()
    transaction.close()


def told(store: Store) -> dict[str, float]:
    """What Prometheus reads, by name and labels."""
    collector, registry = FiguresCollector("matching"), CollectorRegistry()
    collector.figures = store.read(SERVICE.figures)
    registry.register(collector)
    lines = generate_latest(registry).decode().splitlines()
    values = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in values}


def of(kind: str, program: str = "acme") -> str:
    return f'{{kind="{kind}",program="{program}",service="matching"}}'


def test_a_store_without_rounds_says_that_no_program_has_had_one(store: Store) -> None:
    assert told(store) == {'mentoring_round_programs{service="matching"}': 0}


def test_everything_that_a_round_came_to_is_told(store: Store) -> None:
    keep(store, ROUND)
    load = 'kind="pool",program="acme",service="matching",which='
    assert told(store) == {
        'mentoring_round_programs{service="matching"}': 1,
        f"mentoring_rounds{of('pool')}": 1,
        f"mentoring_round_timestamp_seconds{of('pool')}": AT.timestamp(),
        f"mentoring_round_matched{of('pool')}": 40,
        f"mentoring_round_said{of('pool')}": 30,
        f"mentoring_round_score_sum{of('pool')}": 25.5,
        f"mentoring_round_worst{of('pool')}": 0.25,
        f"mentoring_round_waiting{of('pool')}": 50,
        f"mentoring_round_mentors{of('pool')}": 20,
        f"mentoring_round_places{of('pool')}": 60,
        f"mentoring_round_unmatched{of('pool')}": 10,
        f"mentoring_round_blocking{of('pool')}": 3,
        f"mentoring_round_reached{of('pool')}": 1,
        f'mentoring_round_load{{{load}"least"}}': 0,
        f'mentoring_round_load{{{load}"median"}}': 0.5,
        f'mentoring_round_load{{{load}"most"}}': 1,
        f"mentoring_round_duration_seconds{of('pool')}": 1.25,
    }


def test_what_a_round_leaves_open_is_left_out(store: Store) -> None:
    keep(store, DAY)
    found = {name.partition("{")[0] for name in told(store)}
    assert found == {
        "mentoring_round_programs",
        "mentoring_rounds",
        "mentoring_round_timestamp_seconds",
        "mentoring_round_matched",
        "mentoring_round_said",
        "mentoring_round_score_sum",
    }


def test_the_latest_round_of_each_program_and_kind_is_told_and_all_are_counted(
    store: Store,
) -> None:
    later = replace(ROUND, round="r2", at=AT + timedelta(days=7), matched=2)
    other = replace(ROUND, program="beta", matched=7)
    keep(store, later, ROUND, DAY, other)
    found = told(store)
    assert found[f"mentoring_round_matched{of('pool')}"] == 2
    assert found[f"mentoring_rounds{of('pool')}"] == 2
    assert found[f"mentoring_round_matched{of('day')}"] == 3
    assert found[f"mentoring_round_matched{of('pool', 'beta')}"] == 7
    assert found['mentoring_round_programs{service="matching"}'] == 2


def test_of_two_rounds_at_one_instant_it_is_always_the_same_one(store: Store) -> None:
    keep(store, replace(ROUND, round="r2", matched=2), ROUND)
    assert told(store)[f"mentoring_round_matched{of('pool')}"] == 2


def test_only_the_programs_with_the_newest_rounds_are_told(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prometheus keeps every label that it ever saw."""
    monkeypatch.setattr(metrics, "MOST", 3)
    rounds = [
        replace(ROUND, program=f"p{n}", at=AT + timedelta(hours=n * 7 % 10)) for n in range(10)
    ]
    keep(store, *rounds)
    newest = sorted(rounds, key=lambda each: each.at)[-3:]
    found = told(store)
    assert {name for name in found if name.startswith("mentoring_rounds{")} == {
        f"mentoring_rounds{of('pool', each.program)}" for each in newest
    }
    assert found['mentoring_round_programs{service="matching"}'] == 10


def test_a_figure_without_labels_is_the_service_s() -> None:
    collector = FiguresCollector("tally")
    collector.figures = [Figure("mentoring_x", "words", {}, 3)]
    (family,) = collector.collect()
    assert [(each.labels, each.value) for each in family.samples] == [({"service": "tally"}, 3)]
