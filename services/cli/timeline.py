"""The timeline of a key: everything that the log says about it, in order, each with its cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.cli.brief import printable, read, speaker
from shared.entry import Entry
from shared.events.envelope import Event, InvalidEvent
from shared.events.event import TOKEN
from shared.log import Log


@dataclass(frozen=True, slots=True)
class Line:
    """One event of the timeline.

    Attributes:
        entry: as it stands in the log.
        event: what it says, or why it says nothing.
        by: who said it.
        cause: the word of the event that it answers, None when it answers none.
        depth: how many answers it is away from what came from outside.
    """

    entry: Entry
    event: Event | InvalidEvent
    by: str
    cause: str | None
    depth: int


async def programs_of(log: Log, key: str) -> list[str]:
    """The programs that know this key, sorted; what is no token is no program."""
    found = set()
    async for entries in log.read([f"mentoring.*.*.{key}.>"]):
        found |= {entry.subject.split(".")[1] for entry in entries}
    return sorted(name for name in found if TOKEN.fullmatch(name))


async def timeline(log: Log, program: str, key: str) -> Sequence[Line]:
    """Every event of this key, in the order of the log."""
    entries = []
    async for some in log.read([f"mentoring.{program}.*.{key}.>"]):
        entries += some
    return _lines(entries, await _causes(log, entries))


async def _causes(log: Log, entries: Sequence[Entry]) -> Mapping[int, str]:
    """The word of every cause; one of another key, such as a round's `due`, is fetched."""
    words = {entry.seq: entry.word for entry in entries}
    for seq in sorted({entry.cause for entry in entries if entry.cause} - words.keys()):
        found = await log.entry(seq)
        if found is not None and found.subject.startswith("mentoring."):
            _, program, word, key = found.subject.split(".", 3)
            word, key = printable(word), printable(key)
            words[seq] = f"{word} of {key}" if key != program else f"{word} of the program"
    return words


def _lines(entries: Sequence[Entry], words: Mapping[int, str]) -> list[Line]:
    depths: dict[int, int] = {}
    lines = []
    for entry in entries:
        event = read(entry)
        depth = depths[entry.seq] = 0 if not entry.cause else depths.get(entry.cause, 0) + 1
        cause = words.get(entry.cause) if entry.cause else None
        lines.append(Line(entry, event, speaker(entry, event), cause, depth))
    return lines
