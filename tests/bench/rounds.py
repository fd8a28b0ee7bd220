"""The throughput rounds: every contestant once per round, one after the other, each in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.backends.nats_server import NatsServer
from tests.bench.check import check_answers, check_rows
from tests.bench.field import ENTRANTS, Entrant
from tests.bench.process import running
from tests.bench.sandbox import Sandbox

_LEAST = 500


@dataclass(frozen=True, slots=True)
class Lap:
    """What one contestant did in one round.

    Attributes:
        inputs: events done.
        seconds: from the first request to the last commit; starting and connecting are not in it.
        cpu: seconds of CPU of its own process, all threads, without the servers'.
    """

    inputs: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.inputs / self.seconds

    @property
    def cpu_each(self) -> float:
        """Microseconds of CPU an event."""
        return self.cpu / self.inputs * 1e6


def run_rounds(
    sandbox: Sandbox,
    entrants: Sequence[Entrant],
    events: int,
    rounds: int,
    say: Callable[[str], None],
) -> dict[str, list[Lap]]:
    """Run all contestants, interleaved, and check what each has done.

    Raises:
        Failed: one ended early.
        Wrong: one did other work.
    """
    laps: dict[str, list[Lap]] = {entrant.name: [] for entrant in entrants}
    for number in range(1, rounds + 1):
        for entrant in entrants:
            say(f"round {number} of {rounds}: {entrant.name}")
            laps[entrant.name].append(run(sandbox, entrant, events))
    return laps


def run(sandbox: Sandbox, entrant: Entrant, events: int) -> Lap:
    """One run of one contestant."""
    count = min(events, max(_LEAST, int(events * entrant.share)))
    folder = sandbox.folder()
    log = _log(sandbox, entrant, count)
    with sandbox.log(log, folder) as server, sandbox.database(entrant.database, folder) as url:
        lap = _lap(entrant, count, server, url, sandbox)
        if "rows" in entrant.checks:
            check_rows(url, count)
        if "answers" in entrant.checks:
            check_answers(server.url, count)
    return lap


def _lap(entrant: Entrant, count: int, server: NatsServer, url: str, sandbox: Sandbox) -> Lap:
    given = ["--nats", server.url, "--database", url, "--count", str(count)]
    with running([*entrant.command, *given], sandbox.folder()) as process:
        line = process.wait_for("seconds")
        process.finish()
    return Lap(line["inputs"], line["seconds"], line["cpu"])


def _log(sandbox: Sandbox, entrant: Entrant, count: int) -> int:
    """The number of the log that the contestant finds; the one with answers is made by a run of ours."""
    if entrant.log != "answered":
        return 0 if entrant.log == "empty" else count
    answered = -count
    if not sandbox.has_log(answered):
        folder = sandbox.folder()
        ours = next(entrant for entrant in ENTRANTS if entrant.name == "live")
        with sandbox.log(count, folder) as server, sandbox.database("sqlite", folder) as url:
            _lap(ours, count, server, url, sandbox)
            server.stop()
            sandbox.keep_log(server, answered)
    return answered
