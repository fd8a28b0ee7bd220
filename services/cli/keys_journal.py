"""An act of an operator that concerns no service's store: a line of the audit log at its begin and at its end."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from services.cli.output import Failure
from shared.replay import audit


@contextmanager
def noted(kind: str, by: str, reason: str) -> Iterator[dict[str, Any]]:
    """Write down that somebody begins, and how it ended; gives what is told at the end, to be filled in.

    Raises:
        Failure: the audit log cannot be written; when it cannot at the begin, nothing has begun.
    """
    detail: dict[str, Any] = {}
    facts = {
        "kind": kind,
        "by": by,
        "reason": reason,
        "run": uuid.uuid4().hex,
        "to": None,
        "program": None,
        "from_seq": None,
        "to_seq": None,
        "detail": detail,
    }
    try:
        file = audit.path(None)
        audit.append(file, {**facts, "state": "running"})
        try:
            yield detail
        except BaseException as error:
            detail["error"] = type(error).__name__
            audit.append(file, {**facts, "state": "failed"})
            raise
        audit.append(file, {**facts, "state": "done"})
    except audit.AuditTrouble as error:
        raise Failure(str(error)) from error
