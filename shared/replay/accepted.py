"""Where a rebuild has let the log win, kept in the store that it folds into, in the transaction that folds it.

Whoever goes on with that store, or exchanges it, is shown all of it again and has to accept it again.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert

from shared.engine import trouble
from shared.fitness import NotReady
from shared.folding import Accepted
from shared.outcome import Diverged
from shared.replay import operation
from shared.store import Store

KIND = "accepted"
"""Of the rows in `operation`; no exchange takes them over, and no audit log tells them."""
_MOST = 50
"""Sequences that a command is told to name one by one."""


def keep(connection: Connection, store: Store, accepted: Iterable[Accepted]) -> None:
    """Write them down within a transaction.

    Raises:
        StoreTrouble: the database does not take it.
    """
    rows = [_row(each, datetime.now(UTC)) for each in accepted]
    if rows:
        with trouble():
            connection.execute(insert(store.metadata.tables["operation"]), rows)


def _row(accepted: Accepted, now: datetime) -> dict[str, Any]:
    seq = accepted.diverged.seq
    return {
        "kind": KIND,
        "state": "done",
        "by": "",
        "reason": "",
        "started": now,
        "ended": now,
        "from_seq": seq,
        "to_seq": seq,
        "digest_before": "",
        "digest_after": "",
        "detail": {"why": accepted.diverged.why, "passed_over": accepted.passed_over},
    }


def kept_in(store: Store) -> list[Accepted]:
    """What is written down in a store, by sequence; nothing where it has no tables yet."""
    if store.strange_tables():
        return []
    found = [
        Accepted(Diverged(each.from_seq or 0, each.detail["why"]), each.detail["passed_over"])
        for each in operation.listing(store, kind=KIND)
    ]
    return sorted(found, key=lambda each: each.diverged.seq)


def check_again(found: Sequence[Accepted], accept: Container[int]) -> None:
    """Nobody takes over unseen what another call has accepted.

    Raises:
        NotReady: a store has it, and this call does not accept it.
    """
    seqs = sorted({each.diverged.seq for each in found})
    if all(seq in accept for seq in seqs):
        return
    raise NotReady(
        f"what an earlier call has folded lets the log win {words(found)}: "
        f"accept it again with --accept {named(seqs)}, or begin anew with --fresh"
    )


def words(found: Sequence[Accepted]) -> str:
    """Where the log wins, and what of it is in no row."""
    over = {each.diverged.seq for each in found if each.passed_over}
    passed = f", of which {_listed(over)} cannot be folded and is in no row" if over else ""
    return f"over today's code at {_listed({each.diverged.seq for each in found})}{passed}"


def named(seqs: Iterable[int]) -> str:
    """As the value of --accept."""
    each = sorted(set(seqs))
    return ",".join(map(str, each)) if len(each) <= _MOST else "all"


def _listed(seqs: Iterable[int]) -> str:
    each = sorted(seqs)
    shown = ", ".join(map(str, each[:_MOST]))
    return shown if len(each) <= _MOST else f"{shown} and {len(each) - _MOST} more"
