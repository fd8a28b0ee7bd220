"""How far each service has answered the events of an archive: where its marks stand after an import."""

from __future__ import annotations

from collections.abc import Container, Mapping

from shared.archive.lines import Head, Record
from shared.archive.reading import Archive, program_of, seen
from shared.entry import Entry
from shared.partition import partition_of


class Answered:
    """What of an archive each service has answered: how far its marks may go.

    A mark names an input that the archive holds. Where the archive was cut at its end, answers to inputs before the
    cut may be behind it: there a service has answered up to the last cause that its answers name, and answers the
    rest itself. A cut never parts the answers to one input.

    Args:
        head: of the archive.
        says: the words that each service may say.
        cut: whether its end was cut off.
    """

    def __init__(self, head: Head, says: Mapping[str, Container[str]], *, cut: bool) -> None:
        self._bounds = {
            (mark.service, mark.partition): 0 if cut else mark.seq for mark in head.marks
        }
        self._says = says
        self._services: dict[int, list[str]] = {}
        for mark in head.marks:
            self._services.setdefault(mark.partition, []).append(mark.service)
        self._partitions = head.partitions
        self._of: dict[bytes, int] = {}
        self.seqs = dict.fromkeys(self._bounds, 0)

    def take(self, record: Record) -> None:
        """The next event of the archive."""
        partition, entry = self._partition(program_of(record)), seen(record)
        for service in self._services.get(partition, ()):
            place = (service, partition)
            if self._is_answer(service, entry):
                self.seqs[place] = max(self.seqs[place], entry.cause or 0)
            elif entry.seq <= self._bounds[place]:
                self.seqs[place] = max(self.seqs[place], entry.seq)

    def _is_answer(self, service: str, entry: Entry) -> bool:
        said = entry.said_by == service and entry.cause is not None and entry.cause < entry.seq
        return said and entry.word in self._says.get(service, ())

    def _partition(self, program: bytes) -> int:
        found = self._of.get(program)
        if found is None:
            found = self._of[program] = partition_of(program, self._partitions)
        return found


def answered(archive: Archive, says: Mapping[str, Container[str]]) -> Mapping[tuple[str, int], int]:
    """The last input that each service has answered, by service and partition: reads the archive through."""
    found = Answered(archive.head, says, cut=archive.tail.cut)
    for record in archive.records():
        found.take(record)
    return found.seqs
