"""Figures of meetings, as Prometheus reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from services.scheduling.app import SERVICE
from services.scheduling.model import Cycle, Meeting, Rules
from shared import migrate
from shared.frozen import replace
from shared.store import Store
from shared.telemetry import FiguresCollector
from shared.world import Ref, Row
from tests.scheduling.history import MENTEE, MENTOR, PROGRAM, History, a_pair, available, away, utc


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    migrate.upgrade("scheduling", database_url)
    made = Store(SERVICE.tables, database_url)
    yield made
    made.dispose()


def keep(store: Store, *rows: Row) -> None:
    """Rows as the fold keeps them."""
    transaction = store.connect()
    transaction.save({Ref(type(row), row.key()): row for row in rows})
    transaction.commit()
    transaction.close()


def told(store: Store) -> dict[str, float]:
    """What Prometheus reads, by name and labels."""
    collector, registry = FiguresCollector("scheduling"), CollectorRegistry()
    collector.figures = store.read(SERVICE.figures)
    registry.register(collector)
    lines = generate_latest(registry).decode().splitlines()
    values = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in values}


def meetings(status: str, program: str = PROGRAM) -> str:
    return f'mentoring_meetings{{program="{program}",service="scheduling",status="{status}"}}'


def unplaced(constraint: str) -> str:
    labels = f'constraint="{constraint}",program="{PROGRAM}",service="scheduling"'
    return f"mentoring_unplaced_numbers{{{labels}}}"


def outside(side: str, program: str = PROGRAM) -> str:
    labels = f'program="{program}",service="scheduling",side="{side}"'
    return f"mentoring_outside_fair_hours_minutes{{{labels}}}"


PROGRAMS = 'mentoring_meeting_programs{service="scheduling"}'


def rows_of(history: History) -> list[Row]:
    return [row for row in history.world.rows() if type(row) in SERVICE.tables]


def test_a_store_without_programs_says_so(store: Store) -> None:
    assert told(store) == {PROGRAMS: 0}


def test_meetings_are_counted_by_status(store: Store) -> None:
    history = a_pair(planned=4)
    history.cancel(history.meeting(4))
    history.wait_until(utc("2026-03-03T10:30"))
    history.attend(history.meeting(1))
    history.wait_until(utc("2026-03-14T00:00"))
    keep(store, *rows_of(history))

    found = told(store)

    counts = Counter(meetings(row.status) for row in history.meetings())
    assert {"met", "cancelled", "confirmed"} <= {row.status for row in history.meetings()}
    assert {name: value for name, value in found.items() if "mentoring_meetings{" in name} == counts


def test_numbers_without_a_slot_are_counted_by_what_stands_in_the_way(store: Store) -> None:
    history = a_pair(planned=4)
    history.say(MENTOR, available(exceptions=[away("2026-03-09T00:00", "2026-03-24T00:00")]))
    history.wait(minutes=1)
    keep(store, *rows_of(history))
    assert len(history.running().gaps) > 1

    found = told(store)

    assert found[unplaced("absence")] == len(history.running().gaps)


def test_a_cycle_that_has_ended_has_no_numbers_without_a_slot(store: Store) -> None:
    history = a_pair(planned=4)
    history.say(MENTEE, available(byday=("SU",)))
    history.wait(minutes=1)
    assert history.running().gaps
    (cycle,) = (row for row in history.world.rows() if isinstance(row, Cycle))
    keep(store, *rows_of(history), replace(cycle, status="ended"))

    assert not [name for name in told(store) if name.startswith("mentoring_unplaced")]


def test_minutes_outside_fair_hours_are_those_of_standing_meetings(store: Store) -> None:
    history = a_pair(planned=4)
    rows = [row for row in rows_of(history) if not isinstance(row, Meeting)]
    first, second, third, fourth = history.meetings()
    keep(
        store,
        *rows,
        replace(first, outside_mentee=30, outside_mentor=0),
        replace(second, outside_mentee=15, outside_mentor=60),
        replace(third, outside_mentee=None, outside_mentor=None),
        replace(fourth, outside_mentee=60, outside_mentor=60, status="met"),
    )

    found = told(store)

    assert (found[outside("mentee")], found[outside("mentor")]) == (45, 60)


def test_only_the_programs_that_begin_last_are_told_and_all_are_counted(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prometheus keeps every label that it ever saw."""
    monkeypatch.setattr("shared.figure.MOST_PROGRAMS", 2)
    history = a_pair(planned=1)
    (rules,) = (row for row in history.world.rows() if isinstance(row, Rules))
    (meeting,) = history.meetings()
    days = {"a": 5, "b": 1, "c": 9, "d": 3}
    for program, day in days.items():
        starts_on = rules.starts_on.replace(day=day)
        keep(
            store,
            replace(rules, program=program, starts_on=starts_on),
            replace(meeting, program=program),
        )

    found = told(store)

    counted = {name for name in found if name.startswith("mentoring_meetings{")}
    assert counted == {meetings("confirmed", "a"), meetings("confirmed", "c")}
    assert found[PROGRAMS] == 4
