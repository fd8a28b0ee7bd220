"""A world asks its store only about programs that may have rows there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import event as events

from shared.fold import Fold
from shared.outcome import DeadLetter
from shared.store import Store
from shared.whole import Whole
from shared.world import Ref, World
from tests.tally.events import entry, progressed
from tests.tally.service import TALLY, Tally

OLD, NEW = "old", "new"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Holds what the program `old` has come to."""
    store = Store(TALLY.tables, database_url)
    store.create_all()
    transaction = store.connect()
    transaction.save({Ref(Tally, (OLD, "c1")): Tally(OLD, "c1", 1.0, 1, active=True)})
    transaction.commit()
    transaction.close()
    yield store
    store.dispose()


@pytest.fixture
def asked(store: Store) -> list[str]:
    """The queries that the database is asked."""
    found: list[str] = []
    events.listen(
        store.engine, "before_cursor_execute", lambda c, cur, sql, *rest: found.append(sql)
    )
    return found


def test_a_program_that_has_rows_may_have_more_and_one_without_has_none(store: Store) -> None:
    transaction = store.connect()
    whole = Whole(transaction, store.metadata)
    assert whole.meet({OLD, NEW}) == {OLD}
    assert list(whole.load(Tally, [(OLD, "c1"), (NEW, "c1")])) == [
        Tally(OLD, "c1", 1.0, 1, active=True)
    ]
    assert len(list(whole.find(Tally, {"program": OLD}))) == 1
    transaction.close()


def test_rows_of_any_kind_make_a_program_known(store: Store) -> None:
    letter = DeadLetter(NEW, 1, "c1", "progressed", "", "invalid", "", "", "open")
    transaction = store.connect()
    transaction.save({Ref(DeadLetter, letter.key()): letter})
    assert Whole(transaction, store.metadata).meet({NEW}) == {NEW}
    transaction.close()


def test_a_new_program_is_folded_without_another_question(store: Store, asked: list[str]) -> None:
    transaction = store.connect()
    whole = Whole(transaction, store.metadata)
    world, fold = World(whole), Fold(TALLY)
    whole.meet({NEW})
    asked.clear()
    for n in range(5):
        given = entry(n + 1, progressed(f"c{n % 2}", n=n, program=NEW))
        fold.keep(world, fold.live(world, given, fold.read(given)))
    assert world.where(Tally, program=NEW, parked="use")
    assert asked == []
    transaction.close()


def test_what_is_not_met_yet_is_asked_for(store: Store) -> None:
    transaction = store.connect()
    whole = Whole(transaction, store.metadata)
    assert list(whole.load(Tally, [(OLD, "c1")]))
    assert list(whole.find(Tally, {"cycle": "c1"}))
    transaction.close()


def test_a_program_that_was_forgotten_is_looked_up_again(store: Store) -> None:
    transaction = store.connect()
    whole = Whole(transaction, store.metadata)
    assert whole.meet({OLD, NEW, "other"}) == {OLD}
    made = Tally(NEW, "c1", 2.0, 1, active=True)
    transaction.save({Ref(Tally, (NEW, "c1")): made})
    whole.keep_only({OLD, "other"})
    assert whole.meet({NEW, "other"}) == {NEW}
    assert list(whole.load(Tally, [(NEW, "c1")])) == [made]
    transaction.close()


def test_a_world_forgets_the_rows_of_other_programs_and_finds_them_again(store: Store) -> None:
    transaction = store.connect()
    world = World(transaction)
    world.apply([Tally(NEW, "c1", 1.0, 1, active=True), Tally(OLD, "c2", 1.0, 1, active=True)])
    world.keep()
    transaction.save(world.take_changes())
    assert len(world.where(Tally, program=NEW)) == 1
    before = len(world)
    world.keep_only({NEW})
    assert len(world) < before
    assert [row.cycle for row in world.where(Tally, program=NEW)] == ["c1"]
    assert [row.cycle for row in world.where(Tally, program=OLD)] == ["c1", "c2"]
    transaction.close()
