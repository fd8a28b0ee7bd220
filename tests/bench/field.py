"""Who takes part: each contestant's name, command and share of the inputs."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Literal

from tests.bench.node import PEER, node

_PYTHON = (sys.executable, "-m")
_AT = "tests.bench.contestants"


@dataclass(frozen=True, slots=True)
class Entrant:
    """A contestant of the throughput rounds.

    Attributes:
        name: how it is called on the command line.
        title: how it is called in the table.
        command: what starts it; address, database and count follow.
        database: the store that it writes.
        share: which part of the inputs it gets; a slow one gets few.
        log: the log that it finds: the inputs, the inputs with their answers, or an empty one.
        checks: what is looked at afterwards.
    """

    name: str
    title: str
    command: tuple[str, ...]
    database: Literal["sqlite", "postgresql"] = "sqlite"
    share: float = 1.0
    log: Literal["inputs", "answered", "empty"] = "inputs"
    checks: frozenset[str] = frozenset({"rows", "answers"})


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    return (*_PYTHON, f"{_AT}.{module}", *arguments)


_ROWS: frozenset[str] = frozenset({"rows"})
_NOTHING: frozenset[str] = frozenset()

ENTRANTS: tuple[Entrant, ...] = (
    Entrant("naive", "naive: FastStream + SQLModel, message by message", _python("naive"), share=0.05),
    Entrant("node", "Node.js peer, batches of 500", (node() or "node", str(PEER))),
    Entrant("by-hand", "by hand: pull requests, executemany, atomic batch", _python("by_hand")),
    Entrant("live", "**ours live, SQLite**", _python("ours")),
    Entrant("live-postgresql", "ours live, PostgreSQL", _python("ours"), database="postgresql"),
    Entrant("live-timers", "ours live, SQLite, with a timer per input", _python("timers")),
    Entrant(
        "catch-up", "ours fold-only: catching up into a new SQLite store", _python("catch_up"),
        log="answered", checks=_ROWS,
    ),
    Entrant(
        "in-memory", "ours fold-only: entries in memory, no log, no store", _python("in_memory"),
        log="empty", checks=_NOTHING,
    ),
    Entrant("read-fetch", "reading alone: nats-py `fetch(1000)`", _python("reading", "fetch"), checks=_NOTHING),
    Entrant("read-pull", "reading alone: nats-py, own pull requests", _python("reading", "pull"), checks=_NOTHING),
    Entrant("read-ours", "reading alone: our reader", _python("reading", "ours"), checks=_NOTHING),
    Entrant(
        "publishing", "publishing alone: our atomic batches", _python("stages", "publishing"),
        log="empty", checks=_NOTHING,
    ),
    Entrant("saving", "saving alone: our store, SQLite", _python("stages", "saving"), log="empty", checks=_NOTHING),
)  # fmt: skip
