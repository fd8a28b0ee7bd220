"""The timeline of a key: everything that the log says about it, in order, each with its cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from services.cli.brief import printable, read, speaker
from shared.entry import Entry
from shared.events.envelope import Event, InvalidEvent
from shared.events.event import TOKEN
from shared.log import Log
from shared.replay.history import EVERYTHING, Cut


@dataclass(frozen=True, slots=True)
class Line:
    """One event of the timeline.

    Attributes:
        entry: as it stands in the log.
        event: what it says, or why it says nothing.
        by: who said it.
        cause: the word of the event that it answers, None when it answers none.
        depth: how many answers it is away from what came from outside.
        took: from when the server stored the cause until it stored this answer; None when it answers none.
    """

    entry: Entry
    event: Event | InvalidEvent
    by: str
    cause: str | None
    depth: int
    took: timedelta | None = None


class Cause(NamedTuple):
    """What an answer names as its cause: its word, and when it was stored (nanoseconds since 1970)."""

    word: str
    stored: int


async def programs_of(log: Log, key: str) -> list[str]:
    """The programs that know this key, sorted; what is no token is no program."""
    found = set()
    async for entries in log.read([f"mentoring.*.*.{key}.>"]):
        found |= {entry.subject.split(".")[1] for entry in entries}
    return sorted(name for name in found if TOKEN.fullmatch(name))


async def timeline(log: Log, program: str, key: str, cut: Cut = EVERYTHING) -> Sequence[Line]:
    """Every event of this key up to the cut, in the order of the log."""
    entries = []
    async for some in log.read([f"mentoring.{program}.*.{key}.>"], until=cut.seq):
        entries += some
    events = [read(entry) for entry in entries]
    beyond = (n for n, each in enumerate(entries) if cut.is_before(each, events[n]))
    end = next(beyond, len(entries))
    return _lines(entries[:end], events[:end], await _causes(log, entries[:end]))


async def _causes(log: Log, entries: Sequence[Entry]) -> Mapping[int, Cause]:
    """Every cause; one of another key, such as a round's `due`, is fetched."""
    causes = {entry.seq: Cause(entry.word, entry.stored) for entry in entries}
    for seq in sorted({entry.cause for entry in entries if entry.cause} - causes.keys()):
        found = await log.entry(seq)
        if found is not None and found.subject.startswith("mentoring."):
            causes[seq] = Cause(_word_elsewhere(found), found.stored)
    return causes


def _word_elsewhere(entry: Entry) -> str:
    _, program, word, key = entry.subject.split(".", 3)
    word, key = printable(word), printable(key)
    return f"{word} of {key}" if key != program else f"{word} of the program"


def _lines(
    entries: Sequence[Entry],
    events: Sequence[Event | InvalidEvent],
    causes: Mapping[int, Cause],
) -> list[Line]:
    depths: dict[int, int] = {}
    lines = []
    for entry, event in zip(entries, events, strict=True):
        depth = depths[entry.seq] = 0 if not entry.cause else depths.get(entry.cause, 0) + 1
        cause = causes.get(entry.cause) if entry.cause else None
        word, took = (cause.word, _took(entry, cause)) if cause else (None, None)
        lines.append(Line(entry, event, speaker(entry, event), word, depth, took))
    return lines


def _took(entry: Entry, cause: Cause) -> timedelta:
    """A looked up entry is stored to the microsecond: its answer never before it."""
    return timedelta(microseconds=max(0, entry.stored - cause.stored) // 1000)
