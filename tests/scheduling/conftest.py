"""A service of scheduling that has folded an eventful history."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from httpx import AsyncClient

from shared.store import Store
from tests.scheduling.serving import Desk, client_of, eventful, store_of


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Only read."""
    folder = tmp_path_factory.mktemp("scheduling")
    store = store_of(eventful(), f"sqlite:///{folder}/scheduling.db")
    yield store
    store.dispose()


@pytest.fixture
def desk(served: Store) -> Desk:
    return Desk(served)


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[AsyncClient]:
    async with client_of(desk) as client:
        yield client
