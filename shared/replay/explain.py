"""Which events made a row what the log says it is: shown beside a difference between a store and the log."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import NamedTuple

from shared.entry import Entry
from shared.events.envelope import Event
from shared.fold import Read
from shared.outcome import Diverged
from shared.partition import partition_of
from shared.replay.history import Changed, Cut, History
from shared.replay.source import Part, Recorded, Source
from shared.service import Service
from shared.world import Ref


class Reason(NamedTuple):
    """An input that changed a row, by itself or by what the service answered to it.

    Attributes:
        seq: its sequence in the log.
        word: its event word.
        event: its id; empty where it is no event.
        columns: the fields of the row that it changed; all of a row that it made or removed.
    """

    seq: int
    word: str
    event: str
    columns: tuple[str, ...]


async def explain(
    service: Service, source: Source, program: str, refs: Iterable[Ref], until: int
) -> Mapping[Ref, Sequence[Reason]]:
    """The inputs that changed rows of a program, in the order of the log.

    The program is folded in memory from its beginning. Where today's code would judge otherwise than the log it ends,
    with what it has found so far.

    Args:
        service: whose rows; its effect does not run.
        source: the log, or what holds it.
        program: the rows'.
        refs: which rows.
        until: sequence of an input of the program's partition, the last one to look at.

    Raises:
        NotReady: nothing stands at `until`.
        LogTrouble, ReaderLost: the log does not answer.
    """
    found: dict[Ref, list[Reason]] = {ref: [] for ref in refs}
    partition = partition_of(program, source.partitions)
    mark = await source.mark(service.name, partition)
    part = Part(service, partition, 0, until, mark.at, program)
    history = History(service, Cut(seq=until))
    async with source.open(part) as recorded:
        try:
            async for step in history.fold(_inputs(part, recorded), recorded.told):
                for ref in found.keys() & step.changes.keys():
                    found[ref].append(_reason(step.entry, step.read, step.changes[ref]))
        except Diverged:
            pass
    return found


async def _inputs(part: Part, recorded: Recorded) -> AsyncIterator[Sequence[Entry]]:
    prefix = f"mentoring.{part.program}."
    last = 0
    while last < part.until:
        entries = await recorded.inputs.batch()
        last = entries[-1].seq if entries else part.until
        yield [entry for entry in entries if entry.subject.startswith(prefix)]


def _reason(entry: Entry, read: Read, changed: Changed) -> Reason:
    row = changed.after or changed.before
    names = [each.name for each in fields(row)] if row is not None else []  # type: ignore[arg-type]
    if changed.before is not None and changed.after is not None:
        names = [n for n in names if getattr(changed.before, n) != getattr(changed.after, n)]
    event = read.id if isinstance(read, Event) else ""
    return Reason(entry.seq, entry.word, event, tuple(names))
