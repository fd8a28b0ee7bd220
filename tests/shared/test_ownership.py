"""Who folds which partition: one process per SQLite store; pods share partitions on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from shared import ownership
from shared.engine import make_engine
from shared.ownership import FileOwnership, SharedOwnership
from shared.store import Store
from tests.backends.postgres_server import PostgresServer
from tests.tally.log import until
from tests.tally.service import TALLY

# -- a file --


async def test_the_first_process_owns_every_partition(tmp_path: Path) -> None:
    first = FileOwnership(tmp_path / "store.db")
    await first.wait(0)
    assert first.owns(0)
    assert first.owns(5)
    await first.stop()
    assert not first.owns(0)


async def test_a_second_process_gets_it_only_when_the_first_gives_it_back(tmp_path: Path) -> None:
    first, second = FileOwnership(tmp_path / "store.db"), FileOwnership(tmp_path / "store.db")
    await first.wait(0)
    assert not second._take()
    assert not second.owns(0)
    await first.stop()
    await second.wait(0)
    assert second.owns(0)
    await second.stop()


async def test_two_databases_have_two_owners(tmp_path: Path) -> None:
    one, other = FileOwnership(tmp_path / "a.db"), FileOwnership(tmp_path / "b.db")
    await one.wait(0)
    await other.wait(0)
    assert one.owns(0)
    assert other.owns(0)
    await one.stop()
    await other.stop()


async def test_stopping_twice_harms_nobody(tmp_path: Path) -> None:
    first = FileOwnership(tmp_path / "store.db")
    await first.stop()
    await first.wait(0)
    await first.stop()
    await first.stop()


# -- shared --


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often, and take pods for dead soon: the rules are the same."""
    monkeypatch.setattr(ownership, "LOOK", 0.05)
    monkeypatch.setattr(ownership, "DEAD_AFTER", 1.0)


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:
    store = Store(TALLY.tables, postgres_url)
    store.create_all()
    yield store.engine
    store.dispose()


@asynccontextmanager
async def pod(url: str, name: str, partitions: int = 8) -> AsyncIterator[SharedOwnership]:
    """A pod with an engine, and so with sessions, of its own."""
    engine = make_engine(url)
    shared = SharedOwnership(engine, "tally", partitions, name)
    await shared.start()
    try:
        yield shared
    finally:
        await shared.stop()
        engine.dispose()


def owned(shared: SharedOwnership, partitions: int = 8) -> set[int]:
    return {partition for partition in range(partitions) if shared.owns(partition)}


@pytest.mark.usefixtures("quick", "engine")
async def test_one_pod_owns_all(postgres_url: str) -> None:
    async with pod(postgres_url, "a") as a:
        await until(lambda: owned(a) == set(range(8)), "it owns all")
        await a.wait(7)


@pytest.mark.usefixtures("quick", "engine")
async def test_a_pod_that_joins_gets_its_share_and_the_surplus_is_released(
    postgres_url: str,
) -> None:
    async with pod(postgres_url, "a") as a:
        await until(lambda: len(owned(a)) == 8, "it owns all")
        async with pod(postgres_url, "b") as b, pod(postgres_url, "c") as c:
            await until(lambda: shared_out([a, b, c], at_most=3), "three pods share")
        await until(lambda: len(owned(a)) == 8, "what others leave is taken")


def shared_out(pods: list[SharedOwnership], at_most: int) -> bool:
    """Whether every partition has exactly one owner, and nobody has more than a share."""
    held = [owned(each) for each in pods]
    return sum(map(len, held)) == 8 == len(set().union(*held)) and max(map(len, held)) <= at_most


@pytest.mark.usefixtures("quick", "engine")
async def test_more_pods_than_partitions_leave_some_without(postgres_url: str) -> None:
    async with AsyncExitStack() as stack:
        pods = [
            await stack.enter_async_context(pod(postgres_url, f"p{n}", partitions=2))
            for n in range(4)
        ]
        await until(
            lambda: sorted(len(owned(each, 2)) for each in pods) == [0, 0, 1, 1],
            "two own one each",
        )


@pytest.mark.usefixtures("quick")
async def test_a_pod_that_dies_without_a_word_is_not_counted_for_long(
    postgres_url: str, engine: Engine
) -> None:
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO pod (name, heard) VALUES ('dead', now())"))
    async with pod(postgres_url, "a") as a:
        await until(lambda: len(owned(a)) == 4, "it leaves the other its share")
        await until(lambda: len(owned(a)) == 8, "it takes what the dead one left")


@pytest.mark.usefixtures("quick", "engine")
async def test_no_partition_ever_has_two_owners(postgres_url: str) -> None:
    async with pod(postgres_url, "a") as a, pod(postgres_url, "b") as b:
        for _ in range(3):
            async with pod(postgres_url, "c") as c:
                await until(lambda other=c: shared_out([a, b, other], at_most=3), "three share")  # type: ignore[misc]
                assert not owned(a) & owned(b)
            await until(lambda: shared_out([a, b], at_most=4), "two share")


@pytest.mark.usefixtures("quick")
async def test_services_in_one_database_do_not_take_each_other_s_locks(
    postgres_url: str, engine: Engine
) -> None:
    other = SharedOwnership(engine, "matching", 8, "m")
    await other.start()
    async with pod(postgres_url, "a") as a:
        await until(lambda: bool(owned(a)) and bool(owned(other)), "both own some")
        assert owned(a) & owned(other)
    await other.stop()


@pytest.mark.usefixtures("quick")
async def test_a_database_that_goes_away_takes_ownership_with_it_and_gives_it_back(
    postgres_server: PostgresServer,
) -> None:
    store = Store(TALLY.tables, postgres_server.url)
    store.create_all()
    store.dispose()
    async with pod(postgres_server.url, "a") as a:
        await until(lambda: len(owned(a)) == 8, "it owns all")
        postgres_server.kill()
        await until(lambda: not owned(a), "it owns nothing")
        assert "the database is away" in a.trouble
        postgres_server.start()
        await until(lambda: len(owned(a)) == 8, "it owns all again")
        assert a.trouble == ""


@pytest.mark.usefixtures("quick")
async def test_a_session_that_is_cut_leaves_no_lock_behind(
    postgres_url: str, engine: Engine
) -> None:
    async with pod(postgres_url, "a") as a:
        await until(lambda: len(owned(a)) == 8, "it owns all")
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
                    "AND pid <> pg_backend_pid()"
                )
            )
        await until(lambda: not owned(a), "it notices")
        await until(lambda: len(owned(a)) == 8, "it owns all again")
