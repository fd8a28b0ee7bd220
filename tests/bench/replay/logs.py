"""The logs that the contestants find, each made once: those who only read share one server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from tests.backends.nats_server import NatsServer
from tests.bench.replay.field import Entrant
from tests.bench.replay.publisher import publish
from tests.bench.replay.stamped import programs_of, stamped
from tests.bench.replay.template import golden
from tests.bench.sandbox import Sandbox


class Logs:
    """Servers with logs, for as long as the block lasts."""

    def __init__(self, sandbox: Sandbox, say: Callable[[str], None]) -> None:
        self._sandbox = sandbox
        self._say = say
        self._stack = ExitStack()
        self._url = ""
        self._programs = 0

    @contextmanager
    def served(self, entrant: Entrant, events: int) -> Iterator[tuple[str, int]]:
        """A server's address, and how many events the contestant works on: whole programs."""
        programs = programs_of(events)
        count = programs * len(golden())
        if entrant.log == "none":
            yield "nowhere", count
        elif entrant.log == "whole":
            self._serve(programs)
            yield self._url, count
        else:
            folder = self._sandbox.folder()
            with NatsServer(folder) as server:
                publish(server.url, stamped(programs, without=entrant.service), answered=False)
                yield server.url, count
            self._sandbox.remove(folder)

    def _serve(self, programs: int) -> None:
        if self._programs == programs:
            return
        self.close()
        folder = self._sandbox.folder()
        self._stack.callback(self._sandbox.remove, folder)
        server = self._stack.enter_context(NatsServer(folder))
        self._say(f"writing a log of {programs * len(golden()):,} events, {programs:,} programs")
        publish(server.url, stamped(programs))
        self._url, self._programs = server.url, programs

    def close(self) -> None:
        """Stop the server and remove its log."""
        self._stack.close()
        self._programs = 0
