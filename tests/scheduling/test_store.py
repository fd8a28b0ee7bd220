"""What stands in the database, SQLite or PostgreSQL, is what stands in memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from services.scheduling.app import SERVICE
from services.scheduling.model import Person, Rules
from services.scheduling.store import Base
from shared import migrate
from shared.events import outside
from shared.events.types import FIRST
from shared.store import Store
from shared.tables import ledger_tables
from shared.world import World
from tests.scheduling.history import (
    MENTEE,
    MENTOR,
    PROGRAM,
    History,
    a_pair,
    agreed,
    available,
    away,
    paired,
    utc,
)


def eventful() -> History:
    """A history with a row in every state."""
    history = a_pair(planned=6)
    history.say("bea", available(zone="Asia/Tokyo", region="JP"))
    history.say("c2", paired("bea", MENTOR))
    history.say("c1", agreed(MENTEE))
    history.cancel(history.meeting(3))
    history.wait_until(utc("2026-03-03T10:30"))
    history.attend(history.meeting(1))
    history.wait_until(utc("2026-03-10T10:30"))
    history.attend(history.meeting(2), MENTOR, minutes=None)
    history.wait_until(utc("2026-03-13T10:30"))
    history.say(MENTOR, available(exceptions=[away("2026-03-20T00:00", "2026-03-27T00:00")]))
    history.say("bea", outside.Left(roles=("mentee",), effective_at=utc("2026-05-01T00:00")))
    history.wait_until(utc("2026-03-14T00:00"))
    joined = utc("2026-03-13T12:00")
    coffee = outside.Attended(meeting="tea", person=MENTEE, joined_at=joined, source="self")
    history.say("c1", coffee)
    history.say("c2", outside.Withdrawn(by="bea", role="mentee"))
    return history


BEFORE_BOOKINGS: dict[str, dict[str, Any]] = {
    "rules": {
        "program": PROGRAM,
        "version": "r1",
        "place": 0,
        "event": "e",
        "zone": "UTC",
        "starts_on": "2026-03-01",
        "ends_on": "2026-08-31",
        "holidays": "[]",
        "evidence": "both",
        "overlap_min": 10,
        "dispute": '"P2D"',
        "notice": '"P1D"',
        "buffer": 15,
        "weekly_max": 4,
        "reminders": "[]",
    },
    "person": {
        "program": PROGRAM,
        "person": MENTEE,
        "stated": True,
        "zone": "Asia/Tokyo",
        "region": None,
        "weekly": "[]",
        "exceptions": "[]",
        "leaving": "[]",
        "left": "[]",
        "round": "null",
    },
}


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty store, made by the migrations."""
    migrate.upgrade("scheduling", database_url)
    store = Store(SERVICE.tables, database_url)
    yield store
    store.dispose()


def save(history: History, store: Store) -> None:
    """Save all rows of a history, as the ledger does."""
    transaction = store.connect()
    transaction.save(history.world.take_changes())
    transaction.commit()
    transaction.close()


def test_every_row_comes_back_as_it_was_saved(store: Store) -> None:
    history = eventful()
    before = {(type(row), row.key()): row for row in history.world.rows()}
    statuses = {row.status for row in history.meetings()}
    assert statuses == {"met", "missed", "cancelled", "confirmed", "unplanned"}
    save(history, store)
    transaction = store.connect()
    after = {(type(row), row.key()): row for row in transaction.everything()}
    transaction.close()
    assert after == before


def test_a_world_loaded_row_by_row_answers_as_the_one_in_memory(store: Store) -> None:
    history = eventful()
    save(history, store)
    transaction = store.connect()
    twin = History(world=World(transaction), now=history.now, timers=dict(history.timers))
    twin.fold.seen = set(history.fold.seen)
    mine, its = history.wait(days=60), twin.wait(days=60)
    transaction.close()
    assert mine == its
    assert len(mine) > 10


def test_the_migrations_make_the_tables_that_the_service_declares(store: Store) -> None:
    ledger_tables(Base.metadata)
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []


def test_rows_of_the_schema_before_bookings_are_read_as_ones_that_say_nothing_more(
    database_url: str,
) -> None:
    command.upgrade(migrate.configuration("scheduling", database_url), "0002")
    store = Store(SERVICE.tables, database_url)
    with store.engine.begin() as connection:
        for table, row in BEFORE_BOOKINGS.items():
            names, marks = (
                ", ".join(f'"{name}"' for name in row),
                ", ".join(f":{name}" for name in row),
            )
            connection.execute(text(f'INSERT INTO "{table}" ({names}) VALUES ({marks})'), row)
    migrate.upgrade("scheduling", database_url)
    transaction = store.connect()
    [rules], [person] = transaction.each(Rules), transaction.each(Person)
    transaction.close()
    assert (rules.starts_on, rules.effective_at) == (date(2026, 3, 1), FIRST)
    assert (person.zone, person.feed) == ("Asia/Tokyo", 0)
    store.dispose()


def test_the_migrations_go_back_to_nothing(store: Store) -> None:
    command.downgrade(migrate.configuration("scheduling", store.url), "base")
    assert migrate.pending("scheduling", store.url) == ["0001", "0002", "0003"]
