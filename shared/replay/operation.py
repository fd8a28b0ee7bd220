"""What operators do to a store: each act is a row beside the tables it concerns, and a line of an audit log.

The row is audit and progress in one, and no exchange of the store's contents touches it. Neither row nor line
holds what an event says: who, when, why, from where to where, digests, counts, ids and the classes of errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from shared.engine import eager, trouble
from shared.replay import audit
from shared.store import Store


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator's act.

    Attributes:
        kind: what, such as `rebuild`.
        state: running, or killed: the next act on the store ends it as cut off; waiting, for the operator's answer or
            until the service has done its part; done; failed.
        by, reason: who, and why.
        program: the only program concerned; None: all.
        from_seq, to_seq: the sequences of the log between which it read.
        position: how far it is.
        digest_before, digest_after: of the rows concerned; empty where it took none.
        detail: counts, ids, and the class of what went wrong.
    """

    id: int
    kind: str
    state: str
    by: str
    reason: str
    started: datetime
    ended: datetime | None
    program: str | None
    from_seq: int | None
    to_seq: int | None
    position: int | None
    digest_before: str
    digest_after: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ended:
    """How an act ended, now.

    Attributes:
        state: done, failed, or waiting until the service has done its part.
        to_seq: the last sequence of the log that it concerns.
        digests: of the rows concerned, before and after; empty where it took none.
        detail: counts, ids, and the class of what went wrong.
    """

    state: str
    to_seq: int | None = None
    digests: tuple[str, str] = ("", "")
    detail: Mapping[str, Any] = field(default_factory=dict)

    def values(self) -> dict[str, Any]:
        """The columns of the row."""
        return {
            "state": self.state,
            "ended": datetime.now(UTC),
            "to_seq": self.to_seq,
            "digest_before": self.digests[0],
            "digest_after": self.digests[1],
            "detail": dict(self.detail),
        }


def begin(
    store: Store,
    kind: str,
    by: str,
    reason: str,
    program: str | None = None,
    from_seq: int | None = None,
) -> int:
    """Write down that an operator begins; returns the row's id.

    Raises:
        StoreTrouble: the database does not take it.
        AuditTrouble: the audit log does not take it; nothing has begun.
    """
    audit.check(audit.path(store.url))
    values = {"by": by[:128], "reason": reason, "program": program, "from_seq": from_seq}
    operation = _insert(store, {"kind": kind, "state": "running", **values})
    tell(store, operation)
    return operation


def record(
    store: Store,
    kind: str,
    by: str,
    ended: Ended,
    started: datetime,
    program: str | None = None,
) -> int:
    """Write down an act that is over: one that changes nothing, and of which nothing is to be seen until then.

    Raises:
        StoreTrouble: the database does not take it.
        AuditTrouble: the audit log does not take it; the row says it.
    """
    values = {"by": by[:128], "reason": "", "program": program, "started": started}
    operation = _insert(store, {"kind": kind, **values, **ended.values()})
    tell(store, operation)
    return operation


def describe(store: Store, kind: str, program: str | None, detail: Mapping[str, Any]) -> None:
    """Write what a store is for into itself: no operator's act, so there is no line of the audit log."""
    values = {"kind": kind, "by": "", "reason": "", "program": program}
    _insert(store, {**values, **Ended("done", detail=detail).values()})


def _insert(store: Store, values: Mapping[str, Any]) -> int:
    table = _table(store)
    empty = {"started": datetime.now(UTC), "digest_before": "", "digest_after": "", "detail": {}}
    with eager(store.engine) as connection:
        made = connection.execute(insert(table).returning(table.c.id).values({**empty, **values}))
        operation: int = made.scalar_one()
    return operation


def note(
    store: Store,
    operation: int,
    state: str = "running",
    position: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write down how far it is, unless it has ended; no line of the audit log.

    Raises:
        StoreTrouble: the database does not take it.
    """
    values: dict[str, Any] = {"state": state}
    values |= {} if position is None else {"position": position}
    values |= {} if detail is None else {"detail": dict(detail)}
    _update(store, operation, values)


def end(
    store: Store,
    operation: int,
    state: str,
    to_seq: int | None = None,
    digest_before: str = "",
    digest_after: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write down how it ended; nothing is written over an end that is there, such as one from `end_within`.

    Raises:
        StoreTrouble: the database does not take it.
        AuditTrouble: the audit log does not take it; the row says it.
    """
    ended = Ended(state, to_seq, (digest_before, digest_after), detail or {})
    _update(store, operation, ended.values())
    tell(store, operation)


def end_within(
    connection: Connection,
    store: Store,
    operation: int,
    to_seq: int,
    digests: tuple[str, str],
    detail: Mapping[str, Any],
) -> None:
    """Write down that it is done, within a transaction: the row says it if and only if it has happened.

    Raises:
        StoreTrouble: the database does not take it.
    """
    table, values = _table(store), Ended("done", to_seq, digests, detail).values()
    with trouble():
        connection.execute(update(table).where(table.c.id == operation).values(**values))


def get(store: Store, operation: int) -> Operation | None:
    """One operation; None when there is none of this id."""
    table = _table(store)
    query = select(table).where(table.c.id == operation)
    found = store.read(lambda connection: connection.execute(query).first())
    return None if found is None else Operation(*found)


def listing(
    store: Store, limit: int | None = None, kind: str | None = None, state: str | None = None
) -> list[Operation]:
    """Operations, the newest first."""
    table = _table(store)
    query = select(table).order_by(table.c.id.desc()).limit(limit)
    if kind is not None:
        query = query.where(table.c.kind == kind)
    if state is not None:
        query = query.where(table.c.state == state)
    return store.read(lambda connection: [Operation(*row) for row in connection.execute(query)])


def _update(store: Store, operation: int, values: Mapping[str, Any]) -> None:
    table = _table(store)
    goes_on = (table.c.id == operation) & table.c.ended.is_(None)
    with eager(store.engine) as connection:
        connection.execute(update(table).where(goes_on).values(**values))


def tell(store: Store, operation: int) -> None:
    """Append what the row says to the audit log.

    Raises:
        AuditTrouble: it cannot be written.
    """
    found = get(store, operation)
    if found is not None:
        facts = {"operation": found.id, "store": audit.place(store.url), **asdict(found)}
        del facts["id"]
        audit.append(audit.path(store.url), facts)


def _table(store: Store) -> Table:
    return store.metadata.tables["operation"]
