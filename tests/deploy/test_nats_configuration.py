"""The NATS configurations that are shipped: the real server takes them, and they keep what they promise."""

import subprocess
from pathlib import Path

import pytest

from tests.backends.nats_server import NatsServer, nats_server_binary

FOLDER = Path(__file__).parents[2] / "deploy" / "nats"
each_configuration = pytest.mark.parametrize("name", ["embedded.conf", "server.conf"])


@each_configuration
def test_the_server_takes_it(name: str) -> None:
    assert check(FOLDER / name).returncode == 0


def test_the_server_would_refuse_a_bad_one(tmp_path: Path) -> None:
    bad = tmp_path / "bad.conf"
    bad.write_text((FOLDER / "server.conf").read_text().replace("always", "sometimes"))

    assert check(bad).returncode != 0


@each_configuration
def test_an_acknowledged_event_is_on_the_disk(name: str, tmp_path: Path) -> None:
    with NatsServer(tmp_path, config=FOLDER / name) as server:
        assert server.monitor("jsz?config=true")["config"]["sync_always"] is True


@each_configuration
def test_a_message_may_be_one_megabyte(name: str, tmp_path: Path) -> None:
    with NatsServer(tmp_path, config=FOLDER / name) as server:
        assert server.monitor("varz")["max_payload"] == 1024 * 1024


def test_every_shipped_configuration_is_tested() -> None:
    assert {path.name for path in FOLDER.glob("*.conf")} == {"embedded.conf", "server.conf"}


def check(configuration: Path) -> subprocess.CompletedProcess[str]:
    """Let the server read a configuration without starting."""
    return subprocess.run(
        [nats_server_binary(), "-t", "-c", str(configuration)],
        capture_output=True,
        text=True,
        check=False,
    )
