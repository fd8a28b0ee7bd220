"""From an archive into an empty stream: the same events at the same sequences, and the marks that belong to them.

The stream says by itself how far an import has come: its last sequence. It has no identity until the import has
ended, so services wait; its metadata names the archive, so that only the same one goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Container, Iterator, Mapping

from shared import mark as marks
from shared import provision
from shared.archive.answered import Answered
from shared.archive.lines import Record
from shared.archive.reading import Archive
from shared.archive.sending import Batch, Elsewhere, Sender, batches
from shared.log import Log, LogTrouble

OWNER = "import"
_PATIENCE = 60.0
_PAUSE = 0.5
Telling = Callable[[int, int], None]


class NotImportable(Exception):
    """The archive or the stream does not allow it; the words say why and what to do."""


class Import:
    """Puts an archive into an empty stream, or goes on where one was cut off.

    Args:
        log: the connection; it waits long for answers, since no transaction is held.
        archive: found whole.
        says: the words that each service may say.
        tell: hears the sequence reached and the last one, now and then.

    Attributes:
        altered: see `Sender`.
        resumed: the sequence behind which it went on; 0 when it began.
    """

    def __init__(
        self,
        log: Log,
        archive: Archive,
        says: Mapping[str, Container[str]],
        tell: Telling = lambda _reached, _end: None,
    ) -> None:
        if archive.head.cut:
            raise NotImportable(
                "the archive begins in the middle: events before it were left out by --from, and services cannot fold "
                "what follows without them. Export without --from"
            )
        self.resumed = 0
        self.altered = 0
        self._log = log
        self._archive = archive
        self._answered = Answered(archive.head, says, cut=archive.tail.cut)
        self._tell = tell

    @property
    def start(self) -> int:
        """The first sequence that the stream gets; what lies before it is skipped, not filled."""
        return self._archive.tail.first or self._archive.end + 1

    async def run(self, replicas: int | None = None) -> None:
        """Do all of it. Cut off anywhere, it can be run again.

        Raises:
            NotImportable: somebody else writes to the stream.
            ValueError: the stream is not empty.
            LogTrouble: the log does not answer for long.
        """
        digest = self._archive.tail.digest
        reached = await provision.begin_import(
            self._log, digest, self._archive.head.partitions, self.start, replicas
        )
        self.resumed = reached if reached >= self.start else 0
        await self._check(min(reached, self._archive.end))
        await self._send_all(reached)
        await provision.purge(self._log, "mentoring-mark.filler.0")
        await self._write_marks()
        await provision.end_import(self._log, self._archive.identity)

    async def _check(self, reached: int) -> None:
        """What stands in the stream already is the archive's."""
        last = None
        if reached >= self.start:
            for record in self._archive.records():
                if record.seq > reached:
                    break
                last = record
        if last is None:
            return
        entry = await self._log.entry(last.seq)
        if entry is None or entry.body != last.body:
            raise NotImportable(
                f"the stream holds something else than the archive at sequence {last.seq}: somebody else has "
                "written to it. Remove the stream and import again"
            )

    async def _send_all(self, reached: int) -> None:
        sender = Sender(self._log)
        await sender.open()
        first = max(reached + 1, self.start)
        try:
            async for batch in _ahead(batches(self._records(first), first, self._archive.end)):
                await self._send(sender, batch)
                self._tell(batch.end - 1, self._archive.end)
        except Elsewhere as error:
            raise NotImportable(
                f"somebody else writes to the stream ({error}). Stop it, remove the stream and import again"
            ) from error
        self.altered = sender.altered

    def _records(self, first: int) -> Iterator[Record]:
        for record in self._archive.records():
            self._answered.take(record)
            if record.seq >= first:
                yield record

    async def _send(self, sender: Sender, batch: Batch) -> None:
        """Until it stands: after trouble the stream itself says whether it does."""
        deadline = asyncio.get_running_loop().time() + _PATIENCE
        unsure = False
        while True:
            try:
                if not (unsure and await self._stands(batch)):
                    await sender.send(batch)
            except LogTrouble:
                if asyncio.get_running_loop().time() > deadline:
                    raise
                unsure = True
                await asyncio.sleep(_PAUSE)
            else:
                return

    async def _stands(self, batch: Batch) -> bool:
        last = (await self._log.info()).last_seq
        if last not in {batch.start - 1, batch.end - 1}:
            raise Elsewhere(f"the stream ends at {last}")
        return last == batch.end - 1

    async def _write_marks(self) -> None:
        for (service, partition), seq in self._answered.seqs.items():
            before = await marks.read(self._log, service, partition)
            if before.at == 0:
                await self._log.send(marks.message(service, partition, before, seq, OWNER))


async def _ahead(made: Iterator[Batch]) -> AsyncIterator[Batch]:
    """Batches, the next one read from the file while the one before is on its way."""
    coming = asyncio.create_task(asyncio.to_thread(next, made, None))
    while (batch := await coming) is not None:
        coming = asyncio.create_task(asyncio.to_thread(next, made, None))
        yield batch
