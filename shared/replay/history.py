"""The history of one program as one service folds it: each input with its answers and the rows it changed.

Folded in memory from the log's beginning, the answers that stand in the log right behind their cause, as a
rebuild does it: nothing is decided, published or stored.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Literal, NamedTuple, Protocol

from shared import mark as marks
from shared.catchup import Told, is_own, own_words
from shared.entry import Entry
from shared.events.envelope import Event
from shared.fold import Fold, Read
from shared.log import Log
from shared.outcome import Outcome, StoreTrouble
from shared.partition import partition_of
from shared.reader import Reader
from shared.service import Service, no_effect
from shared.world import Ref, Row, Unread, World

ClockName = Literal["stored", "event"]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cut:
    """How far a history goes; without anything, as far as its service has answered.

    Attributes:
        seq: no input beyond this sequence.
        at: up to the first input that is later than this instant.
        clock: whose instants: when the server `stored` an input, or the `event`'s own time, which serves logs
            whose time was driven or that were imported.
    """

    seq: int | None = None
    at: datetime | None = None
    clock: ClockName = "stored"

    def is_before(self, entry: Entry, read: Read) -> bool:
        """Whether this input lies beyond the cut."""
        if self.seq is not None and entry.seq > self.seq:
            return True
        if self.at is None:
            return False
        if self.clock == "stored":
            return _EPOCH + timedelta(microseconds=entry.stored // 1000) > self.at
        return isinstance(read, Event) and read.time > self.at


EVERYTHING = Cut()


class Changed(NamedTuple):
    """A row before and after an input; None where there was, or is, none."""

    before: Row | None
    after: Row | None


@dataclass(frozen=True, slots=True)
class Step:
    """One input of the history.

    Attributes:
        entry: as it stands in the log.
        read: the event that it says, why it says none, or None for a word that the service passes over.
        outcome: what it led to: answers, timers, a dead letter.
        changes: the rows that it and its answers changed.
    """

    entry: Entry
    read: Read
    outcome: Outcome
    changes: Mapping[Ref, Changed]


class Answers(Protocol):
    """Where the answers that stand in the log come from, in the order of their causes."""

    async def until(
        self, cause: int, is_own: Callable[[Entry], bool], /
    ) -> Mapping[int, Sequence[Event]]:
        """All answers to inputs up to `cause` that were not handed over yet, by their cause."""


class History:
    """One program as one service folds it, from the beginning up to a cut.

    Attributes:
        world: the rows as of the last input that was folded.
        position: that input's sequence, 0 before the first.
    """

    def __init__(self, service: Service, cut: Cut = EVERYTHING) -> None:
        self.service = replace(service, effect=no_effect)
        self.world = World()
        self.position = 0
        self._cut = cut
        self._parked: dict[int, Entry] = {}
        self._fold = Fold(self.service, fetch=self._fetch)

    async def fold(
        self, inputs: AsyncIterator[Sequence[Entry]], answers: Answers
    ) -> AsyncIterator[Step]:
        """Fold inputs in the order of the log, until they or the cut end.

        Args:
            inputs: the program's events, in lists; what the service says itself among them is left out.
            answers: what the service said to them.

        Raises:
            Diverged: today's code would judge otherwise than the log.
        """
        own = partial(is_own, self.service)
        async for entries in inputs:
            batch = [(entry, self._fold.read(entry)) for entry in entries if not own(entry)]
            beyond = (n for n, each in enumerate(batch) if self._cut.is_before(*each))
            within = batch[: next(beyond, len(batch))]
            told = await answers.until(within[-1][0].seq, own) if within else {}
            for entry, read in within:
                yield self.follow(entry, read, told.get(entry.seq, ()))
            if len(within) < len(batch):
                return

    def follow(self, entry: Entry, read: Read, told: Sequence[Event]) -> Step:
        """Fold one input with the answers that the log holds.

        Raises:
            Diverged: today's code would judge otherwise than the log.
        """
        outcome = self._fold.follow(self.world, entry, read, told)
        before = self.world.touched()
        self._fold.keep(self.world, outcome)
        after = self.world.take_changes()
        self.position = entry.seq
        if outcome.letter is not None and outcome.letter.kind == "parked":
            self._parked.setdefault(outcome.letter.seq, entry)
        changes = {ref: Changed(_known(before[ref]), row) for ref, row in after.items()}
        return Step(entry, read, outcome, changes)

    def _fetch(self, seq: int) -> Entry:
        """A parked input, which its `redriven` folds: it stands earlier in the same history."""
        if seq not in self._parked:
            raise StoreTrouble(f"the parked input {seq} is not in this history")
        return self._parked[seq]


@asynccontextmanager
async def history(
    log: Log, service: Service, program: str, cut: Cut = EVERYTHING
) -> AsyncIterator[tuple[History, AsyncIterator[Step]]]:
    """Open one program's history as it stands in the log: the history, and its steps to go through.

    It ends where the service's mark says that it has answered, or earlier at the cut.

    Raises:
        LogTrouble, ReaderLost: the log does not answer.
    """
    partition = partition_of(program, (await log.info()).partitions)
    mark = await marks.read(log, service.name, partition)
    folded = History(service, cut)
    async with AsyncExitStack() as readers:
        stands = marks.subject(service.name, partition)
        inputs = await log.reader([f"mentoring.{program}.>", stands])
        readers.push_async_callback(inputs.close)
        words = sorted(own_words(service))
        said = [f"mentoring.{program}.{word}.>" for word in words]
        answers = await log.reader([*said, stands])
        readers.push_async_callback(answers.close)
        told = Told(answers, 0, mark.at)
        steps = folded.fold(_answered(inputs, mark), told)
        yield folded, steps


async def _answered(inputs: Reader, mark: marks.Mark) -> AsyncIterator[Sequence[Entry]]:
    """The inputs that are answered. The mark, read among them, proves that all have arrived."""
    last = 0
    while last < mark.at:
        entries = await inputs.batch()
        last = entries[-1].seq
        yield [e for e in entries if e.seq <= mark.seq and e.subject.startswith("mentoring.")]


def _known(row: Row | None) -> Row | None:
    """Nothing where a row was written without having been read: nothing stands behind this world."""
    return None if isinstance(row, Unread) else row
