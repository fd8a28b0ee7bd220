"""Exchanging a store's contents, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from shared.fitness import NotReady
from shared.outcome import StoreTrouble
from shared.replay import operation
from shared.replay.beside import beside
from shared.replay.exchange import Exchange, drop_before, kept
from shared.replay.shadow import Shadow
from shared.store import Store
from shared.world import Ref
from tests.shared.replay.stores import open_store, places, rows_of, shadow_with, words, write
from tests.tally.service import TALLY, Tally


@pytest.fixture
def live(database_url: str) -> Iterator[Store]:
    """A store that stands at 7, all whose rows say 1."""
    store = open_store(database_url)
    write(store, rows_of(1), 7)
    yield store
    store.dispose()


def before_of(live: Store) -> Store:
    return Store(TALLY.tables, beside(live, "before").url)


def undo(live: Store) -> None:
    """As `mentoring replay undo` does."""
    with Exchange(live) as held:
        held.undo()
    drop_before(live)


def test_a_store_takes_over_all_of_its_shadow_and_is_kept_itself(live: Store) -> None:
    old = live.digest()
    with shadow_with(live, rows_of(2, count=30), 7) as shadow:
        new = shadow.store.digest()
        with Exchange(live) as held:
            assert held.positions[0].seq == 7
            held.replace(shadow)
    assert live.digest() == new
    before = before_of(live)
    assert before.digest() == old
    before.dispose()
    found = kept(live)
    assert found is not None
    assert (found.positions[0].seq, found.size > 0) == (7, True)


def test_an_exchange_raises_the_generation_and_has_the_timers_set_again(live: Store) -> None:
    transaction = live.connect()
    transaction.set_timers_set(0, flag=True)
    transaction.commit()
    transaction.close()
    with shadow_with(live, rows_of(2), 7) as shadow, Exchange(live) as held:
        held.replace(shadow)
    assert places(live) == {0: (7, 1, False)}


def test_a_ledger_with_rows_of_the_store_before_is_fenced(live: Store) -> None:
    with shadow_with(live, rows_of(2), 7) as shadow, Exchange(live) as held:
        held.replace(shadow)
    ledger = live.connect()
    assert not ledger.move(0, 7, 8, "event 8", 0)
    assert ledger.move(0, 7, 8, "event 8", 1)
    ledger.close()


def test_operations_stay_where_they_are(live: Store) -> None:
    number = operation.begin(live, "rebuild", "ada", "a bug")
    with shadow_with(live, rows_of(2), 7) as shadow, Exchange(live) as held:
        held.replace(shadow)
    assert [each.id for each in operation.listing(live)] == [number]


def test_nothing_is_exchanged_when_something_goes_wrong_while_it_is_held(live: Store) -> None:
    old = live.digest()
    with shadow_with(live, rows_of(2), 7) as shadow:
        with pytest.raises(StoreTrouble), Exchange(live) as held:  # noqa: PT012 - the block is what fails
            held.replace(shadow)
            held.connection.exec_driver_sql("SELECT * FROM nowhere")
        assert (live.digest(), places(live), kept(live)) == (old, {0: (7, 0, False)}, None)
        with Exchange(live) as held:
            held.replace(shadow)
    assert words(live) == {2}


def test_only_a_shadow_that_stands_where_the_store_stands_is_taken(live: Store) -> None:
    with shadow_with(live, rows_of(2), 6) as shadow:
        words_ = "partition 0: the shadow stands at 6, the live store at 7"
        with pytest.raises(NotReady, match=words_), Exchange(live) as held:
            held.replace(shadow)
    write(live, [], 9, partition=1)
    with shadow_with(live, rows_of(2), 7) as shadow:
        words_ = "partition 1: the shadow stands at 0, the live store at 9"
        with pytest.raises(NotReady, match=words_), Exchange(live) as held:
            held.replace(shadow)
    assert words(live) == {1}


def test_only_a_shadow_of_the_same_log_is_taken(live: Store) -> None:
    with Shadow.open(live, TALLY) as shadow:
        transaction = shadow.store.connect()
        transaction.begin_position(0, "another log")
        transaction.move(0, 0, 7, "event 7", 0)
        transaction.commit()
        transaction.close()
        with pytest.raises(NotReady, match="from the log another log"), Exchange(live) as held:
            held.replace(shadow)


def test_an_empty_store_takes_whatever_its_shadow_holds(database_url: str) -> None:
    live = open_store(database_url)
    with shadow_with(live, rows_of(2), 7) as shadow, Exchange(live) as held:
        held.replace(shadow)
    assert (words(live), places(live)) == ({2}, {0: (7, 1, False)})
    live.dispose()


# -- keeping, and going back --


def test_a_second_exchange_waits_until_what_is_kept_was_dropped(live: Store) -> None:
    with shadow_with(live, rows_of(2), 7) as shadow, Exchange(live) as held:
        held.replace(shadow)
    with shadow_with(live, rows_of(3), 7) as shadow:
        with pytest.raises(NotReady, match="a store is kept already"), Exchange(live) as held:
            held.replace(shadow)
        assert drop_before(live)
        assert not drop_before(live)
        with Exchange(live) as held:
            held.replace(shadow)
    assert (words(live), places(live)) == ({3}, {0: (7, 2, False)})


def test_an_undone_exchange_gives_the_store_as_it_was_in_a_new_generation(live: Store) -> None:
    old = live.digest()
    with shadow_with(live, rows_of(2, count=3), 7) as shadow, Exchange(live) as held:
        held.replace(shadow)
    write(live, rows_of(2, "zeta"), 11)
    undo(live)
    assert live.digest() == old
    assert places(live) == {0: (7, 2, False)}
    assert kept(live) is None
    with pytest.raises(NotReady, match="nothing to undo"):
        undo(live)


def test_after_an_undo_another_exchange_is_made(live: Store) -> None:
    for word in (2, 3):
        with shadow_with(live, rows_of(word), 7) as shadow, Exchange(live) as held:
            held.replace(shadow)
        undo(live)
    assert (words(live), places(live)) == ({1}, {0: (7, 4, False)})


# -- one program --


def test_one_program_s_rows_are_exchanged_and_no_other_s(live: Store) -> None:
    write(live, rows_of(1, "zeta"), 9)
    transaction = live.connect()
    transaction.remember([b"seen" * 4])
    transaction.commit()
    transaction.close()
    old = live.digest()
    with shadow_with(live, rows_of(2, "zeta", 5), 8, "zeta") as shadow, Exchange(live) as held:
        held.replace(shadow, "zeta")
    transaction = live.connect()
    found = {(row.program, row.value) for row in transaction.each(Tally)}
    assert found == {("acme", 1), ("zeta", 2)}
    assert transaction.known([b"seen" * 4]) == {b"seen" * 4}
    transaction.close()
    assert places(live) == {0: (9, 1, False)}
    undo(live)
    assert live.digest() == old
    assert places(live) == {0: (9, 2, False)}


def test_a_program_that_is_folded_beyond_the_store_is_not_taken(live: Store) -> None:
    with shadow_with(live, rows_of(2), 8, "acme") as shadow:
        words_ = "the shadow stands at 8, the live store at 7"
        with pytest.raises(NotReady, match=words_), Exchange(live) as held:
            held.replace(shadow, "acme")


# -- beside others --


def test_a_reader_sees_all_of_the_store_before_or_all_of_the_one_after(live: Store) -> None:
    stop, seen, troubles = threading.Event(), list[frozenset[float]](), list[Exception]()

    def read() -> None:
        while not stop.is_set():
            try:
                seen.append(frozenset(words_under_one_snapshot(live)))
            except StoreTrouble as error:
                troubles.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for word in (2, 3):
        with shadow_with(live, rows_of(word), 7) as shadow, Exchange(live) as held:
            held.replace(shadow)
        drop_before(live)
    stop.set()
    for reader in readers:
        reader.join()
    assert troubles == []
    assert set(seen) <= {frozenset({1}), frozenset({2}), frozenset({3})}
    assert words(live) == {3}


def words_under_one_snapshot(store: Store) -> set[float]:
    """What a query of the API reads: several statements on one connection."""

    def ask(connection: object) -> set[float]:
        sql = (
            "SELECT value FROM tally UNION SELECT active FROM load",
            "SELECT value FROM tally",
            "SELECT active FROM load",
        )
        run = connection.exec_driver_sql  # type: ignore[attr-defined]
        return {float(row[0]) for each in sql for row in run(each)}

    return store.read(ask)


def test_a_writing_ledger_loses_nothing_and_does_nothing_twice(live: Store) -> None:
    """It folds all the time; the shadow is folded to where it stands while it is held."""
    stop, fenced = threading.Event(), list[int]()

    def row(seq: int, word: float) -> Tally:
        return Tally("acme", f"s{seq:05}", word, seq, active=True)

    def fold() -> None:
        transaction = live.connect()
        at = transaction.position(0)
        while not stop.is_set():
            assert at is not None
            seq = at.seq + 1
            if not transaction.move(0, at.seq, seq, f"event {seq}", at.generation):
                fenced.append(seq)
                transaction.rollback()
                at = transaction.position(0)
                continue
            transaction.save({Ref(Tally, row(seq, 5).key()): row(seq, 5)})
            transaction.commit()
            at = at._replace(seq=seq)
        transaction.close()

    ledger = threading.Thread(target=fold)
    ledger.start()
    for _ in range(3):
        with Shadow.open(live, TALLY, fresh=True) as shadow, Exchange(live) as held:
            last = held.positions[0].seq
            write(shadow.store, [row(seq, 5) for seq in range(8, last + 1)], last)
            held.replace(shadow)
        drop_before(live)
    stop.set()
    ledger.join()
    transaction = live.connect()
    at = transaction.position(0)
    assert at is not None
    assert at.generation == 3
    assert [each.count for each in transaction.each(Tally)] == list(range(8, at.seq + 1))
    transaction.close()
    assert len(fenced) >= 2


def test_a_store_that_cannot_be_held_in_time_is_trouble(live: Store) -> None:
    busy = live.connect()
    busy.set_fold_version(2)
    with pytest.raises(StoreTrouble), Exchange(live, patience=0.05):
        pytest.fail("it was held although somebody writes")
    busy.close()
    with Exchange(live, patience=5):
        pass
