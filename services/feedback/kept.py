"""What is kept of a pair beside itself and its meetings: its goals, and what is said, sealed.

Part of the model (services/feedback/model.py), which everybody imports it from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar, Literal

from shared.frozen import replace
from shared.world import Row

# -- goal -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Measure:
    """A goal's value as it was at an instant."""

    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Goal(Row):
    """A goal that both sides agreed on; `dropped` when newer terms leave it out after a first meeting.

    `of`: the goal that it is a milestone of. `value` is the last one stated, `as_of` when it was measured and
    `moved_at` when it last changed; `history` keeps the latest values, in the order of the log.
    """

    KEY: ClassVar[tuple[str, ...]] = ("program", "cycle", "goal")
    ABOUT: ClassVar[str] = "cycle"

    program: str
    cycle: str
    goal: str
    kind: str
    of: str | None
    skill: str | None
    baseline: float
    target: float
    unit: str
    target_on: date
    agreed_at: datetime
    value: float | None = None
    as_of: datetime | None = None
    moved_at: datetime | None = None
    history: tuple[Measure, ...] = ()
    dropped: bool = False

    @property
    def reached(self) -> bool:
        """Whether the last value is at the target, or beyond it as seen from the baseline."""
        if self.value is None:
            return False
        rising = self.target >= self.baseline
        return self.value >= self.target if rising else self.value <= self.target


# -- review and note --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """What one side submitted, sealed."""

    form: str
    sealed: str


@dataclass(frozen=True, slots=True)
class Blind:
    """Nobody sees anything: both sides may submit, and submit again, until `deadline`."""

    deadline: datetime
    kind: Literal["blind"] = "blind"


@dataclass(frozen=True, slots=True)
class Revealed:
    """As `reviewed` said it."""

    by: Literal["both", "deadline"]
    ratings: Mapping[str, Mapping[str, int]]
    missing: tuple[str, ...]
    kind: Literal["revealed"] = "revealed"


@dataclass(frozen=True, slots=True)
class ForReport:
    """A closing review: read by the program's report only, never revealed."""

    kind: Literal["for_report"] = "for_report"


@dataclass(frozen=True, slots=True)
class Review(Row):
    """Both sides' reviews of a meeting (or `closing`), by side.

    `late` came after the reveal from a side that was missing: kept, never counted and never shown to the other.
    `sides`: how many have submitted, as far as it counts.
    """

    KEY: ClassVar[tuple[str, ...]] = ("program", "cycle", "meeting")
    ABOUT: ClassVar[str] = "cycle"

    program: str
    cycle: str
    meeting: str
    status: str
    entries: Mapping[str, Entry]
    state: Blind | Revealed | ForReport
    late: Mapping[str, Entry] = field(default_factory=dict)
    sides: int = 0

    def become(self, state: Blind | Revealed | ForReport) -> Review:
        """The review in another state."""
        return replace(self, state=state, status=state.kind)


@dataclass(frozen=True, slots=True)
class Note(Row):
    """Something worth keeping, sealed under its author's key and that of whom it is about.

    `audience`: its author, or the pair. `due_on` and `done` are those of an action item, `goal` what it serves.
    """

    KEY: ClassVar[tuple[str, ...]] = ("program", "cycle", "note")
    ABOUT: ClassVar[str] = "cycle"

    program: str
    cycle: str
    note: str
    kind: str
    by: str
    about: str
    at: datetime
    sealed: str
    goal: str | None = None
    due_on: date | None = None
    done: bool = False
    audience: Literal["author", "pair"] = "author"
