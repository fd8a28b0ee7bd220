"""Acts of operators that concern no store: they stand in the audit log alone, and are read from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson

from services.cli.output import Failure
from shared.replay import audit
from shared.replay.operation import Operation

KINDS = ("redeliver", "revoke", "rotate")
"""Acts that no store knows of."""
_ENDS = ("done", "stopped", "failed")


def acts(kind: str | None = None, state: str | None = None) -> list[Operation]:
    """Such acts in the order in which they began, each from the line of its begin and that of its end.

    Their `id` is the number of the line of their begin. One that was killed stays `running`; its `detail` holds the
    token to go on with.

    Raises:
        Failure: the audit log cannot be read.
    """
    try:
        path = audit.path(None)
    except audit.AuditTrouble:  # it has no place, so nothing can have been written
        return []
    try:
        with path.open("rb") as file:
            found = list(_paired(_lines(file)))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise Failure(f"the audit log {path} cannot be read: {error.strerror}") from error
    return [each for each in found if kind in {None, each.kind} and state in {None, each.state}]


def _lines(lines: Iterable[bytes]) -> Iterator[Operation]:
    """What each line says of such an act; one that was cut short, as by a full disk, is passed over."""
    for number, line in enumerate(lines, 1):
        try:
            facts = orjson.loads(line)
            if facts["kind"] in KINDS:
                yield _act(number, facts)
        except (ValueError, KeyError, TypeError):
            continue


def _paired(told: Iterable[Operation]) -> Iterable[Operation]:
    """An end belongs to the last begin of its run: what is resumed is an act of its own, of the same run."""
    found: dict[int, Operation] = {}
    latest: dict[str, Operation] = {}
    for act in told:
        begun = latest.pop(act.detail["run"], None) if act.ended else None
        if begun is None:
            found[act.id] = latest[act.detail["run"]] = act
        else:
            started = replace(begun, ended=act.ended, state=act.state, detail=act.detail)
            found[begun.id] = started
    return found.values()


def _act(number: int, facts: Mapping[str, Any]) -> Operation:
    at = datetime.fromisoformat(str(facts["time"]))
    token = {"token": facts["token"]} if "token" in facts else {}
    return Operation(
        id=number,
        kind=str(facts["kind"]),
        state=str(facts["state"]),
        by=str(facts["by"]),
        reason=str(facts["reason"]),
        started=at,
        ended=at if facts["state"] in _ENDS else None,
        program=facts["program"],
        from_seq=facts["from_seq"],
        to_seq=facts["to_seq"],
        position=None,
        digest_before="",
        digest_after="",
        detail={**facts["detail"], "run": str(facts["run"]), "to": facts["to"], **token},
    )
