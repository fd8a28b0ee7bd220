"""What the calendars ask of the tables, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from services.scheduling.app import SERVICE
from services.scheduling.feed_rows import feed_of, is_known
from shared import migrate
from shared.store import Store
from tests.scheduling.history import MENTEE, MENTOR, PROGRAM, a_pair, available, paired, utc
from tests.scheduling.test_store import save

LONG_AGO = utc("2020-01-01T00:00")


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    migrate.upgrade("scheduling", database_url)
    made = Store(SERVICE.tables, database_url)
    yield made
    made.dispose()


def feed(person: str) -> Callable[[Connection], Any]:
    return lambda connection: feed_of(connection, PROGRAM, person, "UTC", LONG_AGO)


def test_a_feed_has_what_a_person_learns_and_what_the_person_teaches_in_order(
    store: Store,
) -> None:
    history = a_pair()
    history.say("bea", available())
    history.say("c2", paired("bea", MENTEE))
    save(history, store)
    both = sorted(
        (row.starts_at, row.cycle, row.meeting)
        for cycle in ("c1", "c2")
        for row in history.meetings(cycle)
    )
    found = store.read(feed(MENTEE)).meetings
    assert [(each.starts_at, each.cycle, each.meeting) for each in found] == both
    assert {each.cycle for each in found} == {"c1", "c2"}
    assert {each.cycle for each in store.read(feed(MENTOR)).meetings} == {"c1"}


def test_persons_are_known_by_their_hours_or_from_either_side_of_a_pair(store: Store) -> None:
    history = a_pair()
    history.say("c2", paired("bea", "cleo"))
    history.say("dora", available())
    save(history, store)
    known = {
        person: store.read(lambda one, name=person: is_known(one, PROGRAM, name))  # type: ignore[misc]
        for person in (MENTEE, "bea", "cleo", "dora", "nobody")
    }
    assert known == {MENTEE: True, "bea": True, "cleo": True, "dora": True, "nobody": False}


@pytest.mark.parametrize(
    "ask", [feed(MENTEE), lambda one: is_known(one, PROGRAM, "nobody")], ids=["feed", "known"]
)
def test_sqlite_reads_the_rows_of_that_person_alone(
    tmp_path: Path, ask: Callable[[Connection], Any]
) -> None:
    store = Store(SERVICE.tables, f"sqlite:///{tmp_path}/scheduling.db")
    store.create_all()
    asked: list[tuple[str, Any]] = []

    def keep(*told: Any) -> None:
        asked.append((told[2], told[3]))

    def plans(connection: Connection) -> list[str]:
        steps = [
            row[3]
            for text, values in asked
            if text.startswith("SELECT")
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
        ]
        return [step for step in steps if step.startswith(("SEARCH", "SCAN"))]

    event.listen(store.engine, "before_cursor_execute", keep)
    store.read(ask)
    event.remove(store.engine, "before_cursor_execute", keep)
    looked = store.read(plans)
    store.dispose()
    assert len(looked) >= 2
    persons = ("person=?", "mentee=?", "mentor=?")
    assert [step for step in looked if not any(each in step for each in persons)] == []
