"""Reading a service's bookkeeping, on both databases."""

from datetime import timedelta
from pathlib import Path

import pytest

from services.cli.store_view import NextTimer, StoreAway, look
from shared.outcome import DeadLetter
from shared.store import Store
from shared.world import Ref, Row, Timer
from tests.cli.say import NOW
from tests.tally.service import TALLY


async def test_positions_timers_and_dead_letters_are_read(database_url: str) -> None:
    fill(database_url)

    view = await look(database_url)

    assert view.positions == {0: 7, 1: 9}
    assert (view.timers, view.next) == (2, NextTimer(NOW, "spring", "c2", "expires"))
    assert view.letters == {"invalid": 1, "parked": 1, "rejected": 2}


async def test_an_empty_store_has_nothing(database_url: str) -> None:
    store = Store(TALLY.tables, database_url)
    store.create_all()
    store.dispose()

    view = await look(database_url)

    assert (view.positions, view.timers, view.next, view.letters) == ({}, 0, None, {})


async def test_a_store_without_tables_is_told(database_url: str) -> None:
    if database_url.startswith("sqlite"):
        Path(database_url.removeprefix("sqlite:///")).touch()

    with pytest.raises(StoreAway, match="has no tables yet"):
        await look(database_url)


async def test_a_file_that_is_not_there_is_told_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreAway, match="there is no database"):
        await look(f"sqlite:///{tmp_path / 'absent.db'}")

    assert not (tmp_path / "absent.db").exists()


@pytest.mark.parametrize("url", ["", "mysql://root@db/matching", "postgresql://nobody@host:port/x"])
async def test_an_address_that_is_none_is_told(url: str) -> None:
    with pytest.raises(StoreAway, match=r"must be sqlite|does not answer"):
        await look(url)


async def test_a_database_that_is_away_is_told() -> None:
    with pytest.raises(StoreAway, match="the database does not answer"):
        await look("postgresql://nobody@127.0.0.1:1/nothing")


def fill(url: str) -> None:
    """Two partitions, two timers, five dead letters of which one is redriven."""
    store = Store(TALLY.tables, url)
    store.create_all()
    transaction = store.connect()
    for partition, seq in ((0, 7), (1, 9)):
        transaction.begin_position(partition, "log")
        transaction.move(partition, 0, seq, "event", 0)
    rows: list[Row] = [
        Timer("spring", "c1", "expires", NOW + timedelta(days=1)),
        Timer("spring", "c2", "expires", NOW),
    ]
    for seq, (kind, state) in enumerate(
        [("invalid", "open"), ("rejected", "open"), ("rejected", "open"), ("parked", "open"),
         ("parked", "redriven")]
    ):  # fmt: skip
        rows.append(DeadLetter("spring", seq, "c1", "met", "id", kind, "rule", "", state))
    transaction.save({Ref(type(row), row.key()): row for row in rows})
    transaction.commit()
    transaction.close()
    store.dispose()
