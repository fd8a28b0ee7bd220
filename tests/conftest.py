"""Fixtures for everyone: real servers, fresh for every test, and the header that says where they come from."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.backends.backend import Backend, backend_of
from tests.backends.choice import BackendError, Choice, choose
from tests.backends.database import fresh_database
from tests.backends.engine import what_is_missing
from tests.backends.images import NATS_IMAGE, POSTGRES_IMAGE
from tests.backends.nats_cluster import NatsCluster
from tests.backends.nats_server import NatsServer
from tests.backends.postgres_server import PostgresServer

_CHOICE = pytest.StashKey[Choice]()

# A run in the background of a script inherits that SIGINT is ignored, and hands it on to whatever it starts: tests
# that interrupt a process would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config: pytest.Config) -> None:
    """Choose the backend once; xdist's workers inherit the choice through the environment."""
    wanted = os.environ.get("TEST_BACKEND", "auto")
    try:
        choice = choose(wanted, lambda: what_is_missing([NATS_IMAGE, POSTGRES_IMAGE]))
    except BackendError as error:
        raise pytest.UsageError(str(error)) from None
    config.stash[_CHOICE] = choice
    os.environ["TEST_BACKEND"] = choice.kind


def pytest_report_header(config: pytest.Config) -> str:
    """Say which servers this run uses, and why."""
    return str(config.stash[_CHOICE])


@pytest.fixture(scope="session")
def backend(pytestconfig: pytest.Config) -> Backend:
    """Where this run's servers come from."""
    return backend_of(pytestconfig.stash[_CHOICE])


@pytest.fixture
def nats_url(backend: Backend, tmp_path: Path) -> Iterator[str]:
    """The address of a NATS server with JetStream that only this test uses."""
    with backend.nats(tmp_path / "nats") as url:
        yield url


@pytest.fixture(scope="session")
def postgres_maintenance_url(backend: Backend) -> Iterator[str]:
    """The PostgreSQL that the tests of one worker share."""
    with backend.postgres() as url:
        yield url


@pytest.fixture
def new_postgres_url(postgres_maintenance_url: str) -> Iterator[Callable[[], str]]:
    """A function that makes one more empty database for this test and gives its address."""
    with ExitStack() as databases:
        yield lambda: databases.enter_context(fresh_database(postgres_maintenance_url))


@pytest.fixture
def postgres_url(new_postgres_url: Callable[[], str]) -> str:
    """SQLAlchemy's address (postgresql+psycopg://…) of an empty database that only this test uses."""
    return new_postgres_url()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, once on SQLite and once on PostgreSQL: for suites that must hold on both."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def nats_server(tmp_path: Path) -> Iterator[NatsServer]:
    """A NATS server to kill, freeze and start again: always a process of this machine."""
    with NatsServer(tmp_path / "nats-server") as server:
        yield server


@pytest.fixture
def nats_cluster(tmp_path: Path) -> Iterator[NatsCluster]:
    """Three NATS servers that replicate, to kill one of: always processes of this machine."""
    with NatsCluster(tmp_path / "nats-cluster") as cluster:
        yield cluster


@pytest.fixture
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL to stop, kill and start again, with fsync: always a process of this machine."""
    with PostgresServer() as server:
        yield server
