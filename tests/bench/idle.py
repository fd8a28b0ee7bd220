"""What the three services cost when nothing happens: their real processes, each with its own store."""

from __future__ import annotations

import os
import sys
import time
import urllib.error
import urllib.request
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import psutil

from services.feedback.keyring import new_kek
from tests.backends.process import free_port
from tests.backends.tokens import TOKEN_KEY
from tests.bench.process import Failed, Running, running
from tests.bench.sandbox import Sandbox

SERVICES = ("matching", "scheduling", "feedback")
_SETTLING = 5.0
_PATIENCE = 60.0


def measure(sandbox: Sandbox, seconds: float) -> dict[str, float]:
    """Per cent of a core that each service uses (user and system) over `seconds`, after it became ready."""
    folder = sandbox.folder()
    (folder / "kek").write_text(new_kek())
    with sandbox.log(0, folder) as server, ExitStack() as stack:
        ports = {name: free_port() for name in SERVICES}
        processes = {
            name: stack.enter_context(_start(name, server.url, ports[name], folder))
            for name in SERVICES
        }
        for name in SERVICES:
            _wait_ready(name, processes[name], ports[name])
        time.sleep(_SETTLING)
        before = {name: _cpu(process) for name, process in processes.items()}
        start = time.perf_counter()
        time.sleep(seconds)
        took = time.perf_counter() - start
        return {name: (_cpu(processes[name]) - before[name]) / took * 100 for name in SERVICES}


def _start(name: str, nats: str, port: int, folder: Path) -> AbstractContextManager[Running]:
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("MENTORING_")},
        "MENTORING_NATS_URL": nats,
        "MENTORING_DATABASE_URL": f"sqlite:///{folder / name}.db",
        "MENTORING_HTTP_PORT": str(port),
        "MENTORING_KEYRING_URL": f"sqlite:///{folder / 'keyring.db'}",
        "MENTORING_KEK_FILE": str(folder / "kek"),
        "MENTORING_TOKEN_KEY": TOKEN_KEY,
    }
    command = [sys.executable, "-m", f"services.{name}", "run", "--log-level", "warning"]
    return running(command, folder, environment)


def _wait_ready(name: str, process: Running, port: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not _ready(port):
        if time.monotonic() > deadline:
            raise Failed(f"{name} is not ready after {_PATIENCE} s:\n{process.last_words()}")
        time.sleep(0.1)


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _cpu(process: Running) -> float:
    times = psutil.Process(process.pid).cpu_times()
    return times.user + times.system
