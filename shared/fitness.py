"""Whether a store and a log belong together: asked at every start, before anything is folded."""

from __future__ import annotations

import hashlib

from shared import mark as marks
from shared.catchup import is_own, own_filters
from shared.entry import Entry
from shared.log import Log
from shared.service import Service


class NotReady(Exception):
    """The service cannot run on this store and log until an operator has acted; the words say what to do."""


class OtherLog(NotReady):
    """The store was folded from another log; `seq` is how far."""

    def __init__(self, service: str, known: str, seq: int, log: str) -> None:
        super().__init__(
            f"the store belongs to the log {known}, this is {log}: "
            f"connect the right log, or give {service} a new store to rebuild from this one"
        )
        self.service, self.known, self.seq, self.log = service, known, seq, log


def other_version(service: str, version: int, today: int) -> str:
    """What to do with a store that another fold version has written."""
    found = f"the store was written by fold version {version}, this is {today}: "
    if version > today:
        return (
            f"{found}start the version that wrote it, or take the store before it back with "
            f"`mentoring replay undo {service}`"
        )
    return (
        f"{found}`mentoring replay rebuild {service}` folds it anew, or give {service} a new store, "
        "it rebuilds itself from the log"
    )


async def check_not_lost(log: Log, other: OtherLog) -> None:
    """An empty log in the place of the one that was folded: a new store would throw away what is left.

    Raises:
        NotReady: no event is in this log.
        LogTrouble: it did not answer.
    """
    if other.seq > 0 and await log.last("mentoring.>") is None:
        raise NotReady(
            f"this log ({other.log}) is empty, and the store has folded sequence {other.seq} of the log {other.known}: "
            "was the log lost? Restore it (docs/runbooks.md, The log is lost), or connect the right one; "
            f"give {other.service} no new store"
        ) from other


def body_fingerprint(entry: Entry) -> str:
    """What the position remembers of the last event it folded: enough to tell another or a truncated log."""
    return hashlib.blake2b(entry.body, digest_size=16).hexdigest()


async def check_position(
    log: Log, service: Service, seq: int, remembered: str, last_seq: int
) -> None:
    """The log holds, at the store's position, the event that the store has folded there.

    Raises:
        NotReady: it does not.
        LogTrouble: the log did not answer.
    """
    if seq == 0:
        return
    entry = await log.entry(seq) if seq <= last_seq else None
    if entry is None or body_fingerprint(entry) != remembered:
        raise NotReady(
            f"the store has folded sequence {seq}, and the log does not hold that event there: the log was "
            f"truncated or replaced. Restore the log, or give {service.name} a new store"
        )


async def check_mark(log: Log, service: Service, partition: int, position: int) -> None:
    """Without its mark the log cannot tell what is answered: answering again would say everything twice.

    Raises:
        NotReady: the mark is missing although the service has answered before.
        LogTrouble: the log did not answer.
    """
    if (await marks.read(log, service.name, partition)).at > 0:
        return
    if position > 0 or await _has_answers(log, service, partition):
        raise NotReady(
            f"the log holds no mark of {service.name}/{partition}, which has answered before: the log was "
            "truncated. Restore it from a copy that holds `mentoring-mark.>` too"
        )


async def _has_answers(log: Log, service: Service, partition: int) -> bool:
    async for entries in log.read(own_filters(service, partition)):
        if any(is_own(service, entry) for entry in entries):
            return True
    return False
