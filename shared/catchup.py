"""Reading a service's own answers in the order of their causes, beside the inputs they answer."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Protocol

from shared.entry import Entry
from shared.events.envelope import Event, InvalidEvent, decode
from shared.outcome import Diverged
from shared.service import Service


def input_filters(partition: int) -> list[str]:
    """The subjects of a partition.

    One filter for all words: measured, a filter for each word that a service reads costs the server five
    times the CPU, more than the words of others cost the reader. An unknown word is seen, too.
    """
    return [f"mentoring.*.*.*.{partition}"]


def own_words(service: Service) -> frozenset[str]:
    """What a service may say."""
    return service.says | {"rejected", "parked"}


def own_filters(service: Service, partition: int | str = "*") -> list[str]:
    """The subjects of what a service may say."""
    return [f"mentoring.*.{word}.*.{partition}" for word in sorted(own_words(service))]


def is_own(service: Service, entry: Entry) -> bool:
    """Whether an entry is an answer of this service; headers alone do not make one (outsiders may write them)."""
    return (
        entry.said_by == service.name
        and entry.cause is not None
        and entry.cause < entry.seq
        and entry.word in own_words(service)
    )


class Cursor(Protocol):
    """Entries in the order of the log."""

    async def batch(self) -> Sequence[Entry]:
        """The next ones; none only at the end of what does not grow, such as an archive."""


class Told:
    """What a service has said up to a bound of the log, by the sequence of the cause.

    Answers stand in the log in the order of their causes, because a batch is published before the next input
    is folded; so one pass beside the inputs is enough.

    Args:
        reader: of what the service says and of its mark, from behind `start` on.
        start: the input up to which answers are folded already.
        bound: sequence of the mark that was claimed. When it arrives, or a newer one, everything has arrived. A
            count of what is behind would not do: in a replicated stream a consumer may be served by a server that
            does not hold everything yet, and an answer that is missed makes another store.
    """

    def __init__(self, reader: Cursor, start: int, bound: int) -> None:
        self._reader = reader
        self._start = self._floor = start
        self._bound = bound
        self._complete = False
        self._ahead: deque[Entry] = deque()
        self.accept: Container[int] = frozenset()
        self.passed_over: list[Diverged] = []

    async def until(self, cause: int, is_own: Callable[[Entry], bool]) -> Mapping[int, list[Event]]:
        """All answers to inputs up to `cause` that were not handed over yet, decoded, by their cause.

        Raises:
            Diverged: an answer that no service wrote: it cannot be read, or stands behind those to later inputs.
        """
        told: dict[int, list[Event]] = {}
        while not self._ahead or (self._ahead[0].cause or 0) <= cause:
            if self._ahead:
                entry = self._ahead.popleft()
                self._take(entry, told)
            elif self._complete:
                break
            else:
                entries = await self._reader.batch()
                self._complete = not entries or entries[-1].seq >= self._bound
                self._ahead.extend(e for e in entries if e.seq <= self._bound and is_own(e))
        self._floor = max(self._floor, cause + 1)
        return told

    def _take(self, entry: Entry, told: dict[int, list[Event]]) -> None:
        try:
            told.setdefault(entry.cause or 0, []).append(self._answer(entry))
        except Diverged as error:
            if error.seq not in self.accept:
                raise
            self.passed_over.append(Diverged(error.seq, error.why))  # no frames, which hold a batch

    def _answer(self, entry: Entry) -> Event:
        cause = entry.cause or 0
        if self._start < cause < self._floor:
            raise Diverged(entry.seq, "an answer stands behind those to later inputs")
        self._floor = max(self._floor, cause)
        try:
            return decode(entry.body)
        except InvalidEvent as error:
            raise Diverged(entry.seq, f"an answer cannot be read: {error}") from error
