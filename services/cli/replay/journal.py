"""Keeps an operator's act on a store as one operation, from its begin to its end, whatever the end is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import typer
from sqlalchemy import Connection

from services.cli.folds import fold_of
from services.cli.output import say
from services.cli.replay.preview import Preview
from shared.outcome import StoreTrouble
from shared.replay import operation
from shared.replay.holding import hold
from shared.store import Store

CUT_OFF = {"error": "cut off"}
_ALONE = ("rebuild", "undo", "drop")
"""Acts of which a store sees one at a time."""


@dataclass
class Journal:
    """One operation: `with Journal(…) as journal:`. It failed unless `done` was called.

    Whoever begins holds the store alone, so what others left open was killed: it is ended first.

    Attributes:
        store: concerned by it.
        kind: what is done.
        by, reason: who does it and why.
        program: the only one concerned.
        from_seq: where it begins to read the log.
        number: its id.
        detail: counts, for its end.
    """

    store: Store
    kind: str
    by: str
    reason: str
    program: str | None = None
    from_seq: int | None = None
    number: int = 0
    detail: dict[str, Any] = field(default_factory=dict)

    def __enter__(self) -> Self:
        for kind in _ALONE:
            close_cut_off(self.store, kind)
        self.number = operation.begin(
            self.store, self.kind, self.by, self.reason, self.program, self.from_seq
        )
        self._ended = self._silent = False
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """An end that was not said is a failure; only its kind is kept, for its words may name values."""
        if self._ended:
            return
        what = "given up" if kind in {None, typer.Exit} else getattr(kind, "__name__", "")
        self.detail |= {"error": what}
        try:
            operation.end(self.store, self.number, "failed", detail=self.detail)
        except StoreTrouble as trouble:  # what went wrong first is told, too
            say(f"operation {self.number}: that it failed cannot be written down: {trouble}")

    def note(self, position: int, state: str = "running", **detail: object) -> None:
        """How far it is, or that it waits for an answer."""
        self.detail |= detail
        if not self._silent:
            operation.note(self.store, self.number, state, position, self.detail)

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Note nothing while the store is held: SQLite has one lock, so this process would wait for itself."""
        self._silent = True
        try:
            yield
        finally:
            self._silent = False

    def done(self, found: Preview | None = None, to_seq: int | None = None) -> None:
        """It came to its end.

        Raises:
            StoreTrouble, AuditTrouble: that cannot be written down.
        """
        self._ended = True
        digests = (found.digest_live, found.digest_log) if found else ("", "")
        operation.end(self.store, self.number, "done", to_seq, *digests, self.detail)

    def done_within(self, connection: Connection, found: Preview | None, to_seq: int) -> None:
        """It comes to its end with the transaction of this connection; `told` is called behind it."""
        digests = (found.digest_live, found.digest_log) if found else ("", "")
        operation.end_within(connection, self.store, self.number, to_seq, digests, self.detail)

    def told(self) -> None:
        """The transaction has ended well: the audit log is told.

        Raises:
            AuditTrouble: it cannot be written; the database says it.
        """
        self._ended = True
        operation.tell(self.store, self.number)


@contextmanager
def alone(store: Store, service: str) -> Iterator[None]:
    """Nobody else rebuilds, takes back or removes.

    Raises:
        NotReady: somebody does.
        StoreTrouble: the database does not answer.
    """
    release = hold(store, fold_of(service))
    try:
        yield
    finally:
        release()


def close_cut_off(store: Store, kind: str) -> None:
    """Say of operations that nobody works on any more how they ended: they were killed."""
    for state in ("running", "waiting"):
        for each in operation.listing(store, kind=kind, state=state):
            detail: Mapping[str, Any] = {**each.detail, **CUT_OFF}
            operation.end(store, each.id, "failed", detail=detail)
