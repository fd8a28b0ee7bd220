"""The shadow beside a live store, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.matching.app import SERVICE as MATCHING
from shared import migrate
from shared.fitness import NotReady
from shared.replay import shadow
from shared.replay.beside import beside
from shared.replay.shadow import Shadow, scratch
from shared.store import Store
from shared.world import Ref
from tests.tally.service import TALLY, Tally


@pytest.fixture
def live(database_url: str) -> Iterator[Store]:
    made = Store(TALLY.tables, database_url)
    made.create_all()
    yield made
    made.dispose()


def fold(store: Store, seq: int) -> None:
    """A row, and a position behind it."""
    transaction = store.connect()
    if transaction.position(0) is None:
        transaction.begin_position(0, "log")
    row = Tally("acme", f"c{seq}", float(seq), 1, active=True)
    transaction.save({Ref(Tally, row.key()): row})
    assert transaction.move(0, (transaction.position(0) or (0,))[0], seq, "event", 0)
    transaction.commit()
    transaction.close()


def test_a_shadow_is_empty_and_the_live_store_stays_as_it_is(live: Store) -> None:
    fold(live, 3)
    before = live.digest()
    with Shadow.open(live, TALLY) as made:
        assert (made.resumed, made.positions) == (False, {})
        fold(made.store, 5)
        assert made.positions[0].seq == 5
    assert live.digest() == before


def test_a_shadow_is_taken_up_where_it_was_left(live: Store) -> None:
    with Shadow.open(live, TALLY) as first:
        fold(first.store, 5)
        digest = first.store.digest()
    with Shadow.open(live, TALLY) as second:
        assert (second.resumed, second.positions[0].seq) == (True, 5)
        assert second.store.digest() == digest


def test_a_fresh_shadow_begins_anew(live: Store) -> None:
    with Shadow.open(live, TALLY) as first:
        fold(first.store, 5)
    with Shadow.open(live, TALLY, fresh=True) as second:
        assert (second.resumed, second.positions) == (False, {})


def test_what_other_code_has_folded_is_not_gone_on_with(live: Store) -> None:
    with Shadow.open(live, TALLY) as first:
        fold(first.store, 5)
    with Shadow.open(live, replace(TALLY, fold_version=TALLY.fold_version + 1)) as second:
        assert (second.resumed, second.positions) == (False, {})


def test_a_shadow_of_one_program_is_not_taken_for_one_of_another(live: Store) -> None:
    Shadow.open(live, TALLY, program="acme").close()
    with pytest.raises(NotReady, match="a rebuild of the program acme was begun"):
        Shadow.open(live, TALLY)
    with Shadow.open(live, TALLY, program="acme") as again:
        assert again.resumed
    with Shadow.open(live, TALLY, fresh=True) as whole:
        assert not whole.resumed


def test_one_at_a_time_rebuilds_a_store(live: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.replay.holding.PATIENCE_SECONDS", 0.1)
    with Shadow.open(live, TALLY):
        with pytest.raises(NotReady, match="another process rebuilds"):
            Shadow.open(live, TALLY)
        with pytest.raises(NotReady, match="another process rebuilds"):
            shadow.drop(live, TALLY)
    Shadow.open(live, TALLY).close()


def test_a_dropped_shadow_leaves_nothing(live: Store) -> None:
    with Shadow.open(live, TALLY) as made:
        fold(made.store, 5)
    assert beside(live, "rebuild").size() > 0
    assert shadow.drop(live, TALLY)
    assert not beside(live, "rebuild").exists()
    assert not shadow.drop(live, TALLY)


def test_the_making_of_a_shadow_that_was_cut_off_is_begun_again(live: Store) -> None:
    place = beside(live, "rebuild")
    place.make()
    Store(TALLY.tables, place.url).dispose()
    with Shadow.open(live, TALLY) as made:
        assert not made.resumed


def test_a_shadow_of_a_migrated_store_has_the_same_history(database_url: str) -> None:
    migrate.upgrade("matching", database_url)
    live = Store(MATCHING.tables, database_url)
    with Shadow.open(live, MATCHING) as made:
        assert migrate.pending("matching", made.place.url) == []
        assert made.store.strange_tables() == []
    shadow.drop(live, MATCHING)
    assert migrate.pending("matching", database_url) == []
    assert live.strange_tables() == []
    live.dispose()


def test_a_store_that_lacks_a_migration_has_no_shadow(database_url: str) -> None:
    migrate.upgrade("matching", database_url, "0001")
    live = Store(MATCHING.tables, database_url)
    with pytest.raises(NotReady, match="lacks the migrations 0002"):
        Shadow.open(live, MATCHING)
    live.dispose()


def test_a_schema_of_any_name_has_its_shadow(postgres_url: str) -> None:
    plain = Store(TALLY.tables, postgres_url)
    with plain.engine.begin() as connection:
        connection.exec_driver_sql('CREATE SCHEMA "Odd-Name"')
    live = Store(TALLY.tables, f'{postgres_url}?options=-csearch_path="Odd-Name"')
    live.create_all()
    with Shadow.open(live, TALLY) as made:
        fold(made.store, 5)
        assert made.place.name == "Odd-Name_rebuild"
    assert plain.strange_tables() != []
    plain.dispose()
    live.dispose()


def test_a_scratch_store_is_gone_when_it_was_used() -> None:
    with scratch(TALLY) as store:
        fold(store, 5)
        path = Path(store.url.removeprefix("sqlite:///"))
        assert path.exists()
    assert not path.parent.exists()


def test_the_fingerprint_is_that_of_the_code_that_folds() -> None:
    assert shadow.fingerprint(TALLY) == shadow.fingerprint(TALLY)
    assert shadow.fingerprint(TALLY) != shadow.fingerprint(MATCHING)
    assert len(shadow.fingerprint(TALLY)) == 32
