"""deploy/make-secrets and deploy/postgres/init.sh, run for real: each service gets into its own database only."""

import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.feedback.keyring import kek_of
from services.scheduling.feed_key import read_key
from shared.token_keys import read_keys
from tests.backends.postgres_server import PostgresServer, postgres_program

DEPLOY = Path(__file__).parents[2] / "deploy"
DATABASES = ("matching", "scheduling", "feedback", "keyring")


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What make-secrets makes."""
    folder = tmp_path_factory.mktemp("compose") / "secrets"
    make_secrets(folder)
    return folder


@pytest.fixture(scope="module")
def server(secrets: Path) -> Iterator[PostgresServer]:
    """A PostgreSQL that init.sh has set up and that asks for passwords."""
    with PostgresServer(durable=False) as server:
        run_init(server, secrets)
        ask_for_passwords(server)
        yield server


def test_secrets_are_for_the_containers_and_nobody_else_on_the_machine(secrets: Path) -> None:
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in secrets.iterdir()} == {0o444}


def test_every_password_is_another(secrets: Path) -> None:
    passwords = [file.read_text() for file in secrets.glob("*_password")]

    assert len(passwords) == len(set(passwords)) == 5
    assert min(len(password) for password in passwords) >= 32


def test_running_it_again_changes_nothing(secrets: Path) -> None:
    before = {file.name: file.read_bytes() for file in secrets.iterdir()}

    make_secrets(secrets)

    assert {file.name: file.read_bytes() for file in secrets.iterdir()} == before


def test_feedback_can_read_the_key_encryption_key(secrets: Path) -> None:
    assert len(kek_of(secrets / "key_encryption_key", None).all) == 1


def test_scheduling_can_read_the_key_of_the_calendars_and_it_is_another(secrets: Path) -> None:
    assert read_key(secrets / "calendar_key", None) is not None
    keys = {(secrets / name).read_text() for name in ("calendar_key", "key_encryption_key")}
    assert len(keys) == 2


def test_feedback_can_check_tokens_with_a_key_of_their_own(secrets: Path) -> None:
    assert [key.algorithm for key in read_keys(secrets / "token_key", None)] == ["HS256"]
    names = ("token_key", "calendar_key", "key_encryption_key")
    assert len({(secrets / name).read_text() for name in names}) == 3


def test_compose_declares_exactly_what_is_made(secrets: Path) -> None:
    compose = (DEPLOY / "compose.yaml").read_text()

    assert {file.name for file in secrets.iterdir()} == {
        line.split("./secrets/")[1].rstrip("}")
        for line in compose.splitlines()
        if "./secrets/" in line
    }


@pytest.mark.parametrize("database", DATABASES)
def test_a_service_enters_its_own_database_by_its_connection_file(
    server: PostgresServer, secrets: Path, monkeypatch: pytest.MonkeyPatch, database: str
) -> None:
    connect_locally(server, secrets, monkeypatch, database)

    assert user_and_database(f"postgresql+psycopg:///?service={database}") == (database, database)


@pytest.mark.parametrize("other", [name for name in DATABASES if name != "matching"])
def test_a_service_enters_no_other_database(
    server: PostgresServer, secrets: Path, monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    connect_locally(server, secrets, monkeypatch, "matching")

    with pytest.raises(sa.exc.OperationalError, match="permission denied for database"):
        user_and_database(f"postgresql+psycopg:///{other}?service=matching")


def test_nobody_enters_with_another_password(server: PostgresServer) -> None:
    url = server.url_of("matching").replace("mentoring@", "matching:guessed@")

    with pytest.raises(sa.exc.OperationalError, match="password authentication failed"):
        user_and_database(url)


def make_secrets(folder: Path) -> None:
    """Run the script as an operator does."""
    subprocess.run([DEPLOY / "make-secrets", folder], check=True)


def run_init(server: PostgresServer, secrets: Path) -> None:
    """Run init.sh as the image's entrypoint does, but over TCP."""
    psql = Path(postgres_program("psql"))
    address = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port)}
    who = {"POSTGRES_USER": "mentoring", "POSTGRES_DB": "postgres", "SECRETS": str(secrets)}
    path = {"PATH": f"{psql.parent}:{os.environ['PATH']}"}
    script = ["/bin/sh", str(DEPLOY / "postgres" / "init.sh")]
    subprocess.run(script, env={**address, **who, **path}, check=True)


def ask_for_passwords(server: PostgresServer) -> None:
    """Trust only the superuser, as the image does with `--auth-host=scram-sha-256`."""
    rules = "host all mentoring 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
    server.write_access_rules(rules)


def connect_locally(
    server: PostgresServer, secrets: Path, monkeypatch: pytest.MonkeyPatch, database: str
) -> None:
    """Point libpq to the connection file that holds `database`, and its host to this machine."""
    files = [file for file in secrets.glob("*_connection") if f"[{database}]" in file.read_text()]
    assert len(files) == 1
    here = secrets.parent / "connection"
    local = f"host=127.0.0.1\nport={server.port}"
    here.write_text(files[0].read_text().replace("host=postgres", local))
    monkeypatch.setenv("PGSERVICEFILE", str(here))


def user_and_database(url: str) -> tuple[str, str]:
    """Who one is, and where."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        user, database = connection.execute(
            sa.text("SELECT current_user, current_database()")
        ).one()
    return str(user), str(database)
