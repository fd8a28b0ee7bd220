"""What differs between two stores, on both databases and between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.digest import digest
from shared.replay.compare import Comparison, Difference, snapshot
from shared.store import Store
from shared.world import Ref, Row
from tests.shared.replay.stores import NOON, open_store, rows_of, write
from tests.tally.service import Load, Tally


@pytest.fixture
def live(database_url: str) -> Iterator[Store]:
    store = open_store(database_url)
    yield store
    store.dispose()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Store]:
    """A second store, in SQLite."""
    store = open_store(f"sqlite:///{tmp_path / 'other.db'}")
    yield store
    store.dispose()


def compare(
    live: Store, other: Store, program: str | None = None
) -> tuple[list[Difference], Comparison]:
    with snapshot(live) as first, snapshot(other) as second:
        comparison = Comparison(first, second, program)
        return list(comparison), comparison


def row(cycle: str, value: float = 1.0, count: int = 0, program: str = "acme") -> Tally:
    return Tally(program, cycle, value, count, active=True)


def test_two_stores_with_the_same_rows_do_not_differ(live: Store, other: Store) -> None:
    write(live, rows_of(1), 7)
    write(other, rows_of(1), 8)
    found, comparison = compare(live, other)
    assert (found, comparison.rows, comparison.found) == ([], 23, {})
    assert comparison.digest_live == comparison.digest_other == live.digest()


def test_a_difference_names_table_key_and_columns_on_both_sides(live: Store, other: Store) -> None:
    write(live, [row("c1"), row("c2"), row("c4", 4), Load("acme", 3, 0)], 7)
    write(other, [row("c1"), row("c2", 2, 5), row("c3", 3), Load("acme", 3, 0)], 7)
    found, comparison = compare(live, other)
    changed, missing, extra = found
    assert (changed.table, changed.kind, changed.key) == ("tally", "changed", ("acme", "c2"))
    assert changed.columns == {"value": (1.0, 2.0), "count": (0, 5)}
    assert changed.ref == Ref(Tally, ("acme", "c2"))
    assert (missing.kind, missing.key) == ("missing", ("acme", "c3"))
    assert missing.columns["value"] == (None, 3.0)
    assert set(missing.columns) == {"program", "cycle", "value", "count", "active", "expires"}
    assert (extra.kind, extra.key) == ("extra", ("acme", "c4"))
    assert extra.columns["value"] == (4.0, None)
    assert comparison.found == {"tally": {"changed": 1, "missing": 1, "extra": 1}}
    assert (comparison.digest_live, comparison.digest_other) == (live.digest(), other.digest())


def test_one_program_is_compared_by_itself(live: Store, other: Store) -> None:
    write(live, [row("c1"), row("c1", 5, program="zeta")], 7)
    write(other, [row("c1"), row("c1", 6, program="beta")], 7)
    found, comparison = compare(live, other, "acme")
    assert found == []
    assert comparison.digest_live == comparison.digest_other == digest([row("c1")])
    with snapshot(live) as taken:
        assert taken.digest("acme") == digest([row("c1")])
        assert taken.digest() == live.digest()


def test_a_snapshot_stays_while_the_store_goes_on(live: Store, other: Store) -> None:
    write(live, [row("c1")], 7)
    write(other, [row("c1")], 7)
    with snapshot(live) as first, snapshot(other) as second:
        write(live, [row("c1", 9), row("c2")], 8)
        assert first.positions[0].seq == 7
        assert list(Comparison(first, second)) == []
    with snapshot(live) as later:
        assert later.positions[0].seq == 8


def test_a_row_that_cannot_be_read_is_a_difference(live: Store, other: Store) -> None:
    for store in (live, other):
        write(store, [replace(row("c1"), expires=NOON)], 7)
    with live.engine.begin() as connection:
        if live.engine.dialect.name == "sqlite":
            connection.exec_driver_sql("UPDATE tally SET expires = 'soon'")
        else:
            connection.exec_driver_sql("UPDATE tally SET value = 'NaN'")
    found, comparison = compare(live, other)
    assert [(each.kind, each.key) for each in found] == [("changed", ("acme", "c1"))]
    assert comparison.digest_live != comparison.digest_other


def test_many_rows_are_compared_in_their_order(live: Store, other: Store) -> None:
    """More than are fetched at a time, with keys whose order differs between languages."""
    names = [f"{letter}{n}" for letter in ("a", "B", "-", "é", "z_") for n in range(1_000)]
    write(live, [row(name) for name in names], 7)
    write(other, [row(name) for name in names if name != "é500"], 7)
    found, comparison = compare(live, other)
    assert [(each.kind, each.key[1]) for each in found] == [("extra", "é500")]
    assert comparison.rows == 5_000


ROWS = st.dictionaries(
    st.sampled_from([f"c{n}" for n in range(8)]), st.floats(0, 3, width=16), max_size=8
)


@given(mine=ROWS, theirs=ROWS)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_differences_are_those_of_the_rows_as_sets(
    live: Store, other: Store, mine: dict[str, float], theirs: dict[str, float]
) -> None:
    put(live, [row(name, value) for name, value in mine.items()])
    put(other, [row(name, value) for name, value in theirs.items()])
    found, comparison = compare(live, other)
    kinds = {each.key[1]: each.kind for each in found}
    both = mine.keys() & theirs.keys()
    changed = dict.fromkeys((name for name in both if mine[name] != theirs[name]), "changed")
    missing = dict.fromkeys(theirs.keys() - mine.keys(), "missing")
    assert kinds == {**changed, **missing, **dict.fromkeys(mine.keys() - theirs.keys(), "extra")}
    assert (comparison.digest_live == comparison.digest_other) == (mine == theirs)


def put(store: Store, rows: Iterable[Row]) -> None:
    """These rows and no others."""
    transaction = store.connect()
    gone = {Ref(Tally, each.key()): None for each in transaction.each(Tally)}
    transaction.save({**gone, **{Ref(Tally, each.key()): each for each in rows}})
    transaction.commit()
    transaction.close()


def test_stores_of_the_same_kind_are_compared_as_they_stand(tmp_path: Path) -> None:
    stores = [open_store(f"sqlite:///{tmp_path / name}.db") for name in ("one", "two")]
    for store in stores:
        write(store, rows_of(1), 7)
    found, comparison = compare(stores[0], stores[1])
    assert found == []
    assert comparison.digest_live == stores[0].digest() == comparison.digest_other
    for store in stores:
        store.dispose()
