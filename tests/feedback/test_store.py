"""Feedback's tables, on SQLite and PostgreSQL: rows come back as they went, and migrations make the tables."""

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from services.feedback.model import CLOSING, Cycle, Goal, Meeting, Note, Person, Review, Rules
from services.feedback.store import TABLES, Reading, blind_persons, erased_persons, holds_sealed
from shared import migrate
from shared.digest import digest
from shared.events.outside import Erased, Volunteered
from shared.events.rules import Risk
from shared.store import Store
from shared.world import Row, World
from tests.feedback.history import (
    MENTEE,
    MENTOR,
    PROGRAM,
    History,
    a_pair,
    agreed,
    goal,
    hold,
    left,
    miss,
    paired,
    progressed,
    requested,
    withdrawn,
)

MILESTONE = goal("g2", 0.1, kind="milestone", of="g1", skill="talking")
HERE = json.dumps({"kind": "here"})
SEALED = {"form": "standard-mentee", "sealed": "abcd"}
BEFORE_GOALS: dict[str, dict[str, Any]] = {
    "rules": {
        "program": PROGRAM,
        "version": "r1",
        "place": 0,
        "event": "e1",
        "zone": "Europe/Berlin",
        "ends_on": "2026-08-31",
        "completes_at": "0.8",
        "review_within": '"P7D"',
        "rematch": True,
        "missed_limit": 2,
        "forms": "[]",
    },
    "person": {
        "program": PROGRAM,
        "person": "eve",
        "mentee": HERE,
        "mentor": HERE,
        "erased": True,
    },
    "cycle": {
        "program": PROGRAM,
        "cycle": "c1",
        "status": "ended",
        "mentee": MENTEE,
        "state": json.dumps({"outcome": "unmatched", "kind": "ended"}),
    },
    "review": {
        "program": PROGRAM,
        "cycle": "c1",
        "meeting": "m1",
        "status": "blind",
        "entries": json.dumps({"mentee": SEALED}),
        "state": json.dumps({"deadline": "2026-03-09T09:00:00Z", "kind": "blind"}),
    },
    "note": {
        "program": PROGRAM,
        "cycle": "c1",
        "note": "n1",
        "kind": "win",
        "by": MENTEE,
        "about": MENTEE,
        "at": "2026-03-09 09:00:00",
        "sealed": "abcd",
    },
}


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty store, made by the migrations."""
    migrate.upgrade("feedback", database_url)
    store = Store(TABLES, database_url)
    yield store
    store.dispose()


def a_lifecycle() -> History:
    """Something in every table and in every state."""
    history = a_pair(5)
    history.say("c2", requested("eve"))
    history.say("c3", requested("joan"))
    history.say("c3", withdrawn("joan"))
    for person in (MENTEE, MENTOR):
        history.say("c1", agreed(person, planned=5, goals=(goal("g1", 10), MILESTONE)))
    history.say("c1", progressed(10))
    hold(history, 1)
    history.submit("mentee", "m1", text="she never listens to me")
    history.submit("mentor", "m1")
    hold(history, 2)
    history.submit("mentor", "m2")
    miss(history, 3)
    miss(history, 4, days=30)
    history.wait(days=7)
    history.submit("mentor", "m1", usefulness=2)
    history.submit("mentee", "m2")
    day = date(2026, 4, 1)
    to_do = history.noted(kind="action_item", goal="g1", due_on=day, audience="pair")
    history.say("c1", to_do)
    history.say("c4", requested())
    history.say("c4", paired(), source="/mentoring/matching")
    history.say("c4", withdrawn())
    history.submit("mentee", CLOSING, "c4")
    history.say(MENTEE, Volunteered(willing=True))
    history.say("eve", left("mentor", at=history.now + timedelta(days=90)))
    history.say("joan", left("mentee", "mentor"))
    history.say("joan", Erased(person="joan", effective_at=history.now))
    return history


def own_rows(world: World) -> list[Row]:
    return [row for row in world.rows() if type(row) in TABLES]


def test_rows_come_back_as_they_went(store: Store) -> None:
    history = a_lifecycle()
    writing = store.connect()
    writing.save(history.world.take_changes())
    writing.commit()
    writing.close()

    reading = store.connect()
    read = [row for row in reading.everything() if type(row) in TABLES]
    reading.close()

    assert {type(row) for row in read} == set(TABLES)
    assert sorted(read, key=_place) == sorted(own_rows(history.world), key=_place)


def test_a_world_that_loads_every_row_folds_as_one_in_memory(store: Store) -> None:
    in_memory = a_lifecycle()
    history = History(ring=in_memory.ring)
    transaction = store.connect()
    for entry, answers in in_memory.log:
        history.world = World(transaction)
        outcome = history.fold.follow(history.world, entry, history.fold.read(entry), answers)
        history.fold.keep(history.world, outcome)
        transaction.save(history.world.take_changes())
    transaction.commit()
    transaction.close()

    assert store.digest() == digest(sorted(in_memory.world.rows(), key=_table_and_place))


def test_the_api_reads_the_same_rows(store: Store) -> None:
    history = a_lifecycle()
    writing = store.connect()
    writing.save(history.world.take_changes())
    writing.commit()
    writing.close()

    def read(world: World) -> list[Row | None]:
        cycle = (PROGRAM, "c1")
        return [
            world.peek(Cycle, cycle),
            *world.where(Rules, program=PROGRAM, version="r1"),
            *world.where(Goal, program=PROGRAM, cycle="c1"),
            *world.where(Meeting, program=PROGRAM, cycle="c1"),
            *world.where(Review, program=PROGRAM, cycle="c1", status="blind"),
            world.peek(Note, (*cycle, "n1")),
            world.peek(Person, (PROGRAM, "eve")),
            world.peek(Review, (*cycle, CLOSING)),
        ]

    assert store.read(lambda connection: read(World(Reading(connection)))) == read(history.world)


def test_erased_persons_are_found_for_the_key_ring(store: Store) -> None:
    assert store.read(erased_persons) == []
    writing = store.connect()
    writing.save(a_lifecycle().world.take_changes())
    writing.commit()
    writing.close()

    assert store.read(erased_persons) == [(PROGRAM, "joan")]


def a_blind_review() -> History:
    history = a_pair()
    hold(history, 1)
    history.submit("mentee")
    return history


def a_late_review() -> History:
    """Nobody was in in time."""
    history = a_pair()
    hold(history, 1)
    history.wait(days=7)
    history.submit("mentee")
    return history


def a_note() -> History:
    history = a_pair()
    history.say("c1", history.noted())
    return history


@pytest.mark.parametrize(
    "made, found, blind",
    [
        (a_pair, False, False),
        (a_blind_review, True, True),
        (a_late_review, True, False),
        (a_note, True, False),
    ],
)
def test_what_only_a_key_ring_can_open_is_found_wherever_it_stands(
    store: Store, made: Callable[[], History], found: bool, blind: bool
) -> None:
    writing = store.connect()
    writing.save(made().world.take_changes())
    writing.commit()
    writing.close()

    assert store.read(holds_sealed) == found
    assert store.read(blind_persons) == ({(PROGRAM, MENTEE), (PROGRAM, MENTOR)} if blind else set())


def test_nobody_is_erased_in_a_database_without_tables(database_url: str) -> None:
    store = Store(TABLES, database_url)

    assert store.read(erased_persons) == []
    store.dispose()


def test_the_migrations_make_the_tables_of_the_code(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, store.metadata) == []


def test_rows_of_the_schema_before_goals_say_nothing_more(database_url: str) -> None:
    command.upgrade(migrate.configuration("feedback", database_url), "0002")
    old = Store(TABLES, database_url)
    with old.engine.begin() as connection:
        for table, row in BEFORE_GOALS.items():
            names = ", ".join(f'"{name}"' for name in row)
            marks = ", ".join(f":{name}" for name in row)
            connection.execute(text(f'INSERT INTO "{table}" ({names}) VALUES ({marks})'), row)
    assert old.read(holds_sealed)
    old.read(blind_persons)

    migrate.upgrade("feedback", database_url)

    def read(connection: Connection) -> list[Any]:
        reading = Reading(connection)
        kinds = (Rules, Person, Cycle, Review, Note)
        return [next(iter(reading.find(kind, {"program": PROGRAM}))) for kind in kinds]

    rules, person, cycle, review, note = old.read(read)
    assert (rules.risk, rules.pay_it_forward) == (Risk(), False)
    assert (person.erased, person.willing) == (True, False)
    assert (cycle.confidentiality, cycle.outcome) == ("standard", None)
    assert (review.late, review.sides) == ({}, 0)
    assert (note.goal, note.due_on, note.done, note.audience) == (None, None, False, "author")
    assert old.read(erased_persons) == [(PROGRAM, "eve")]
    assert old.read(holds_sealed)
    old.dispose()


def test_the_migrations_go_back_to_nothing(store: Store, database_url: str) -> None:
    command.downgrade(migrate.configuration("feedback", database_url), "base")

    assert migrate.pending("feedback", database_url) == ["0001", "0002", "0003"]


def _place(row: Row) -> tuple[str, tuple[object, ...]]:
    return type(row).__name__, row.key()


def _table_and_place(row: Row) -> tuple[str, tuple[object, ...]]:
    tables = {"Timer": "timer", "Clock": "clock", "DeadLetter": "dead_letter"}
    name = type(row).__name__
    return tables.get(name) or str(TABLES[type(row)].__tablename__), row.key()
