"""A part of the log in pieces, each folded in one transaction."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from shared.catchup import is_own
from shared.entry import Entry
from shared.events.envelope import Event
from shared.replay.source import Part, Recorded


class Piece(NamedTuple):
    """Inputs of one transaction, the answers to them, and how many entries were read for them."""

    inputs: Sequence[Entry]
    told: Mapping[int, Sequence[Event]]
    read: int


class Pieces:
    """A part of the log as pieces of so many inputs, the last one shorter."""

    def __init__(self, part: Part, recorded: Recorded, size: int) -> None:
        self._part = part
        self._size = size
        self._inputs, self._told = recorded
        self._gathered: list[Entry] = []
        self._read = 0
        self._ended = False

    async def next(self) -> Piece | None:
        """The next one; None at the end."""
        while not self._ended and len(self._gathered) < self._size:
            entries = await self._inputs.batch()
            self._ended = not entries or entries[-1].seq >= self._part.until
            entries = [entry for entry in entries if self._takes(entry)]
            self._read += len(entries)
            self._gathered += [entry for entry in entries if self._is_input(entry)]
        inputs, self._gathered = self._gathered[: self._size], self._gathered[self._size :]
        read, self._read = self._read, 0
        if not inputs and not read:
            return None
        told = await self._told.until(inputs[-1].seq, self._is_own) if inputs else {}
        return Piece(inputs, told, read)

    def _is_own(self, entry: Entry) -> bool:
        return is_own(self._part.service, entry) and self._takes(entry)

    def _takes(self, entry: Entry) -> bool:
        share = self._part.share
        return share is None or share.takes(entry.subject)

    def _is_input(self, entry: Entry) -> bool:
        program = self._part.program
        of_it = program is None or entry.subject.startswith(f"mentoring.{program}.")
        return of_it and entry.seq <= self._part.until and not is_own(self._part.service, entry)


@contextmanager
def rare_collections() -> Iterator[None]:
    """Look for cycles of garbage seldom: a fold leaves none, and looking through its rows took a fifth of the CPU."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
