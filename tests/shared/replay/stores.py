"""Stores whose rows tell which fold has written them, for tests of what is done to whole stores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from shared.replay.shadow import Shadow
from shared.store import Store
from shared.transaction import positions_of
from shared.world import Clock, Ref, Row, Timer
from tests.tally.service import TALLY, Load, Tally

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def open_store(url: str) -> Store:
    """A store of the tally at this address, with its tables."""
    store = Store(TALLY.tables, url)
    store.create_all()
    return store


def rows_of(word: float, program: str = "acme", count: int = 20) -> list[Row]:
    """Rows of several tables that all say `word`."""
    tallies = [Tally(program, f"c{n:03}", word, n, active=True) for n in range(count)]
    others = [Load(program, int(word), 0), Clock(program, NOON.replace(hour=int(word)))]
    return [*tallies, *others, Timer(program, "c000", "expires", NOON.replace(hour=int(word)))]


def write(store: Store, rows: Iterable[Row], seq: int, partition: int = 0) -> None:
    """Save rows, and move a partition to `seq` in whatever generation it is."""
    transaction = store.connect()
    if transaction.position(partition) is None:
        transaction.begin_position(partition, "log")
    at = transaction.position(partition)
    assert at is not None
    assert transaction.move(partition, at.seq, seq, f"event {seq}", at.generation)
    transaction.save({Ref(type(row), row.key()): row for row in rows})
    transaction.commit()
    transaction.close()


def shadow_with(live: Store, rows: Iterable[Row], seq: int, program: str | None = None) -> Shadow:
    """A shadow that has folded to `seq`."""
    shadow = Shadow.open(live, TALLY, program=program, fresh=True)
    write(shadow.store, rows, seq)
    return shadow


def words(store: Store) -> set[float]:
    """What the rows of a store say, read in one transaction."""
    transaction = store.connect()
    found: set[float] = {each.value for each in transaction.each(Tally)}
    found |= {each.active for each in transaction.each(Load)}
    found |= {each.at.hour for each in transaction.each(Clock)}
    found |= {each.at.hour for each in transaction.timers()}
    transaction.close()
    return found


def places(store: Store) -> Mapping[int, tuple[int, int, bool]]:
    """By partition: sequence, generation, and whether timers are set."""
    found = store.read(positions_of)
    return {at: (each.seq, each.generation, each.timers_set) for at, each in found.items()}
