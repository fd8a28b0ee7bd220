"""`mentoring` as a process of its own, which a test may kill while it works."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import orjson

from tests.backends.reaper import REAPER

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended.

    Attributes:
        code: its exit code, negative when a signal ended it.
        out, err: what it wrote.
    """

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """Its answer for programs."""
        found: dict[str, Any] = orjson.loads(self.out)
        return found


class Command:
    """A command that runs. Made by `Command.begin`; `end` must be awaited."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._said = asyncio.ensure_future(process.communicate())
        REAPER.watch_group(process.pid)

    @classmethod
    async def begin(cls, *arguments: str, environment: Mapping[str, str]) -> Self:
        """Start `mentoring` with these arguments."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "services.cli",
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(_ROOT), **environment},
        )
        return cls(process)

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.returncode is None

    def kill9(self) -> None:
        """SIGKILL, for it and all that it has started."""
        if self.running:
            os.killpg(self._process.pid, signal.SIGKILL)

    async def wait(self, seconds: float) -> bool:
        """Whether it ends within so many seconds."""
        done, _ = await asyncio.wait([self._said], timeout=seconds)
        return bool(done)

    async def end(self) -> Said:
        """How it ended, when it has."""
        try:
            out, err = await self._said
        finally:
            self.kill9()
            REAPER.release_group(self._process.pid)
        return Said(self._process.returncode or 0, out.decode(), err.decode())
