"""Each service's own Alembic history, run by this one piece of code."""

from __future__ import annotations

from pathlib import Path

from alembic import command, context
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import ResolutionError
from sqlalchemy import Connection, MetaData, inspect

from shared.engine import make_engine
from shared.tables import ledger_tables


class Foreign(LookupError):
    """The database is another service's: upgrading it would mix two histories."""


_SERVICES = Path(__file__).parent.parent / "services"


def configuration(service: str, url: str) -> Config:
    """Alembic's configuration of a service, without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(_SERVICES / service / "migrations"))
    config.attributes["url"] = url
    return config


def upgrade(service: str, url: str, revision: str = "head") -> None:
    """Bring a service's database to a revision; does nothing when it is there.

    Raises:
        Foreign: another service's tables are in it.
    """
    command.upgrade(configuration(service, url), revision)


def pending(service: str, url: str) -> list[str]:
    """The revisions that a service's database lacks, oldest first; none of one that this version does not know."""
    script = ScriptDirectory.from_config(configuration(service, url))
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_heads()
    finally:
        engine.dispose()
    try:
        newer = list(script.iterate_revisions("head", current[0] if current else "base"))
    except ResolutionError:  # of a newer version, or of another service: the tables will tell
        return []
    return [revision.revision for revision in newer][::-1]


def run(metadata: MetaData) -> None:
    """What a service's `migrations/env.py` calls: run the migrations on its database."""
    ledger_tables(metadata)
    engine = make_engine(context.config.attributes["url"])
    try:
        with engine.connect() as connection:
            _refuse_foreign(connection, metadata)
            context.configure(
                connection=connection,
                target_metadata=metadata,
                render_as_batch=connection.dialect.name == "sqlite",
                compare_type=True,
            )
            with context.begin_transaction():
                context.run_migrations()
            connection.commit()
    finally:
        engine.dispose()


def _refuse_foreign(connection: Connection, metadata: MetaData) -> None:
    """Tables of the same name with columns that were never ours are another service's.

    What a table of ours has lost since its first revision stands in its `info`, as `former`.
    """
    inspector = inspect(connection)
    there = set(inspector.get_table_names()) & metadata.tables.keys()
    for name in sorted(there):
        table = metadata.tables[name]
        known = {column.name for column in table.columns} | {*table.info.get("former", ())}
        if {column["name"] for column in inspector.get_columns(name)} - known:
            raise Foreign(
                f"the table {name} is another service's: give each service its own database"
            )
    connection.rollback()
