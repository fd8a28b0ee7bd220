"""One child process: started on a free loopback port, logged to a file, ended for certain."""

import os
import pwd
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from tests.backends.reaper import REAPER

# Below Linux's ephemeral range (32768 and up): an outgoing connection cannot take the port of a stopped server.
_PORTS = range(20_000, 32_000)
_RANDOM = random.SystemRandom()


class StartError(RuntimeError):
    """A server did not become ready; the message ends with what it logged last."""


def free_port() -> int:
    """A loopback TCP port that nobody listens on now, and that no outgoing connection will take."""
    for _ in _PORTS:
        port = _RANDOM.choice(_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    msg = f"no free port between {_PORTS.start} and {_PORTS.stop}"
    raise StartError(msg)


class Process:
    """A running child in a process group of its own, with its output in `log`."""

    def __init__(self, command: Sequence[str], log: Path, *, user: str | None = None) -> None:
        self.log = log
        with log.open("ab") as output:
            self._popen = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=user,
                group=None if user is None else _group_of(user),
                extra_groups=None if user is None else [],
                cwd="/",
            )
        self.pid = self._popen.pid
        REAPER.watch_group(self.pid)

    @property
    def running(self) -> bool:
        """Whether the process has not ended. A frozen one runs."""
        return self._popen.poll() is None

    def send(self, number: signal.Signals) -> None:
        """Send `number` to the process; nothing happens when it has ended."""
        self._popen.send_signal(number)

    def end(self, number: signal.Signals, *, patience: float = 15.0) -> None:
        """Send `number`, wait until the process has ended, and kill what has not after `patience` seconds."""
        self.send(number)
        self.send(signal.SIGCONT)
        try:
            self._popen.wait(patience)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        REAPER.release_group(self.pid)

    def wait_until(self, ready: Callable[[], bool], what: str, *, patience: float = 60.0) -> None:
        """Poll `ready` until it is true.

        Raises StartError when the process ends before, or `patience` seconds have passed.
        """
        deadline = time.monotonic() + patience
        while not ready():
            if not self.running:
                raise StartError(
                    f"{what} ended with {self._popen.returncode}:\n{self.last_words()}"
                )
            if time.monotonic() > deadline:
                raise StartError(f"{what} is not ready after {patience} s:\n{self.last_words()}")
            time.sleep(0.005)

    def last_words(self) -> str:
        """The last 2,000 characters of the log."""
        return self.log.read_text(errors="replace")[-2000:]


def _group_of(user: str) -> int:
    return pwd.getpwnam(user).pw_gid


def is_root() -> bool:
    """Whether this process may become another user (and PostgreSQL refuses to run as it)."""
    return os.geteuid() == 0


def wait_until_gone(*pids: int) -> None:
    """Return when none of `pids` runs; the test's own time limit ends what would wait for ever."""
    while any(_runs(pid) for pid in pids):
        time.sleep(0.01)


def _runs(pid: int) -> bool:
    """Whether `pid` is there and not merely waits to be counted by whoever adopted it."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
