"""A contestant's process, as the bench sees it: its command, its lines, its end."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.backends.reaper import REAPER
from tests.bench.sandbox import ROOT


class Failed(RuntimeError):
    """A contestant ended without having done its work; the message ends with its last words."""


class Running:
    """A process that prints JSON lines; errors go to a file."""

    def __init__(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self._errors = folder / "errors.log"
        with self._errors.open("ab") as errors:
            self._popen = subprocess.Popen(
                command,
                cwd=ROOT,
                env=None if environment is None else dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )
        self.pid = self._popen.pid
        REAPER.watch_group(self.pid)

    def lines(self) -> Iterator[dict[str, Any]]:
        """What it says, until it ends."""
        assert self._popen.stdout is not None
        for line in self._popen.stdout:
            if line.startswith("{"):
                yield json.loads(line)

    def wait_for(self, word: str) -> dict[str, Any]:
        """The next line that has this word.

        Raises:
            Failed: it ended before.
        """
        for line in self.lines():
            if word in line:
                return line
        raise Failed(f"it ended with {self._popen.wait()}:\n{self.last_words()}")

    def last_words(self) -> str:
        """The end of its errors."""
        return self._errors.read_text(errors="replace")[-3000:]

    def end(self) -> None:
        """Tell it to stop, and wait until it has."""
        self._popen.send_signal(signal.SIGTERM)
        try:
            self._popen.wait(20)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        assert self._popen.stdout is not None
        self._popen.stdout.close()
        REAPER.release_group(self.pid)

    def finish(self) -> None:
        """Wait until it has ended by itself."""
        try:
            self._popen.wait(20)
        finally:
            self.end()


@contextmanager
def running(
    command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """A process for as long as the block lasts."""
    process = Running(command, folder, environment)
    try:
        yield process
    finally:
        process.end()
