"""Matching's rows in a real database: what is saved is what is loaded, by migration too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from services.matching import queries
from services.matching.app import SERVICE
from services.matching.model import Cycle, Mentor, Person
from shared import migrate
from shared.events.matching import Chosen, Planned
from shared.events.outside import Preferred
from shared.events.people import HeldOccupation
from shared.store import Store
from shared.world import Ref, Row
from tests.matching.history import PROGRAM, History, a_program, left, opened, requested, withdrawn


@pytest.fixture
def database(database_url: str) -> Iterator[Store]:
    """An empty store, made by the migrations, on SQLite and on PostgreSQL."""
    migrate.upgrade("matching", database_url)
    database = Store(SERVICE.tables, database_url)
    yield database
    database.dispose()


@pytest.fixture
def history() -> History:
    """One row of each kind, and a cycle in each state."""
    history = a_program(acceptance="mentor")
    a_rated_pair(history)
    history.say(PROGRAM, opened(rules="r2", effective_at=history.now.replace(month=4)))
    history.say("ann", Preferred(prefer=("mia",), avoid=("max",)))
    history.a_mentor("mia", skills=("go",), occupations=(HeldOccupation(id="dev"),))
    history.a_request("held", "ann", wanted_skills=("go",))
    history.a_request("open", "bob")
    history.a_request("ending", "dan")
    history.say("ending", withdrawn("dan"))
    history.a_request("ended", "cid")
    history.concludes("ended")
    history.say("mia", left("mentor", at=history.now.replace(month=5)))
    chosen = (Chosen(cycle="open", mentor="mia"), Chosen(cycle="held", mentor="zoe"))
    plan = Planned(round="r1", part=1, pairs=chosen)
    history.say(PROGRAM, plan, source="/mentoring/matching")
    return history


def a_rated_pair(history: History) -> None:
    """Somebody was rated, and has left."""
    history.a_mentor("zoe")
    history.a_request("rated", "eve")
    history.accepts("rated", "zoe")
    history.is_reviewed("rated", usefulness=5)
    history.concludes("rated")
    history.say("zoe", left("mentor"))


def saved(database: Store, history: History) -> list[Row]:
    rows = [row for row in history.world.rows() if type(row) in SERVICE.tables]
    transaction = database.connect()
    transaction.save({Ref(type(row), row.key()): row for row in rows})
    transaction.commit()
    transaction.close()
    return rows


def test_every_row_is_loaded_as_it_was_saved(database: Store, history: History) -> None:
    rows = saved(database, history)
    assert {type(row) for row in rows} == set(SERVICE.tables)
    transaction = database.connect()
    loaded = {(*row.key(), type(row)): row for row in transaction.everything()}
    transaction.close()
    assert loaded == {(*row.key(), type(row)): row for row in rows}


def test_a_round_finds_its_rows_by_what_they_say(database: Store, history: History) -> None:
    saved(database, history)
    transaction = database.connect()
    waiting = transaction.find(Cycle, {"program": PROGRAM, "status": "open"})
    free = transaction.find(Mentor, {"program": PROGRAM, "free": False, "left": False})
    assert [row.cycle for row in waiting] == ["open"]
    assert [row.mentor for row in free] == ["mia"]
    transaction.close()


def test_the_migrations_make_the_tables_that_the_service_has(database: Store) -> None:
    with database.engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), database.metadata)
    assert found == []
    assert migrate.pending("matching", database.url) == []


def test_queries_show_the_pool_without_anybodys_wishes(database: Store, history: History) -> None:
    history.say("seat2", requested("bob", request="q-open", seat=2))
    saved(database, history)
    waiting = database.read(lambda connection: queries.queue(connection, PROGRAM, 10))
    assert [row["cycle"] for row in waiting] == ["open", "seat2"]
    counts = database.read(lambda connection: queries.counts(connection, PROGRAM))
    assert counts == {"held": 1, "open": 2, "ending": 1, "ended": 2}
    carried = database.read(lambda connection: queries.loads(connection, PROGRAM))
    assert [(row["mentor"], row["load"], row["offered"]) for row in carried] == [
        ("mia", 1, 1),
        ("zoe", 0, 1),
    ]
    shown = database.read(lambda connection: queries.cycle(connection, PROGRAM, "held"))
    assert shown is not None
    assert not {"wishes", "reviews"} & shown.keys()
    assert shown["status"] == "held"
    assert database.read(lambda connection: queries.cycle(connection, PROGRAM, "c9")) is None
    rules = database.read(lambda connection: queries.rules(connection, PROGRAM))
    assert rules is not None
    assert (rules["rules"]["rules"], rules["coming"]["rules"]) == ("r1", "r2")


def test_persons_keep_their_wishes_in_the_store_alone(history: History) -> None:
    likes = history.find(Person, "ann").likes
    assert likes is not None
    assert likes.avoid == ("max",)
