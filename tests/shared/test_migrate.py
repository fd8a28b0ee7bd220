"""Each service's own history of its schema, on both databases."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlmodel import SQLModel

from shared import migrate
from shared.engine import make_engine
from shared.store import Store
from shared.transaction import Position
from shared.world import Row

SERVICES = ("matching", "scheduling", "feedback")


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def upgraded(service: str, database_url: str) -> Iterator[Connection]:
    """A connection to the service's database at the newest revision."""
    migrate.upgrade(service, database_url)
    engine = make_engine(database_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def tables_of(service: str) -> Mapping[type[Row], type[SQLModel]]:
    found: Mapping[type[Row], type[SQLModel]] = importlib.import_module(
        f"services.{service}.store"
    ).TABLES
    return found


def test_a_new_database_lacks_every_revision_and_an_upgraded_one_none(
    service: str, database_url: str
) -> None:
    lacking = migrate.pending(service, database_url)
    assert lacking
    migrate.upgrade(service, database_url)
    assert migrate.pending(service, database_url) == []


def test_upgrading_again_does_nothing(service: str, database_url: str) -> None:
    migrate.upgrade(service, database_url)
    migrate.upgrade(service, database_url)
    assert migrate.pending(service, database_url) == []


def test_the_database_of_another_service_is_told_from_ones_own(
    service: str, database_url: str
) -> None:
    migrate.upgrade(service, database_url)
    for other in (name for name in SERVICES if name != service):
        with pytest.raises(migrate.Foreign, match="another service's"):
            migrate.upgrade(other, database_url)
        migrate.pending(other, database_url)  # whatever it says of a strange history, it says it
        store = Store(tables_of(other), database_url)
        assert store.strange_tables()
        store.dispose()
    own = Store(tables_of(service), database_url)
    assert own.strange_tables() == []
    own.dispose()


def test_a_database_of_a_newer_version_lacks_nothing_that_this_one_knows(
    service: str, database_url: str
) -> None:
    migrate.upgrade(service, database_url)
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    assert migrate.pending(service, database_url) == []


def test_what_a_database_lacks_is_told_oldest_first(service: str, database_url: str) -> None:
    lacking = migrate.pending(service, database_url)
    migrate.upgrade(service, database_url, lacking[0])
    assert migrate.pending(service, database_url) == lacking[1:]


def test_the_history_ends_at_the_tables_that_the_code_has(
    service: str, upgraded: Connection
) -> None:
    store = Store(tables_of(service), str(upgraded.engine.url))
    context = MigrationContext.configure(upgraded, opts={"compare_type": True})
    differences = compare_metadata(context, store.metadata)
    store.dispose()
    assert differences == []


def test_a_store_works_on_the_tables_of_the_history(service: str, upgraded: Connection) -> None:
    names = inspect(upgraded).get_table_names()
    upgraded.rollback()
    assert {"position", "seen", "fold_version", "pod", "timer", "clock", "dead_letter"} <= set(
        names
    )
    store = Store(tables_of(service), upgraded.engine.url.render_as_string(hide_password=False))
    transaction = store.connect()
    transaction.begin_position(0, "log")
    rows = list(transaction.everything())
    assert rows == []
    transaction.close()
    store.dispose()


def test_a_store_that_has_folded_before_has_its_timers_in_the_log(
    service: str, database_url: str
) -> None:
    migrate.upgrade(service, database_url, "0001")
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO position (partition, seq, log, event) VALUES (0, 7, 'log', 'seven')")
        )
    engine.dispose()
    migrate.upgrade(service, database_url)
    store = Store(tables_of(service), database_url)
    transaction = store.connect()
    assert transaction.position(0) == Position(7, "log", "seven", 0, timers_set=True)
    transaction.close()
    store.dispose()


def test_mentors_and_cycles_of_matching_have_no_ratings_before_they_are_rebuilt(
    database_url: str,
) -> None:
    migrate.upgrade("matching", database_url, "0002")
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.execute(
            text(
                'INSERT INTO mentor (program, mentor, offer, load, "left", free)'
                " VALUES ('acme', 'mia', '{}', 1, FALSE, FALSE)"
            )
        )
        connection.execute(
            text(
                "INSERT INTO cycle (program, cycle, mentee, request, seat, place, since, expires_at,"
                " state, attempts, status, live) VALUES ('acme', 'c1', 'ann', 'q1', 1, 0,"
                " '2026-03-02 09:00:00', '2026-05-02 09:00:00', '{}', 0, 'open', TRUE)"
            )
        )
    migrate.upgrade("matching", database_url)
    with engine.connect() as connection:
        rated = connection.execute(
            text("SELECT ratings_sum, ratings_count, fresh_sum, fresh_count FROM mentor")
        ).one()
        reviews = connection.execute(text("SELECT reviews FROM cycle")).scalar_one()
    engine.dispose()
    assert (tuple(rated), reviews) == ((0, 0, 0, 0), "{}")
