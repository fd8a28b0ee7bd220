"""Who takes part in the replay benchmark."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tests.bench.replay.services import NAMES

_PYTHON = (sys.executable, "-m")
_AT = "tests.bench.replay.contestants"


@dataclass(frozen=True, slots=True)
class Entrant:
    """A contestant.

    Attributes:
        group: how it is called in tables and on the command line.
        service: whose store it makes; none for reading alone.
        command: what starts it; address, database and count follow.
        log: the whole log; the log without what the service says, which it says itself; or none.
        database: where it writes.
        most: no more events than so many; a slow one gets few, and rates are compared.
        checks: it says that it has looked at its rows.
        grows: it is measured at every size.
    """

    group: str
    service: str
    command: tuple[str, ...]
    log: Literal["whole", "unanswered", "none"] = "whole"
    database: Literal["sqlite", "postgresql"] = "sqlite"
    most: int | None = None
    checks: bool = True
    grows: bool = False

    @property
    def name(self) -> str:
        """Unique."""
        return f"{self.group} {self.service}".strip()


TITLES = {
    "fetch": "reading alone: nats-py `fetch(1000)`",
    "reader": "reading alone: our reader",
    "in-memory": "decoding and folding alone, in memory",
    "live": "live, SQLite",
    "rebuild": "**rebuild, SQLite**",
    "rebuild-workers": "**rebuild, SQLite, 2 workers**",
    "rebuild-postgresql": "**rebuild, PostgreSQL**",
    "rebuild-postgresql-workers": "**rebuild, PostgreSQL, 2 workers**",
    "peer": "`eventsourcing` projection runner",
    "peer-eased": "the same, rows in memory, no fsync",
}
_FEW = 50_000


def entrants() -> Iterator[Entrant]:
    """All, those that only read first."""
    reading = "tests.bench.contestants.reading"
    yield Entrant("fetch", "", (*_PYTHON, reading, "fetch"), checks=False, grows=True)
    yield Entrant("reader", "", (*_PYTHON, reading, "ours"), checks=False)
    for name in NAMES:
        yield from _of(name)


def _of(name: str) -> Iterator[Entrant]:
    def command(module: str, *more: str) -> tuple[str, ...]:
        return (*_PYTHON, f"{_AT}.{module}", name, *more)

    yield Entrant("in-memory", name, command("in_memory"), log="none", most=2 * _FEW, checks=False)
    yield Entrant("live", name, command("live"), log="unanswered", most=_FEW)
    yield Entrant("rebuild", name, command("rebuild"), grows=True)
    yield Entrant("rebuild-postgresql", name, command("rebuild"), database="postgresql")
    in_parts = command("rebuild_workers", "2")
    yield Entrant("rebuild-workers", name, in_parts)
    yield Entrant("rebuild-postgresql-workers", name, in_parts, database="postgresql")
    yield Entrant("peer", name, command("peer", "documented"), log="none", most=_FEW)
    yield Entrant("peer-eased", name, command("peer", "eased"), log="none", most=_FEW)
