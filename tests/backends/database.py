"""A fresh, empty database on a PostgreSQL that several tests share."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa


@contextmanager
def fresh_database(maintenance_url: str) -> Iterator[str]:
    """SQLAlchemy's address of a new database; it is dropped afterwards, with whoever is still connected to it."""
    name = f"test_{uuid.uuid4().hex}"
    _run(maintenance_url, f"CREATE DATABASE {name}")
    yield sa.make_url(maintenance_url).set(database=name).render_as_string(hide_password=False)
    _run(maintenance_url, f"DROP DATABASE {name} WITH (FORCE)")


def _run(url: str, statement: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
