"""TEST_BACKEND: what is chosen, why, and what a run says that cannot have what it asks for."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.backends.choice import BackendError, Choice, choose
from tests.backends.engine import what_is_missing
from tests.backends.process import free_port

ROOT = Path(__file__).parents[2]


def test_auto_takes_containers_when_nothing_is_missing() -> None:
    assert choose("auto", lambda: None).kind == "docker"


def test_auto_takes_binaries_and_says_what_is_missing() -> None:
    choice = choose("auto", lambda: "not at hand: nats:1")

    assert choice == Choice("binary", "auto: not at hand: nats:1")
    assert str(choice) == "test backend: binary (auto: not at hand: nats:1)"


def test_binary_does_not_ask_the_engine() -> None:
    def asked() -> str | None:
        pytest.fail("the engine was asked")

    assert choose("binary", asked).kind == "binary"


def test_docker_with_everything_at_hand_is_taken() -> None:
    assert choose("docker", lambda: None).kind == "docker"


def test_docker_refuses_to_run_when_something_is_missing() -> None:
    with pytest.raises(BackendError, match=r"TEST_BACKEND=docker: no engine.*TEST_BACKEND=binary"):
        choose("docker", lambda: "no engine")


def test_an_unknown_backend_is_named() -> None:
    with pytest.raises(
        BackendError, match="TEST_BACKEND: 'podman' is not one of auto, docker, binary"
    ):
        choose("podman", lambda: None)


def test_no_engine_is_said_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{free_port()}")

    missing = what_is_missing(["nats:1"])

    assert missing is not None
    assert missing.startswith("no container engine answers (")


def test_an_engine_without_an_image_is_asked_for_each_and_pulls_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with engine_with({"nats:1"}) as (address, asked):
        monkeypatch.setenv("DOCKER_HOST", address)

        assert what_is_missing(["nats:1", "postgres:1"]) == "not at hand: postgres:1"
        assert not [line for line in asked if line.startswith("POST")]


def test_an_engine_with_every_image_misses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with engine_with({"nats:1", "postgres:1"}) as (address, _):
        monkeypatch.setenv("DOCKER_HOST", address)

        assert what_is_missing(["nats:1", "postgres:1"]) is None


def test_the_header_of_a_run_prints_the_choice() -> None:
    run = collect(TEST_BACKEND="binary")

    assert "test backend: binary (TEST_BACKEND=binary)" in run.stdout
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_run_that_wants_containers_without_an_engine_fails_and_says_why() -> None:
    run = collect(TEST_BACKEND="docker", DOCKER_HOST=f"tcp://127.0.0.1:{free_port()}")

    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert "TEST_BACKEND=docker: no container engine answers" in run.stderr


def test_a_run_left_to_itself_takes_binaries_when_no_engine_answers() -> None:
    run = collect(TEST_BACKEND="auto", DOCKER_HOST=f"tcp://127.0.0.1:{free_port()}")

    assert "test backend: binary (auto: no container engine answers" in run.stdout


def collect(**environment: str) -> subprocess.CompletedProcess[str]:
    """A pytest run of its own that only collects this file."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-p", "no:cacheprovider", __file__],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def engine_with(images: set[str]) -> Iterator[tuple[str, list[str]]]:
    """The part of the engine's HTTP interface that is asked: ping, version, one image. Gives what was asked, too."""
    asked: list[str] = []

    class Engine(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.requestline)
            path = self.path.partition("?")[0]
            if "/images/" in path:
                name = path.split("/images/")[1].removesuffix("/json")
                self._answer(
                    200 if name in images else 404, {"Id": name, "message": "no such image"}
                )
            else:
                self._answer(200, {"ApiVersion": "1.44"})

        def _answer(self, status: int, document: dict[str, str]) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: `asked` has it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Engine)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"tcp://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
