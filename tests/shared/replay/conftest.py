"""Desks on real servers, for what must hold on both databases and for what does not depend on them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from itertools import count
from pathlib import Path

import pytest

from tests.shared.replay.desk import Desk
from tests.tally.log import open_log


@pytest.fixture
def new_sqlite_url(tmp_path: Path) -> Callable[[], str]:
    numbers = count()
    return lambda: f"sqlite:///{tmp_path / f'store-{next(numbers)}.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
async def desk(
    request: pytest.FixtureRequest, nats_url: str, new_sqlite_url: Callable[[], str]
) -> AsyncIterator[Desk]:
    new_url = new_sqlite_url
    if request.param == "postgresql":
        new_url = request.getfixturevalue("new_postgres_url")
    async with open_log(nats_url) as log:
        desk = Desk(log, new_url)
        yield desk
        desk.dispose()


@pytest.fixture
async def small(nats_url: str, new_sqlite_url: Callable[[], str]) -> AsyncIterator[Desk]:
    """For what does not depend on the database."""
    async with open_log(nats_url) as log:
        desk = Desk(log, new_sqlite_url)
        yield desk
        desk.dispose()


@pytest.fixture
async def many(nats_url: str, new_sqlite_url: Callable[[], str]) -> AsyncIterator[Desk]:
    """A log of three partitions."""
    async with open_log(nats_url, partitions=3) as log:
        desk = Desk(log, new_sqlite_url, partitions=3)
        yield desk
        desk.dispose()
