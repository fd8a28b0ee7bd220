"""Figures of pairs, as Prometheus reads them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from services.feedback import metrics
from services.feedback.app import SERVICE
from services.feedback.model import Note, Rules
from shared import migrate
from shared.frozen import replace
from shared.store import Store
from shared.telemetry import FiguresCollector
from shared.world import Ref, Row
from tests.feedback.history import (
    MENTEE,
    PROGRAM,
    START,
    History,
    a_pair,
    a_program,
    hold,
    miss,
    paired,
    requested,
    withdrawn,
)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    migrate.upgrade("feedback", database_url)
    made = Store(SERVICE.tables, database_url)
    yield made
    made.dispose()


def keep(store: Store, *rows: Row) -> None:
    """Rows as the fold keeps them."""
    transaction = store.connect()
    transaction.save({Ref(type(row), row.key()): row for row in rows})
    transaction.commit()
    transaction.close()


def keep_all(store: Store, history: History) -> None:
    keep(store, *(row for row in history.world.rows() if type(row) in SERVICE.tables))


def told(store: Store) -> dict[str, float]:
    """What Prometheus reads, by name and labels."""
    collector, registry = FiguresCollector("feedback"), CollectorRegistry()
    collector.figures = store.read(SERVICE.figures)
    registry.register(collector)
    lines = generate_latest(registry).decode().splitlines()
    values = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in values}


def named(metric: str, program: str = PROGRAM, **labels: str) -> str:
    given = {**labels, "program": program, "service": "feedback"}
    inside = ",".join(f'{name}="{value}"' for name, value in sorted(given.items()))
    return f"mentoring_{metric}{{{inside}}}"


def of(metric: str, found: dict[str, float]) -> dict[str, float]:
    return {name: value for name, value in found.items() if f"mentoring_{metric}{{" in name}


PROGRAMS = 'mentoring_feedback_programs{service="feedback"}'


def another_pair(history: History, cycle: str, mentee: str) -> None:
    history.say(cycle, requested(mentee))
    history.say(cycle, paired(mentee=mentee), source="/mentoring/matching")


def note(name: str, kind: str = "action_item", *, done: bool = False) -> Note:
    return Note(PROGRAM, "c1", name, kind, MENTEE, MENTEE, START, "sealed", done=done)


def test_a_store_without_programs_says_so(store: Store) -> None:
    assert told(store) == {PROGRAMS: 0}


def test_pairs_that_go_on_and_cycles_that_are_over_are_counted_apart(store: Store) -> None:
    history = a_pair()
    for number in (2, 3, 4):
        another_pair(history, f"c{number}", f"eve{number}")
    history.say("c5", requested("bob"))
    for cycle in ("c3", "c4", "c5"):
        history.say(cycle, withdrawn("zoe", "coordinator"))
    keep_all(store, history)

    found = told(store)

    assert of("pairs", found) == {named("pairs"): 2}
    assert of("conclusions", found) == {
        named("conclusions", outcome="ended_early"): 2,
        named("conclusions", outcome="withdrawn"): 1,
    }


def test_reviews_are_counted_by_status_and_by_how_many_have_written(store: Store) -> None:
    history = a_pair(6)
    for number in (1, 2, 3):
        hold(history, number)
    history.submit("mentee", "m1")
    history.submit("mentor", "m1")
    history.submit("mentee", "m2")
    history.wait(days=8)
    for number in (4, 5):
        hold(history, number)
    history.submit("mentor", "m4")
    keep_all(store, history)

    assert of("reviews", told(store)) == {
        named("reviews", status="revealed", sides="0"): 1,
        named("reviews", status="revealed", sides="1"): 1,
        named("reviews", status="revealed", sides="2"): 1,
        named("reviews", status="blind", sides="0"): 1,
        named("reviews", status="blind", sides="1"): 1,
    }


def test_flags_are_counted_while_they_stand(store: Store) -> None:
    history = a_pair(6, risk={"missed": 1, "silence": "P21D", "rating_below": 0.4})
    another_pair(history, "c2", "eve")
    bad = {"usefulness": 1}
    for number in (1, 2):
        hold(history, number)
        history.submit("mentee", f"m{number}", **bad)  # type: ignore[arg-type]
        history.submit("mentor", f"m{number}", **bad)  # type: ignore[arg-type]
    miss(history, 3)
    history.wait(days=22)
    keep_all(store, history)
    assert of("flags", told(store)) == {
        named("flags", rule="missed"): 1,
        named("flags", rule="rating_below"): 2,
        named("flags", rule="silence"): 2,
    }

    history.say("c1", withdrawn())
    keep_all(store, history)

    assert of("flags", told(store)) == {named("flags", rule="silence"): 1}


def test_action_items_are_counted_by_whether_they_are_done(store: Store) -> None:
    keep_all(store, a_program())
    keep(store, note("n1"), note("n2", done=True), note("n3"), note("n4", "win"))

    assert of("action_items", told(store)) == {
        named("action_items", state="open"): 2,
        named("action_items", state="done"): 1,
    }


def test_only_the_programs_with_the_newest_rules_are_told_and_all_are_counted(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prometheus keeps every label that it ever saw."""
    monkeypatch.setattr("shared.figure.MOST_PROGRAMS", 2)
    history = a_pair()
    (rules,) = (row for row in history.world.rows() if isinstance(row, Rules))
    rows = [row for row in history.world.rows() if type(row) in SERVICE.tables]
    for program, day in {"a": 5, "b": 1, "c": 9, "d": 3}.items():
        stated = replace(rules, program=program, effective_at=START + timedelta(days=day))
        others = [replace(row, program=program) for row in rows if not isinstance(row, Rules)]  # type: ignore[type-var]
        keep(store, stated, *others)

    found = told(store)

    assert set(of("pairs", found)) == {named("pairs", "a"), named("pairs", "c")}
    assert found[PROGRAMS] == 4


def test_flags_of_so_many_pairs_at_most_are_read(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "MOST_FLAGGED", 1)
    history = a_pair(risk={"silence": "P21D"})
    another_pair(history, "c2", "eve")
    history.wait(days=22)
    keep_all(store, history)

    assert of("flags", told(store)) == {named("flags", rule="silence"): 1}
