"""A partition's entries and a service's own answers to them, from one reader.

Two readers would do, and did: one of everything, one of the service's words and its mark. But the server pays for a
consumer with several filters 50 to 480 µs an event (nats-server 2.15.1, growing with the subjects of a block), with
one filter 5; so the second reader kept a replay at a third of its speed. Here both sides go over the same entries,
and what one side has had and the other not is the window. Only at the log's end, where few messages are left, a reader
with several filters waits for the mark. The drop-in for `LogSource.open` and the ledger's catching up.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from shared import mark as marks
from shared.catchup import Told, input_filters, own_filters
from shared.entry import Entry
from shared.log import Log
from shared.reader import REPLAY_PULL, Reader
from shared.service import Service

WINDOW = 20_000
"""Entries kept while answers are looked for. Where answers lag farther behind their inputs, as after a long outage,
a second reader looks for them, and everything is delivered twice."""
UNSEEN = 5 * WINDOW
"""Entries kept after they were given, until answers are looked for: by one who finds few inputs of his own, never."""


@asynccontextmanager
async def one_pass(
    log: Log, service: Service, partition: int, after: int, bound: int, name: str | None = None
) -> AsyncIterator[tuple[OnePass, Told]]:
    """Read a partition from behind a sequence on: a cursor of its entries, and what the service told up to the bound.

    Args:
        log: where from.
        service: whose answers are told.
        partition: which one.
        after: the input up to which everything is folded already.
        bound: where the service's mark stands or stood, see `Told`.
        name: of the consumer, as NATS tools show it.

    Raises:
        ReaderLost: the server does not answer, here or while reading.
    """
    everything = input_filters(partition)
    own = [*own_filters(service, partition), marks.subject(service.name, partition)]
    async with AsyncExitStack() as stack:

        async def read(filters: Sequence[str], behind: int, name: str | None = None) -> Reader:
            reader = await log.reader(filters, behind + 1, name=name, pull=REPLAY_PULL)
            stack.push_async_callback(reader.close)
            return reader

        cursor = OnePass(await read(everything, after, name), after)
        answers = Answers(
            cursor, bound, lambda seen: read(everything, seen), lambda seen: read(own, seen)
        )
        yield cursor, Told(answers, after, bound)


class OnePass:
    """The cursor of all entries, the service's own among them. Made by `one_pass`.

    Attributes:
        last: sequence of the last entry that it gave.
        standing: entries that stood in the log when it was opened.
        window: entries that were looked through for answers and not given yet.
    """

    def __init__(self, reader: Reader, after: int) -> None:
        self.last = after
        self.standing = reader.standing
        self.window = 0
        self.reader = reader
        self._unseen = 0
        self._ahead: deque[Sequence[Entry]] = deque()
        self._behind: deque[Sequence[Entry]] | None = deque()

    async def batch(self) -> Sequence[Entry]:
        """The next ones.

        Raises:
            ReaderLost: see `Reader`.
        """
        if self._ahead:
            entries = self._ahead.popleft()
            self.window -= len(entries)
        else:
            entries = await self.reader.batch()
            self._keep(entries)
        self.last = entries[-1].seq
        return entries

    def _keep(self, entries: Sequence[Entry]) -> None:
        if self._behind is not None:
            self._behind.append(entries)
            self._unseen += len(entries)
            if self._unseen > UNSEEN:
                self.leave()

    @property
    def keeps(self) -> bool:
        """Whether answers may be looked for here."""
        return self._behind is not None

    @property
    def gave_more(self) -> bool:
        """Whether it gave entries in which nobody has looked for answers."""
        return bool(self._behind)

    async def look_ahead(self) -> Sequence[Entry]:
        """The next entries to look for answers in; this side gets them, too."""
        if self._behind:
            seen = self._behind.popleft()
            self._unseen -= len(seen)
            return seen
        entries = await self.reader.batch()
        self._ahead.append(entries)
        self.window += len(entries)
        return entries

    def leave(self) -> None:
        """From now on nobody looks for answers here."""
        self._behind = None


Open = Callable[[int], Awaitable[Reader]]
"""Opens a reader behind a sequence."""


class Answers:
    """The cursor of entries that may be answers, as `Told` wants it; made by `one_pass`.

    Args:
        shared: goes over the same entries.
        bound: where the mark stands.
        everything: opens a reader like the shared one.
        own: opens a reader of what the service says and of its mark.
    """

    def __init__(self, shared: OnePass, bound: int, everything: Open, own: Open) -> None:
        self._shared = shared
        self._bound = bound
        self._everything, self._own = everything, own
        self._seen = shared.last
        self._alone: Reader | None = None
        self._is_at_end = False

    async def batch(self) -> Sequence[Entry]:
        """The next ones.

        Raises:
            ReaderLost: see `Reader`.
        """
        if self._alone is None and not self._shared.keeps:
            await self._go_alone(self._everything)
        elif not self._shared.gave_more and not self._is_at_end:
            await self._go_alone_if_needed()
        source = self._shared.look_ahead if self._alone is None else self._alone.batch
        entries = await source()
        self._seen = entries[-1].seq
        return entries

    async def _go_alone_if_needed(self) -> None:
        reader = self._alone or self._shared.reader
        if self._seen < self._bound and reader.behind == 0:
            self._is_at_end = True
            await self._go_alone(self._own)
        elif self._alone is None and self._shared.window >= WINDOW:
            await self._go_alone(self._everything)

    async def _go_alone(self, way: Open) -> None:
        self._shared.leave()
        self._alone = await way(self._seen)
