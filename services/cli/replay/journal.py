"""Keeps an operator's act on a store as one operation, from its begin to its end, whatever the end is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection

from services.cli.replay.preview import Preview
from shared.replay import operation
from shared.store import Store

CUT_OFF = {"error": "cut off"}


@dataclass
class Journal:
    """One operation: `with Journal(…) as journal:`. It failed unless `done` was called.

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
        self.number = operation.begin(
            self.store, self.kind, self.by, self.reason, self.program, self.from_seq
        )
        self._ended = False
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """An end that was not said is a failure; only its kind is kept, for its words may name values."""
        if not self._ended:
            what = "given up" if kind is None else kind.__name__
            self.detail |= {"error": what}
            operation.end(self.store, self.number, "failed", detail=self.detail)

    def note(self, position: int, state: str = "running", **detail: object) -> None:
        """How far it is, or that it waits for an answer."""
        self.detail |= detail
        operation.note(self.store, self.number, state, position, self.detail)

    def done(self, found: Preview | None = None, to_seq: int | None = None) -> None:
        """It came to its end.

        Raises:
            StoreTrouble, AuditTrouble: that cannot be written down.
        """
        self._ended = True
        digests = (found.digest_live, found.digest_log) if found else ("", "")
        operation.end(self.store, self.number, "done", to_seq, *digests, self.detail)

    def done_within(self, connection: Connection, found: Preview, to_seq: int) -> None:
        """It comes to its end with the transaction of this connection; `told` is called behind it."""
        digests = found.digest_live, found.digest_log
        operation.end_within(connection, self.store, self.number, to_seq, digests, self.detail)

    def told(self) -> None:
        """The transaction has ended well: the audit log is told.

        Raises:
            AuditTrouble: it cannot be written; the database says it.
        """
        self._ended = True
        operation.tell(self.store, self.number)


def close_cut_off(store: Store, kind: str) -> None:
    """Say of operations that nobody works on any more how they ended: they were killed."""
    for each in operation.listing(store, kind=kind):
        if each.state in {"running", "waiting"}:
            detail: Mapping[str, Any] = {**each.detail, **CUT_OFF}
            operation.end(store, each.id, "failed", detail=detail)
