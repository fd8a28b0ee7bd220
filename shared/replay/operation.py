"""What operators do to a store: each act is a row beside the tables it concerns, and a line of an audit log.

The row is audit and progress in one, and no exchange of the store's contents touches it. Neither row nor line
holds what an event says: who, when, why, from where to where, digests, counts, ids and the classes of errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
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
        state: running; waiting, for the operator's answer or until the service has done its part; done; failed.
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
    values = {"kind": kind, "by": by[:128], "reason": reason, "program": program}
    table = _table(store)
    with eager(store.engine) as connection:
        made = connection.execute(
            insert(table)
            .returning(table.c.id)
            .values(
                **values,
                state="running",
                started=datetime.now(UTC),
                from_seq=from_seq,
                digest_before="",
                digest_after="",
                detail={},
            )
        )
        operation: int = made.scalar_one()
    tell(store, operation)
    return operation


def describe(store: Store, kind: str, program: str | None, detail: Mapping[str, Any]) -> None:
    """Write what a store is for into itself: no operator's act, so there is no line of the audit log."""
    table, now = _table(store), datetime.now(UTC)
    with eager(store.engine) as connection:
        connection.execute(
            insert(table).values(
                kind=kind,
                state="done",
                by="",
                reason="",
                started=now,
                ended=now,
                program=program,
                digest_before="",
                digest_after="",
                detail=dict(detail),
            )
        )


def note(
    store: Store,
    operation: int,
    state: str = "running",
    position: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write down how far it is; no line of the audit log.

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
    """Write down how it ended.

    Raises:
        StoreTrouble: the database does not take it.
        AuditTrouble: the audit log does not take it; the row says it.
    """
    digests = digest_before, digest_after
    _update(store, operation, _ended(state, to_seq, digests, detail or {}))
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
    table, values = _table(store), _ended("done", to_seq, digests, detail)
    with trouble():
        connection.execute(update(table).where(table.c.id == operation).values(**values))


def _ended(
    state: str, to_seq: int | None, digests: tuple[str, str], detail: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "state": state,
        "ended": datetime.now(UTC),
        "to_seq": to_seq,
        "digest_before": digests[0],
        "digest_after": digests[1],
        "detail": dict(detail),
    }


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
    with eager(store.engine) as connection:
        connection.execute(update(table).where(table.c.id == operation).values(**values))


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
