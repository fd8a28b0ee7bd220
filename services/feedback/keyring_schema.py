"""The key ring's own Alembic history: brought to its newest revision whenever the key ring is opened."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, select, table, text
from sqlalchemy import column as column_of

from services.feedback.keyring_keks import KeyRefused
from services.feedback.keyring_tables import KEYS, PROOFS, reading, writing

FIRST, NEWEST = "0001", "0002"
VERSION_TABLE = "keyring_version"
"""Of its own name, so that a key ring in a database with another history is seen."""
_LOCK = 0x6D656E746F72
"""Of PostgreSQL's advisory locks: one process upgrades at a time."""
_MIGRATIONS = Path(__file__).parent / "keyring_migrations"


def upgrade(engine: Engine) -> None:
    """Bring the key ring to its newest schema, whole or not at all; does nothing when it is there.

    Two processes at once are safe: the second waits, and finds it done. A key ring of the build that had no
    history is taken over as it is.

    Raises:
        KeyRefused: it is of a newer version, or the tables of its names are somebody else's.
        StoreTrouble: its database does not answer.
    """
    with reading(engine) as connection:
        if _version(connection) == NEWEST:
            return
    with writing(engine) as connection:
        _be_alone(connection)
        _refuse_strange(connection)
        config = _configuration(connection)
        if _version(connection) is None and inspect(connection).has_table(KEYS.name):
            script, options = ScriptDirectory.from_config(config), {"version_table": VERSION_TABLE}
            MigrationContext.configure(connection, opts=options).stamp(script, FIRST)
        command.upgrade(config, "head")


def _configuration(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes |= {"connection": connection, "version_table": VERSION_TABLE}
    return config


def _be_alone(connection: Connection) -> None:
    """Until this transaction ends; on SQLite it has the database's lock already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(
        select(column_of("version_num")).select_from(table(VERSION_TABLE))
    ).scalar()


def _refuse_strange(connection: Connection) -> None:
    """What is newer than this version, or was never a key ring, is left as it is."""
    version = _version(connection)
    if version is not None and version > NEWEST:
        raise KeyRefused(
            f"the key ring has the schema {version} of a newer version, this one knows {NEWEST}"
        )
    inspector = inspect(connection)
    for known in (KEYS, PROOFS):
        if not inspector.has_table(known.name):
            continue
        there = {found["name"] for found in inspector.get_columns(known.name)}
        if there - {each.name for each in known.columns}:
            raise KeyRefused(
                f"the table {known.name} there is no key ring's: give the key ring a database of its own"
            )
