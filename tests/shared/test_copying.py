"""Many rows written at once stand there as if they had been written one by one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from shared import copying
from shared.outcome import DeadLetter, StoreRefused
from shared.store import Store
from shared.world import Ref, Row, Timer
from tests.tally.service import TALLY, Load, Tally

WHEN = datetime(2026, 1, 5, 9, 30, 15, 123456, tzinfo=UTC)


@pytest.fixture
def store(postgres_url: str) -> Iterator[Store]:
    store = Store(TALLY.tables, postgres_url)
    store.create_all()
    yield store
    store.dispose()


def rows(count: int, value: float = 1.0) -> dict[Ref, Row | None]:
    """Of several kinds, with what a format could get wrong: tabs, quotes, NULL, fractions."""
    odd = 'a\tb"c\\N\nd'
    tallies = [
        Tally("acme", f"c{n}", value + n / 7, n, active=n % 2 == 0, expires=WHEN if n % 3 else None)
        for n in range(count)
    ]
    timers = [Timer("acme", t.cycle, "expires", WHEN + timedelta(days=t.count)) for t in tallies]
    letters = [DeadLetter("acme", n, odd, "w", "", "parked", odd, "", "open") for n in range(count)]
    made: list[Row] = [*tallies, *timers, *letters, Load("acme", 1, count)]
    return {Ref(type(row), row.key()): row for row in made}


def saved(store: Store, *batches: dict[Ref, Row | None]) -> list[Row]:
    transaction = store.connect()
    try:
        for batch in batches:
            transaction.save(batch)
        transaction.commit()
        return list(transaction.everything())
    finally:
        transaction.close()


def test_copied_rows_are_those_that_single_statements_would_have_written(
    store: Store, new_postgres_url: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = saved(store, rows(700))
    monkeypatch.setattr(copying, "ENOUGH", 10**9)
    other = Store(TALLY.tables, new_postgres_url())
    other.create_all()
    assert saved(other, rows(700)) == copied
    assert other.digest() == store.digest()
    other.dispose()


def test_rows_that_are_there_are_updated_twice_in_one_transaction(store: Store) -> None:
    found = saved(store, rows(700), rows(600, value=2.0), rows(550, value=3.0))
    values = [row.value - row.count / 7 for row in found if isinstance(row, Tally)]
    rounded = [round(value) for value in values]
    assert [rounded.count(n) for n in (1, 2, 3)] == [100, 50, 550]


def test_what_the_database_cannot_hold_is_refused(store: Store) -> None:
    bad = rows(600) | {Ref(Tally, ("acme", "nul")): Tally("acme", "a\0b", 1.0, 1, active=True)}
    with pytest.raises(StoreRefused):
        saved(store, bad)
    long = rows(600) | {Ref(Tally, ("acme", "long")): Tally("acme", "x" * 999, 1.0, 1, active=True)}
    with pytest.raises(StoreRefused):
        saved(store, long)
    assert len(saved(store, rows(600))) == 1801


def test_many_fingerprints_are_remembered_whatever_their_number(store: Store) -> None:
    prints = [n.to_bytes(16, "big") for n in range(1200)]
    transaction = store.connect()
    transaction.remember(prints[:1100])
    transaction.remember(prints[1100:])
    assert transaction.known(prints) == set(prints)
    transaction.close()
