"""A service as a child process that a test may kill, freeze and start again: any service, by its command line."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.backends.process import Process

_ROOT = Path(__file__).parents[2]


@dataclass
class ServiceProcess:
    """One service.

    Attributes:
        name: as its mark names it.
        folder: where its output goes.
        environment: its settings.
        command: Python's arguments.
    """

    name: str
    folder: Path
    environment: Mapping[str, str]
    command: Sequence[str] = ("-m", "tests.chaos.runner")
    starts: int = 0
    _process: Process | None = field(default=None, repr=False)

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.running

    def start(self) -> None:
        """Start; it becomes ready by itself, or not."""
        assert not self.running, f"{self.name} is running already"
        settings = [f"{key}={value}" for key, value in self.environment.items()]
        command = ["env", f"PYTHONPATH={_ROOT}", *settings, sys.executable, *self.command]
        self.folder.mkdir(parents=True, exist_ok=True)
        self._process = Process(command, self.folder / f"{self.name}.log")
        self.starts += 1

    def kill9(self) -> None:
        """End at once."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End as an operator does (SIGTERM)."""
        self._end(signal.SIGTERM)

    def freeze(self) -> None:
        """Stop it from running; its connections and locks stay."""
        assert self._process is not None
        self._process.send(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it run again."""
        assert self._process is not None
        self._process.send(signal.SIGCONT)

    def last_words(self) -> str:
        """The end of its output."""
        log = self.folder / f"{self.name}.log"
        return log.read_text(errors="replace")[-3000:] if log.exists() else ""

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.end(number)
            self._process = None
