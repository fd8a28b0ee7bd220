"""One process under supervision: started again when it dies, ended gracefully, never left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from services.cli.output import say

LEASH = Path(__file__).with_name("leash.py")
_SHORTEST, _LONGEST = 0.2, 10.0
_SETTLED = 20.0
"""Seconds of life after which a death counts as the first one again."""


class Child:
    """A supervised process with its output in a file.

    Args:
        name: what people call it.
        command: program and arguments.
        log: the file that its output is appended to.
        environment: variables beside our own.
        tell: hears that it died and when it is started again.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        log: Path,
        environment: Mapping[str, str] | None = None,
        tell: Callable[[str], None] = say,
    ) -> None:
        self.name = name
        self.log = log
        self.deaths = 0
        self._command = list(command)
        self._environment = {**os.environ, **(environment or {})}
        self._tell = tell
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self.changed: Callable[[], None] = lambda: None

    @property
    def pid(self) -> int:
        """The process, 0 when there is none now."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else 0

    async def start(self) -> None:
        """Start it, and keep it running."""
        process = await self._spawn()
        self._keeper = asyncio.create_task(self._keep(process))
        self.changed()

    async def stop(self, patience: float = 15.0) -> None:
        """SIGTERM, wait, and kill what has not ended after `patience` seconds."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), patience)
        except TimeoutError:
            self._tell(f"{self.name} did not end within {patience:g} s and is killed")
            process.kill()
            await process.wait()

    def last_words(self, lines: int = 5) -> str:
        """The end of what it wrote."""
        try:
            written = self.log.read_text(errors="replace")[-4000:]
        except OSError:
            return ""
        return "\n".join(written.splitlines()[-lines:])

    async def _spawn(self) -> asyncio.subprocess.Process:
        with self.log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-S", "-E", str(LEASH), str(os.getpid()), *self._command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self._environment,
                start_new_session=True,  # Ctrl-C goes to `mentoring up` alone: it knows the order
            )
        self._process = process
        return process

    async def _keep(self, process: asyncio.subprocess.Process) -> None:
        loop = asyncio.get_running_loop()
        pause = _SHORTEST
        while True:
            born = loop.time()
            code = await process.wait()
            self.deaths += 1
            if loop.time() - born > _SETTLED:
                pause = _SHORTEST
            self._tell(f"{self.name} {_how(code)} and is started again; see {self.log}")
            await asyncio.sleep(pause)
            pause = min(_LONGEST, pause * 2)
            process = await self._again()

    async def _again(self) -> asyncio.subprocess.Process:
        """Another process in the place of the one that died, however long the disk is full meanwhile."""
        process = await self._spawned()
        while process is None:
            await asyncio.sleep(_LONGEST)
            process = await self._spawned()
        try:
            self.changed()
        except OSError as error:
            self._tell(f"{self.name} runs, and nobody can be told where: {error}")
        return process

    async def _spawned(self) -> asyncio.subprocess.Process | None:
        try:
            return await self._spawn()
        except OSError as error:
            self._tell(f"{self.name} cannot be started again yet: {error}")
            return None


def _how(code: int) -> str:
    if code >= 0:
        return f"ended with {code}"
    return f"was ended by {signal.Signals(-code).name}"
