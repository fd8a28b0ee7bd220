"""Folds inputs in memory, one by one, and remembers what was said: a log without a server."""

from __future__ import annotations

from collections.abc import Sequence

from shared.digest import digest
from shared.entry import Entry
from shared.events.envelope import Event
from shared.fold import Fold
from shared.outcome import DeadLetter, Outcome
from shared.service import Service
from shared.world import Row, World
from tests.tally.events import entry
from tests.tally.service import TALLY


class Book:
    """A world, its fold and everything folded so far."""

    def __init__(self, service: Service = TALLY) -> None:
        self.world = World()
        self.entries: dict[int, Entry] = {}
        self.told: dict[int, Sequence[Event]] = {}
        self.fold = Fold(service, fetch=self.entries.__getitem__)

    def live(self, *events: Event) -> list[Outcome]:
        """Fold inputs as a running service does."""
        return [self.live_entry(entry(len(self.entries) + 1, event)) for event in events]

    def live_entry(self, given: Entry) -> Outcome:
        """Fold one entry, whatever it holds."""
        self.entries[given.seq] = given
        outcome = self.fold.live(self.world, given, self.fold.read(given))
        self.fold.keep(self.world, outcome)
        self.told[given.seq] = outcome.answers
        return outcome

    def replay(self, service: Service | None = None) -> Book:
        """A new book that follows what this one's log says."""
        other = Book(service or self.fold.service)
        for seq, given in self.entries.items():
            other.entries[seq] = given
            outcome = other.fold.follow(other.world, given, other.fold.read(given), self.told[seq])
            other.fold.keep(other.world, outcome)
        return other

    @property
    def digest(self) -> str:
        """Over everything the world holds."""
        return digest(self.world.rows())

    def rows(self, kind: type[Row]) -> list[Row]:
        """The rows of a kind, in key order."""
        return [row for row in self.world.rows() if isinstance(row, kind)]

    @property
    def letters(self) -> list[tuple[int, str, str]]:
        """Sequence, kind and state of each dead letter."""
        return [
            (row.seq, row.kind, row.state)
            for row in self.world.rows()
            if isinstance(row, DeadLetter)
        ]
