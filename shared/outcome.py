"""What an input leads to: answers and timers, a dead letter, or one of the errors that end a fold."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, NamedTuple

from shared.events.envelope import Event
from shared.world import Row, Timer

_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class DeadLetter(Row):
    """An input that was not folded, and why. `about` is its key; `state`: open, redriven or discarded."""

    KEY: ClassVar[tuple[str, ...]] = ("program", "seq")
    ABOUT: ClassVar[str] = "about"

    program: str
    seq: int
    about: str
    word: str
    event: str
    kind: str
    rule: str
    field: str
    state: str


class Outcome(NamedTuple):
    """What one input led to. `said` holds the encoded answers beside the events (live only).

    A named tuple, because every input makes one or two: 0.3 µs each, a frozen dataclass 1.0.
    `event` is the input; `folded` is what was folded of it: the parked event where the input redrives one,
    None where a verdict or its being a copy kept it out.
    """

    answers: Sequence[Event] = ()
    said: Sequence[bytes] = ()
    timers: Sequence[Timer] = ()
    letter: DeadLetter | None = None
    seen: bytes | None = None
    event: Event | None = None
    folded: Event | None = None

    @property
    def size(self) -> int:
        """How many messages it is in the log."""
        return len(self.answers) + len(self.timers)


class StoreTrouble(Exception):
    """The store could not be read or written: trouble, never a dead letter."""


class StoreRefused(Exception):
    """The store refuses values for good, such as a NUL in PostgreSQL text: the input's fault."""


class Diverged(Exception):
    """Today's code would judge otherwise than the log: a rebuild or catch-up stops here.

    Attributes:
        seq: the input's sequence.
        why: what differs.
        event: the input, where it could be read.
    """

    def __init__(self, seq: int, why: str, event: Event | None = None) -> None:
        named = f" ({event.word} {event.cloud_subject}, event {event.id})" if event else ""
        super().__init__(f"at sequence {seq}{named}: {why}")
        self.seq = seq
        self.why = why
        self.event = event

    def __reduce__(self) -> tuple[type[Diverged], tuple[int, str, Event | None]]:
        """Made of its parts in another process, too."""
        return Diverged, (self.seq, self.why, self.event)


class Condemned(Exception):
    """The log, or the store, refuses what an input leads to; `error` is why."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class TooMuchSaid(Exception):
    """One input caused more answers and timers than an atomic batch can hold."""


def place_of(error: BaseException) -> str:
    """The innermost file, line and function of ours that raised; never the error's words, which may hold a value."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [each for each in frames if Path(each.filename).is_relative_to(_ROOT)]
    if not ours:
        return ""
    last = ours[-1]
    return f"{Path(last.filename).relative_to(_ROOT)}:{last.lineno} in {last.name}"
