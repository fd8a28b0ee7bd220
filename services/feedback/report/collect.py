"""From the log to columns: each event is looked at once, and only if a metric counts its word.

What services say is a fact, and is read as JSON. What comes from outside is read by the contract; what its judge has
rejected is left out, and so is a copy (the same id and source). A word said by somebody whose it is not is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from struct import error as NotPacked  # noqa: N812 - a class
from typing import Any

import numpy as np
import orjson

from services.feedback.report.columns import QUARTER, Columns
from services.feedback.report.model import ClockName
from services.feedback.report.notes import EPOCH, Data, Fact, Notes, micros, micros_of
from services.feedback.report.people import settle
from shared.entry import Entry
from shared.events.envelope import InvalidEvent, decode

WORDS = frozenset({*Notes().facts, *Notes().statements, "rejected"})
"""The event words that the report reads."""
REFUSED = "rejected"
SPEAKERS = frozenset({"matching", "scheduling", "feedback"})
_TIME, _DATA = '"time":"', ',"data":'


def _passed_over(key: str, data: Data) -> None:
    """What nobody says."""


_NOBODY: tuple[str, Fact] = ("", _passed_over)


class NoProgram(LookupError):
    """The log does not open this program."""


class NotAFact(ValueError):
    """What a service's header stands on is not what that service says."""


class Collector:
    """Takes a log's events in order and gives columns in the end.

    Args:
        program: which; events of others are passed over. Kept under this name, too.
        clock: whose instants say when an event is seen: when the server `stored` it, or the `event`'s own time.
    """

    def __init__(self, program: str, clock: ClockName = "stored") -> None:
        self.program, self._clock = program, clock
        self._by_storing = clock == "stored"
        self._notes = Notes()
        self._rejected: set[int] = set()
        self._positions: dict[int, int] = {}
        self._begin = f"mentoring.{program}."

    @property
    def last(self) -> datetime:
        """When the last event that counts was seen; 1970 before the first."""
        return EPOCH + timedelta(microseconds=self._notes.seen)

    def add(self, entries: Iterable[Entry]) -> None:
        """The next events of the log.

        Raises:
            NotAFact: a service says what it cannot have said.
        """
        begin, skipped = self._begin, len(self._begin)
        for entry in entries:
            subject = entry.subject
            if not subject.startswith(begin):
                continue
            word, _, key = subject[skipped:].partition(".")
            if word == REFUSED:
                self._refuse(entry)
            elif word in WORDS:
                body = entry.body.decode("utf-8", "replace")
                self.take(word, key, entry.seq, body, entry.said_by, entry.stored)

    def _refuse(self, entry: Entry) -> None:
        if entry.said_by in SPEAKERS and entry.cause is not None:
            self._rejected.add(entry.cause)

    def take(
        self, word: str, key: str, seq: int, body: str, said_by: str | None, stored: int
    ) -> None:
        """One event of the program, unless it is a verdict; see `add`.

        Args:
            word, key: of its subject.
            seq: its position.
            body: its CloudEvent.
            said_by: the service that says it; None: nobody of these.
            stored: when the server stored it, nanoseconds since 1970.

        Raises:
            NotAFact: a service says what it cannot have said.
        """
        notes = self._notes
        if said_by is None:
            if word in notes.statements:
                self._statement(word, key, seq, body, stored)
            return
        owner, note = notes.facts.get(word, _NOBODY)
        if owner != said_by:
            return
        try:
            notes.time, data = told(body)
            self._see(seq, stored // 1000 if self._by_storing else micros(notes.time))
            note(key, data)
        except (KeyError, TypeError, ValueError, NotPacked) as error:
            words = f"the event at sequence {seq} is not what {said_by} says"
            raise NotAFact(words) from error

    def columns(self) -> Columns:
        """What was collected.

        Raises:
            NoProgram: no `opened` of it was among the events.
        """
        notes = self._notes
        opened = [each for seq, each in notes.opened.items() if seq not in self._rejected]
        if not opened:
            raise NoProgram(f"the log does not open the program {self.program}")
        zone = opened[0][1]
        settled = settle(notes, self._rejected, zone)
        return Columns(
            program=self.program,
            zone=zone,
            clock=self._clock,
            rules=[rules for rules, _ in opened],
            persons=len(notes.persons),
            cycles=len(notes.cycles),
            requests=settled.requests,
            request_of=settled.request_of,
            asked=settled.asked,
            positions=_quarters(self._positions),
            offered=settled.offered,
            gone=settled.gone,
            paired=notes.paired.rows(),
            held_offers=settled.held_offers,
            scheduled=notes.scheduled.rows(),
            verdicts=notes.verdicts.rows(),
            reviews=notes.reviews.rows(),
            concluded=notes.concluded.rows(),
        )

    def _see(self, seq: int, time: int) -> None:
        """Note when this is seen; a clock that goes back does not turn the log around."""
        notes = self._notes
        notes.seen = max(notes.seen, time)
        notes.seq = seq
        self._positions[(notes.seen - 1) // QUARTER] = seq

    def _statement(self, word: str, key: str, seq: int, body: str, stored: int) -> None:
        try:
            event = decode(body.encode())
        except InvalidEvent:
            return
        if event.subject == f"{self._begin}{word}.{key}":
            self._see(seq, stored // 1000 if self._by_storing else micros_of(event.time))
            self._notes.statements[word](event, event.data)


def told(body: str) -> tuple[str, Any]:
    """Time and data of an event as services write it: its other attributes, half of the bytes, are not parsed.

    Raises:
        ValueError, KeyError, TypeError: it is no event.
    """
    time, data = body.find(_TIME) + len(_TIME), body.find(_DATA) + len(_DATA)
    if len(_TIME) <= time <= data:
        try:
            return body[time : body.index('"', time)], orjson.loads(body[data:-1])
        except orjson.JSONDecodeError:
            pass  # the attributes stand in another order
    event = orjson.loads(body)
    return event["time"], event["data"]


def collect(
    batches: Iterable[Sequence[Entry]], program: str, clock: ClockName = "stored"
) -> Columns:
    """The columns of one program.

    Args:
        batches: events in the log's order; those that no metric counts may be left out (see `WORDS`).
        program: which.
        clock: see `Collector`.

    Raises:
        NoProgram: it is not opened there.
        NotAFact: a service says what it cannot have said.
    """
    collector = Collector(program, clock)
    for entries in batches:
        collector.add(entries)
    return collector.columns()


def _quarters(positions: dict[int, int]) -> tuple[np.ndarray, np.ndarray]:
    numbers = np.fromiter(positions, dtype=np.int64, count=len(positions))
    return (numbers + 1) * QUARTER, np.fromiter(positions.values(), np.int64, len(positions))
