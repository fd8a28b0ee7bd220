"""The sealed reviews of a program that count: of each side the last one that was taken and came before the reveal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.feedback.model import CLOSING, Side
from services.feedback.sealing import Place
from shared.entry import Entry
from shared.events.envelope import Event, InvalidEvent, decode
from shared.events.feedback import Reviewed
from shared.events.matching import Paired
from shared.events.outside import Opened, Submitted
from shared.events.rules import Form

WORDS = ("opened", "paired", "submitted", "reviewed", "rejected")
"""What they are found by."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Where in the log something counts from, and its instants."""

    seq: int
    stored: int
    time: datetime


@dataclass(frozen=True, slots=True)
class Sealed:
    """One side's review.

    Attributes:
        cycle, meeting, side: whose and of what.
        author, subject: under whose keys it is sealed.
        place: where it belongs.
        sealed: its contents.
        form: what was asked; None when no rules have it any more.
        seen: a closing review counts from when it came, any other from its reveal.
    """

    cycle: str
    meeting: str
    side: Side
    author: str
    subject: str
    place: Place
    sealed: str
    form: Form | None
    seen: Seen


class Sealings:
    """Takes a log's events in order and gives the reviews in the end.

    Args:
        program: which.
    """

    def __init__(self, program: str) -> None:
        self._program = program
        self._begin = f"mentoring.{program}."
        self._rules: dict[int, Opened] = {}
        self._pairs: dict[str, Paired] = {}
        self._submitted: dict[tuple[str, str, Side], list[tuple[Seen, Submitted]]] = {}
        self._revealed: dict[tuple[str, str], Seen] = {}
        self._rejected: set[int] = set()

    def add(self, entries: Iterable[Entry]) -> None:
        """The next events of the log; others than `WORDS` are passed over."""
        for entry in entries:
            if entry.subject.startswith(self._begin) and entry.word in WORDS:
                self._add(entry)

    def _add(self, entry: Entry) -> None:
        if entry.word == "rejected" and entry.said_by is not None and entry.cause is not None:
            self._rejected.add(entry.cause)
            return
        try:
            self._note(entry, decode(entry.body))
        except InvalidEvent:
            return

    def _note(self, entry: Entry, event: Event) -> None:
        seen = Seen(entry.seq, entry.stored, event.time)
        match event.data, entry.said_by:
            case Opened() as rules, None:
                self._rules[entry.seq] = rules
            case Paired() as pair, "matching":
                self._pairs[event.key] = pair
            case Submitted() as review, None:
                place = (event.key, review.meeting, review.side)
                self._submitted.setdefault(place, []).append((seen, review))
            case Reviewed() as reviewed, "feedback":
                self._revealed.setdefault((event.key, reviewed.meeting), seen)
            case _:
                pass

    def reviews(self) -> Iterator[Sealed]:
        """Those that count, of cycles that were paired."""
        forms = self._forms()
        for (cycle, meeting, side), given in self._submitted.items():
            pair, revealed = self._pairs.get(cycle), self._revealed.get((cycle, meeting))
            taken = [each for each in given if self._counts(each[0], revealed)]
            if pair is None or not taken or (meeting != CLOSING and revealed is None):
                continue
            seen, review = taken[-1]
            author, subject = _persons(pair, side)
            yield Sealed(
                cycle,
                meeting,
                side,
                author,
                subject,
                Place(self._program, cycle, "review", meeting, side, review.form),
                review.sealed,
                forms.get((pair.rules, side, review.form)),
                revealed or seen,
            )

    def _counts(self, seen: Seen, revealed: Seen | None) -> bool:
        """It was not refused, and did not come when the others were shown already."""
        return seen.seq not in self._rejected and (revealed is None or seen.seq < revealed.seq)

    def _forms(self) -> Mapping[tuple[str, Side, str], Form]:
        """Forms by version of the rules, side and id."""
        return {
            (rules.rules, form.side, form.id): form
            for seq, rules in self._rules.items()
            if seq not in self._rejected
            for form in rules.forms
        }


def _persons(pair: Paired, side: Side) -> tuple[str, str]:
    """Who wrote it, and about whom."""
    persons = (pair.mentee, pair.mentor)
    return persons if side == "mentee" else persons[::-1]
