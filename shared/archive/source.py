"""An archive as a replay reads it: no server is asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Container, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from shared.archive.answered import answered
from shared.archive.reading import Archive, Cursor
from shared.catchup import Told
from shared.entry import Entry
from shared.mark import Mark
from shared.replay.source import Part, Recorded

_SIZE = 2000


class ArchiveSource:
    """The log that an archive holds. Made by `ArchiveSource.of`.

    Args:
        archive: found whole.
        seqs: the last input that each service has answered in it, by service and partition.
    """

    def __init__(self, archive: Archive, seqs: Mapping[tuple[str, int], int]) -> None:
        self.uuid = archive.identity
        self.partitions = archive.head.partitions
        self.ends: int | None = archive.end
        self._archive = archive
        self._seqs = seqs

    @classmethod
    async def of(cls, path: Path, says: Mapping[str, Container[str]]) -> ArchiveSource:
        """The archive in a file, checked; reads it through twice.

        Args:
            path: the file.
            says: the words that each service may say.

        Raises:
            BadArchive: it is damaged or truncated.
            OSError: it cannot be read.
        """
        archive = await asyncio.to_thread(Archive.open, path)
        return cls(archive, await asyncio.to_thread(answered, archive, says))

    async def mark(self, service: str, partition: int) -> Mark:
        """How far a service had answered; as if its mark stood right behind the archive's end."""
        seq = self._seqs.get((service, partition))
        return Mark() if seq is None else Mark(self._archive.end + 1, seq, "archive")

    async def entry(self, seq: int) -> Entry | None:
        """One entry, or None when the archive does not hold it; reads the file up to there."""
        found = await asyncio.to_thread(next, self._archive.entries(seq - 1), None)
        return found if found is not None and found.seq == seq else None

    @asynccontextmanager
    async def open(self, part: Part) -> AsyncIterator[Recorded]:
        """Read a part with two cursors, one for the inputs and one for the service's own answers."""
        archive, after = self._archive, part.after
        inputs = archive.entries(after, partition=part.partition, program=part.program)
        own = archive.entries(
            after, partition=part.partition, program=part.program, said_by=part.service.name
        )
        answers = Cursor(own, _SIZE)
        yield Recorded(Cursor(_until(inputs, part.until), _SIZE), Told(answers, after, part.bound))


def _until(entries: Iterator[Entry], last: int) -> Iterator[Entry]:
    for entry in entries:
        if entry.seq > last:
            return
        yield entry
