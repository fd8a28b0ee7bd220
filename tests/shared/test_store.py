"""The store, the same on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, ClassVar, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Column, Connection, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.digest import digest
from shared.events.duration import Duration
from shared.outcome import DeadLetter, StoreRefused, StoreTrouble
from shared.rows import TableMap
from shared.store import Store
from shared.tables import Instant, Json
from shared.transaction import Position, Transaction
from shared.world import Clock, Ref, Row, Timer, World
from tests.tally.service import TALLY

NOON = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Open:
    kind: Literal["open"] = "open"


@dataclass(frozen=True, slots=True)
class Held:
    until: datetime
    by: tuple[str, ...] = ()
    kind: Literal["held"] = "held"


OPEN = Open()


@dataclass(frozen=True, slots=True)
class Sample(Row):
    """One field of every kind that a service may use."""

    KEY: ClassVar[tuple[str, ...]] = ("program", "cycle", "number")
    ABOUT: ClassVar[str] = "cycle"

    program: str
    cycle: str
    number: int
    name: str | None = None
    size: float = 0.0
    count: int | None = None
    whole: bool = False
    at: datetime | None = None
    day: date | None = None
    state: Open | Held = OPEN
    words: tuple[str, ...] = ()
    shares: dict[str, float] = field(default_factory=dict)
    wait: Duration | None = None


class Base(SQLModel, registry=registry()):
    """Tables of this test alone."""


class SampleTable(Base, table=True):
    __tablename__ = "sample"
    program: str = Field(primary_key=True)
    cycle: str = Field(primary_key=True, index=True)
    number: int = Field(primary_key=True)
    name: str | None = None
    size: float
    count: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    whole: bool
    at: datetime | None = Field(default=None, sa_column=Column(Instant, nullable=True))
    day: date | None = None
    state: Any = Field(sa_column=Column(Json, nullable=False))
    words: Any = Field(sa_column=Column(Json, nullable=False))
    shares: Any = Field(sa_column=Column(Json, nullable=False))
    wait: Any = Field(sa_column=Column(Json, nullable=True))


TABLES: dict[type[Row], type[SQLModel]] = {Sample: SampleTable}


def sample(number: int = 1, cycle: str = "c1", **fields: Any) -> Sample:
    return Sample("acme", cycle, number, **fields)


FULL = sample(
    number=2,
    name="Zoë 😀 'quoted' %s ? :p \\",
    size=0.1 + 0.2,
    count=2**53 + 1,
    whole=True,
    at=NOON,
    day=date(2026, 2, 28),
    state=Held(NOON, ("b", "a")),
    words=("x", "y"),
    shares={"b": 0.5, "a": 1 / 3},
    wait=Duration(days=3),
)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(TABLES, database_url)
    store.create_all()
    yield store
    store.dispose()


@pytest.fixture
def transaction(store: Store) -> Iterator[Transaction]:
    transaction = store.connect()
    yield transaction
    transaction.close()


def save(transaction: Transaction, *rows: Row) -> None:
    transaction.save({Ref(type(row), row.key()): row for row in rows})


def loaded(transaction: Transaction, *keys: tuple[Any, ...]) -> list[Sample]:
    return sorted(transaction.load(Sample, keys), key=Row.key)


# -- rows --


def test_a_row_comes_back_as_it_was_saved(transaction: Transaction) -> None:
    save(transaction, sample(), FULL)
    transaction.commit()
    assert loaded(transaction, sample().key(), FULL.key()) == [sample(), FULL]


def test_instants_come_back_in_utc_whatever_their_offset(transaction: Transaction) -> None:
    there = timezone(timedelta(hours=5, minutes=45))
    save(transaction, sample(at=NOON.astimezone(there)))
    (row,) = loaded(transaction, sample().key())
    assert row.at == NOON
    assert row.at is not None
    assert row.at.tzinfo is UTC


def test_saving_again_overwrites_and_saving_none_removes(transaction: Transaction) -> None:
    save(transaction, sample(name="old"))
    save(transaction, sample(name="new"))
    assert [row.name for row in loaded(transaction, sample().key())] == ["new"]
    transaction.save({Ref(Sample, sample().key()): None})
    assert loaded(transaction, sample().key()) == []


def test_missing_keys_are_left_out(transaction: Transaction) -> None:
    save(transaction, sample())
    assert loaded(transaction, sample().key(), ("acme", "c9", 1)) == [sample()]


def test_many_keys_are_loaded_at_once(transaction: Transaction) -> None:
    rows = [sample(number=n) for n in range(1_300)]
    save(transaction, *rows)
    assert loaded(transaction, *[row.key() for row in rows]) == rows


@pytest.mark.parametrize("count", [1, 2, 500])
def test_sqlite_looks_each_key_up_and_never_reads_a_whole_table(tmp_path: Path, count: int) -> None:
    store = Store(TABLES, sqlite_in(tmp_path))
    store.create_all()

    def steps(connection: Connection, table: TableMap) -> list[str]:
        values = ("1",) * (count * len(table.key_of(range(99))))
        sql = f"EXPLAIN QUERY PLAN {table.select_keys(count)}"
        return [row[3] for row in connection.exec_driver_sql(sql, values)]

    for table in store.maps.values():
        taken = store.read(lambda connection, table=table: steps(connection, table))  # type: ignore[misc]
        assert any(step.startswith(f"SEARCH {table.name} USING") for step in taken), taken
        assert not any(step.startswith(f"SCAN {table.name}") for step in taken), taken
    store.dispose()


def test_rows_are_found_by_the_values_of_fields(transaction: Transaction) -> None:
    save(transaction, sample(1, at=NOON), sample(2, whole=True), sample(3, "c2"))
    assert {r.number for r in transaction.find(Sample, {"program": "acme", "cycle": "c1"})} == {
        1,
        2,
    }
    assert [r.number for r in transaction.find(Sample, {"program": "acme", "whole": True})] == [2]
    assert [r.number for r in transaction.find(Sample, {"at": NOON})] == [1]


def test_a_world_over_a_store_sees_what_was_saved_and_saves_what_changed(store: Store) -> None:
    transaction = store.connect()
    world = World(transaction)
    world.apply([sample(), sample(2)])
    world.keep()
    transaction.save(world.take_changes())
    transaction.commit()
    again = World(transaction)
    assert again.get(Sample, "acme", "c1", 1) == sample()
    assert again.where(Sample, program="acme", cycle="c1") == [sample(), sample(2)]
    transaction.close()


def test_what_was_not_committed_is_gone(store: Store) -> None:
    first = store.connect()
    save(first, sample())
    first.close()
    second = store.connect()
    assert loaded(second, sample().key()) == []
    second.close()


@pytest.mark.parametrize(
    "bad",
    [
        sample(name="a\x00b"),
        sample(count=2**70),
        sample(name="\ud800"),
    ],
    ids=["nul", "too large", "lone surrogate"],
)
def test_values_that_no_database_takes_are_refused_or_kept_but_never_trouble(
    store: Store, bad: Sample
) -> None:
    transaction = store.connect()
    try:
        save(transaction, bad)
    except StoreRefused:
        transaction.rollback()
        assert list(transaction.everything()) == []
    else:
        assert loaded(transaction, bad.key()) == [bad]
    transaction.close()


def test_a_missing_table_is_trouble(database_url: str) -> None:
    store = Store(TABLES, database_url)
    transaction = store.connect()
    with pytest.raises(StoreTrouble):
        save(transaction, sample())
    transaction.close()
    store.dispose()


# -- the ledger's own tables --


def test_a_partition_has_no_position_until_it_begins(transaction: Transaction) -> None:
    assert transaction.position(0) is None
    transaction.begin_position(0, "log-1")
    assert transaction.position(0) == Position(0, "log-1", "", 0, timers_set=False)


def test_a_position_moves_only_from_where_it_stands(transaction: Transaction) -> None:
    transaction.begin_position(0, "log-1")
    assert transaction.move(0, 0, 7, "seven", 0)
    assert not transaction.move(0, 0, 9, "nine", 0)
    assert transaction.position(0) == Position(7, "log-1", "seven", 0, timers_set=False)


def test_a_position_moves_only_in_its_generation(transaction: Transaction) -> None:
    transaction.begin_position(0, "log-1")
    assert not transaction.move(0, 0, 7, "seven", 1)
    assert transaction.position(0) == Position(0, "log-1", "", 0, timers_set=False)


def test_whether_timers_are_set_is_kept_by_partition(transaction: Transaction) -> None:
    transaction.begin_position(0, "log-1")
    transaction.begin_position(1, "log-1")
    transaction.set_timers_set(1, flag=True)
    flags = [transaction.position(partition) for partition in (0, 1)]
    assert [position and position.timers_set for position in flags] == [False, True]
    transaction.set_timers_set(1, flag=False)
    assert transaction.position(1) == transaction.position(0)


def test_timers_are_those_of_the_store_by_key(transaction: Transaction) -> None:
    timers = [Timer("acme", about, "expires", NOON) for about in ("c1", "c2", "c3")]
    save(transaction, *reversed(timers), Clock("acme", NOON))
    assert list(transaction.timers()) == timers


def test_positions_of_partitions_are_their_own(transaction: Transaction) -> None:
    transaction.begin_position(0, "log-1")
    transaction.begin_position(1, "log-1")
    assert transaction.move(1, 0, 5, "five", 0)
    assert transaction.position(0) == Position(0, "log-1", "", 0, timers_set=False)


def test_the_fold_version_is_what_was_set_last(transaction: Transaction) -> None:
    assert transaction.fold_version() is None
    transaction.set_fold_version(1)
    transaction.set_fold_version(2)
    assert transaction.fold_version() == 2


def test_fingerprints_are_known_once_remembered(transaction: Transaction) -> None:
    prints = [bytes([n % 256, n // 256]) * 8 for n in range(1_100)]
    transaction.remember(prints[:1_000])
    assert transaction.known(prints) == set(prints[:1_000])
    assert transaction.known([]) == set()
    transaction.remember([])


def test_parked_keys_are_those_of_open_parked_letters(transaction: Transaction) -> None:
    def letter(seq: int, about: str, kind: str, state: str) -> DeadLetter:
        return DeadLetter("acme", seq, about, "progressed", "id", kind, "raised", "", state)

    save(
        transaction,
        letter(1, "c1", "parked", "open"),
        letter(2, "c1", "parked", "open"),
        letter(3, "c2", "parked", "redriven"),
        letter(4, "c3", "rejected", "open"),
    )
    assert transaction.parked() == {("acme", "c1")}


def test_the_ledger_s_own_rows_come_back_as_they_were_saved(transaction: Transaction) -> None:
    rows: list[Row] = [
        Clock("acme", NOON),
        DeadLetter("acme", 2**40, "c1", "w", "e", "invalid", "r", "/f", "open"),
        Timer("acme", "c1", "expires", NOON),
    ]
    save(transaction, *rows)
    assert list(transaction.everything()) == rows


# -- digest --


def test_the_digest_is_that_of_the_rows_alone(store: Store) -> None:
    transaction = store.connect()
    save(transaction, FULL)
    transaction.commit()
    before = store.digest()
    transaction.begin_position(0, "log-1")
    transaction.remember([b"0" * 16])
    transaction.set_fold_version(3)
    transaction.commit()
    transaction.close()
    assert store.digest() == before


def test_the_digest_does_not_depend_on_the_order_of_saving(
    new_store: Callable[[str], Store],
) -> None:
    rows = [sample(n, cycle) for cycle in ("a", "B", "_", "-", "b1", "b") for n in (2, 10, 1)]
    assert digest_of(new_store("sqlite"), *rows) == digest_of(new_store("sqlite"), *rows[::-1])


def test_the_digest_of_a_world_in_memory_is_that_of_the_store(store: Store) -> None:
    rows: list[Row] = [FULL, sample(), Clock("acme", NOON), Timer("acme", "c1", "x", NOON)]
    world = World()
    world.apply(rows)
    assert digest_of(store, *rows) == digest(world.rows())


def test_the_digest_knows_one_zero(new_store: Callable[[str], Store]) -> None:
    row = sample(size=-0.0)
    assert digest_of(new_store("sqlite"), row) == digest_of(new_store("postgresql"), row)


def test_any_changed_value_changes_the_digest() -> None:
    others = [
        sample(name="x"),
        sample(size=1e-300),
        sample(whole=True),
        sample(at=NOON),
        sample(at=NOON + timedelta(microseconds=1)),
        sample(state=Held(NOON)),
        sample(words=("a",)),
        sample(words=("a", "")),
        sample(shares={"a": 1.0}),
    ]
    assert len({digest([row]) for row in [sample(), *others]}) == len(others) + 1


@pytest.fixture
def new_store(postgres_url: str, tmp_path: Path) -> Iterator[Callable[[str], Store]]:
    """A function that gives the empty store of a database, the same one each time."""
    stores = {
        "sqlite": Store(TABLES, sqlite_in(tmp_path)),
        "postgresql": Store(TABLES, postgres_url),
    }
    for store in stores.values():
        store.create_all()

    def empty(kind: str) -> Store:
        store = stores[kind]
        with store.engine.begin() as connection:
            for table in store.metadata.sorted_tables:
                connection.execute(table.delete())
        return store

    yield empty
    for store in stores.values():
        store.dispose()


def sqlite_in(folder: Path) -> str:
    return f"sqlite:///{folder / 'store.db'}"


def digest_of(store: Store, *rows: Row) -> str:
    transaction = store.connect()
    save(transaction, *rows)
    transaction.commit()
    transaction.close()
    return store.digest()


_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
_INSTANTS = st.integers(-(10**15), 10**15).map(lambda us: NOON + timedelta(microseconds=us))
_STATES = st.one_of(st.just(Open()), st.builds(Held, _INSTANTS, st.lists(_TEXT).map(tuple)))
_SAMPLES = st.builds(
    Sample,
    st.sampled_from(["acme", "Beta", "_", "-"]),
    _TEXT,
    st.integers(-(2**31), 2**31 - 1),
    name=st.none() | _TEXT,
    size=st.floats(allow_nan=False, allow_infinity=False),
    count=st.none() | st.integers(-(2**63), 2**63 - 1),
    whole=st.booleans(),
    at=st.none() | _INSTANTS,
    day=st.none() | st.dates(),
    state=_STATES,
    words=st.lists(_TEXT).map(tuple),
    shares=st.dictionaries(_TEXT, st.floats(0, 1)),
    wait=st.none() | st.integers(0, 999).map(lambda days: Duration(days=days)),
)


@given(st.lists(_SAMPLES, max_size=8))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_rows_come_back_and_have_one_digest_on_both_databases(
    new_store: Callable[[str], Store], rows: list[Sample]
) -> None:
    distinct = {row.key(): row for row in rows}.values()
    digests = set()
    for kind in ("sqlite", "postgresql"):
        store = new_store(kind)
        digests.add(digest_of(store, *distinct))
        with closing(store.connect()) as transaction:
            assert list(transaction.everything()) == sorted(distinct, key=Row.key)
    assert len(digests) == 1


def test_text_keys_are_sorted_by_their_bytes_whatever_the_database_s_language(
    store: Store,
) -> None:
    order = store.maps[Sample].select_all.partition(" ORDER BY ")[2]
    keys = order.split(", ")
    if store.engine.dialect.name == "postgresql":
        assert [key.endswith(' COLLATE "C"') for key in keys] == [True, True, False]
    else:
        assert keys == ["program", "cycle", "number"]


# -- what SQLite is told --


def test_sqlite_keeps_every_commit_on_the_disk(tmp_path: Path) -> None:
    store = Store(TALLY.tables, sqlite_in(tmp_path))

    def pragma(name: str) -> Any:
        return store.read(lambda c: c.execute(text(f"PRAGMA {name}")).scalar())

    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2
    store.dispose()


def test_a_reader_does_not_wait_for_a_writer(store: Store) -> None:
    writer = store.connect()
    save(writer, sample())
    assert store.read(lambda c: c.execute(text("SELECT count(*) FROM sample")).scalar()) == 0
    writer.commit()
    assert store.read(lambda c: c.execute(text("SELECT count(*) FROM sample")).scalar()) == 1
    writer.close()


def test_a_commit_that_the_database_refuses_is_trouble_and_blames_no_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answers are in the log by then: an input that was blamed would be answered again."""

    def refuse() -> None:
        raise IntegrityError("COMMIT", {}, Exception("a deferred constraint"))

    store = Store(TALLY.tables, f"sqlite:///{tmp_path / 'store.db'}")
    with closing(store.connect()) as transaction:
        monkeypatch.setattr(transaction.connection, "commit", refuse)
        with pytest.raises(StoreTrouble):
            transaction.commit()


def test_a_row_that_cannot_be_written_down_is_refused(tmp_path: Path) -> None:
    store = Store(TALLY.tables, f"sqlite:///{tmp_path / 'store.db'}")
    row = Timer("acme", "c1", "expires", "tomorrow")  # type: ignore[arg-type]
    with closing(store.connect()) as transaction, pytest.raises(StoreRefused, match="timer"):
        transaction.save({Ref(Timer, row.key()): row})
