"""Which letters are asked for, and their ages: the log says when each was stored, so an instant is a place in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.cli.dead.letters import Wanted
from services.cli.dead.selection import Selection
from services.cli.entries import stored
from shared.log import Log

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def plain(selection: Selection) -> Wanted:
    """The selection as far as the store alone can tell: without its ages."""
    return Wanted(
        kind=selection.kind,
        state=None if selection.state == "all" else selection.state,
        word=selection.word,
        program=selection.program,
        about=selection.key,
        error=selection.error,
        seqs=selection.seqs,
    )


async def wanted(log: Log, selection: Selection) -> Wanted:
    """The selection with its ages as places in the log.

    Raises:
        LogTrouble, ReaderLost: the log cannot be read.
    """
    found, older, newer = plain(selection), selection.older, selection.newer
    if older is not None:
        found = replace(found, last=await first_since(log, _ago(older)) - 1)
    if newer is not None:
        found = replace(found, first=await first_since(log, _ago(newer)))
    return found


def _ago(age: timedelta) -> datetime:
    """When that was; never before NATS begins to count."""
    now = datetime.now(UTC)
    return now - min(age, now - _EPOCH)


async def first_since(log: Log, instant: datetime) -> int:
    """The sequence of the first event stored at an instant or later; that behind the log's end when there is none.

    Raises:
        LogTrouble, ReaderLost: the log cannot be read.
    """
    end = (await log.info()).last_seq + 1
    reader = await log.reader(["mentoring.>"], since=instant)
    try:
        return (await reader.batch(1))[0].seq if reader.standing else end
    finally:
        await reader.close()


async def instants(log: Log, seqs: Iterable[int]) -> Mapping[int, datetime]:
    """When the log stored these sequences; those that it does not hold are left out.

    Raises:
        LogTrouble: the log cannot be read.
    """
    found = {seq: await log.entry(seq) for seq in seqs}
    return {seq: stored(entry) for seq, entry in found.items() if entry is not None}
