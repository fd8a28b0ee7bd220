"""Reading a service's own answers in the order of their causes, beside the inputs they answer."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping

from shared.entry import Entry
from shared.events.envelope import Event, decode
from shared.reader import Reader
from shared.service import Service


def input_filters(partition: int) -> list[str]:
    """The subjects of a partition.

    One filter for all words: measured, a filter for each word that a service reads costs the server five
    times the CPU, more than the words of others cost the reader. An unknown word is seen, too.
    """
    return [f"mentoring.*.*.*.{partition}"]


def own_filters(service: Service, partition: int | str = "*") -> list[str]:
    """The subjects of what a service may say."""
    words = sorted({*service.says, "rejected", "parked"})
    return [f"mentoring.*.{word}.*.{partition}" for word in words]


class Told:
    """What a service has said up to a bound of the log, by the sequence of the cause.

    Answers stand in the log in the order of their causes, because a batch is published before the next input
    is folded; so one pass beside the inputs is enough.
    """

    def __init__(self, reader: Reader, bound: int) -> None:
        self._reader = reader
        self._bound = bound
        self._left = reader.standing
        self._ahead: deque[Entry] = deque()

    async def until(self, cause: int, is_own: Callable[[Entry], bool]) -> Mapping[int, list[Event]]:
        """All answers to inputs up to `cause` that were not handed over yet, decoded, by their cause."""
        told: dict[int, list[Event]] = {}
        while True:
            while self._ahead:
                entry = self._ahead[0]
                if entry.cause is not None and entry.cause > cause:
                    return told
                told.setdefault(entry.cause or 0, []).append(decode(self._ahead.popleft().body))
            if self._left <= 0:
                return told
            entries = await self._reader.batch()
            self._left -= len(entries)
            if entries[-1].seq > self._bound:
                self._left = 0
            self._ahead.extend(e for e in entries if e.seq <= self._bound and is_own(e))

    async def close(self) -> None:
        """Stop reading."""
        await self._reader.close()
