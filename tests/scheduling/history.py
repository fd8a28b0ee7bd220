"""Given, when, then for scheduling: a program's history, folded in memory as the ledger folds it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from services.scheduling.app import SERVICE
from services.scheduling.model import Cycle, Ended, Meeting, Running
from shared.entry import Entry
from shared.events import feedback, matching, outside, scheduling
from shared.events.envelope import Event, EventData, due_event, encode
from shared.events.system import Rejected
from shared.events.types import Duration
from shared.fold import Fold
from shared.outcome import Outcome
from shared.world import Row, Timer, World

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""A Monday."""
PROGRAM = "acme"
MENTEE, MENTOR = "ada", "grace"
WORKDAYS = ("MO", "TU", "WE", "TH", "FR")
HOUR = timedelta(hours=1)

D = TypeVar("D", bound=EventData)
R = TypeVar("R", bound=Row)


@dataclass
class History:
    """Events of one program in the log's order; `now` moves with them."""

    world: World = field(default_factory=World)
    now: datetime = START
    log: list[tuple[Entry, list[Event]]] = field(default_factory=list)
    timers: dict[tuple[str, str], Timer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.fold = Fold(SERVICE)

    def say(self, key: str, data: EventData, source: str = "/tests") -> list[EventData]:
        """Append an event and fold it; what scheduling answers."""
        return self.fold_event(Event(str(uuid.uuid4()), source, PROGRAM, key, self.now, data))

    def fold_event(self, event: Event) -> list[EventData]:
        entry = Entry(len(self.log) + 1, event.subject, encode(event))
        outcome = self.fold.live(self.world, entry, self.fold.read(entry))
        self.fold.keep(self.world, outcome)
        assert outcome.letter is None or outcome.letter.kind == "rejected", outcome.letter
        self.log.append((entry, list(outcome.answers)))
        self._set(outcome)
        return [answer.data for answer in outcome.answers]

    def wait(self, **span: float) -> list[EventData]:
        """Let time pass: every timer that is set until then goes off, in order."""
        return self.wait_until(self.now + timedelta(**span))

    def wait_until(self, until: datetime) -> list[EventData]:
        said: list[EventData] = []
        while ripe := sorted((t for t in self.timers.values() if t.at <= until), key=_order):
            said += self.ring(ripe[0])
        self.now = max(self.now, until)
        return said

    def ring(self, timer: Timer) -> list[EventData]:
        """The `due` of a timer stands in the log."""
        self.timers.pop((timer.about, timer.name), None)
        self.now = max(self.now, timer.at)
        return self.fold_event(due_event("scheduling", PROGRAM, timer.about, timer.name, timer.at))

    def _set(self, outcome: Outcome) -> None:
        self.timers.update({(timer.about, timer.name): timer for timer in outcome.timers})

    def row(self, kind: type[R], *key: str) -> R:
        row = self.world.peek(kind, (PROGRAM, *key))
        assert row is not None
        return row

    def meetings(self, cycle: str = "c1") -> list[Meeting]:
        """All meetings of a cycle, in the order of their start."""
        rows = self.world.where(Meeting, program=PROGRAM, cycle=cycle)
        return sorted(rows, key=lambda row: (row.starts_at, row.meeting))

    def standing(self, cycle: str = "c1") -> list[Meeting]:
        return [row for row in self.meetings(cycle) if row.status == "confirmed"]

    def meeting(self, number: int, cycle: str = "c1") -> Meeting:
        """The last meeting of a number."""
        return [row for row in self.meetings(cycle) if row.number == number][-1]

    def running(self, cycle: str = "c1") -> Running:
        state = self.row(Cycle, cycle).state
        assert isinstance(state, Running)
        return state

    def has_ended(self, cycle: str = "c1") -> bool:
        return isinstance(self.row(Cycle, cycle).state, Ended)

    def rebuilt(self) -> World:
        """A world folded from the log alone: answers follow their causes."""
        world, fold = World(), Fold(SERVICE)
        for entry, answers in self.log:
            fold.keep(world, fold.follow(world, entry, fold.read(entry), answers))
        return world

    # -- what people do --

    def attend(
        self,
        meeting: Meeting,
        *persons: str,
        source: Any = "conference",
        late: float = 0,
        minutes: float | None = 60,
        cycle: str = "c1",
    ) -> list[EventData]:
        """Evidence that persons were at a meeting, `late` minutes after its start, for `minutes`."""
        joined = meeting.starts_at + timedelta(minutes=late)
        left = None if minutes is None else joined + timedelta(minutes=minutes)
        said: list[EventData] = []
        for person in persons or (MENTEE, MENTOR):
            data = attended(meeting.meeting, person, joined, left, source=source)
            said += self.say(cycle, data)
        return said

    def move(
        self, meeting: Meeting, to: datetime | None = None, by: str = MENTEE, behind: int = 0
    ) -> list[EventData]:
        data = outside.Moved(
            meeting=meeting.meeting, sequence=meeting.sequence - behind, by=by, starts_at=to
        )
        return self.say(meeting.cycle, data)

    def cancel(self, meeting: Meeting, by: str = MENTEE) -> list[EventData]:
        data = outside.Cancelled(meeting=meeting.meeting, sequence=meeting.sequence, by=by)
        return self.say(meeting.cycle, data)


def _order(timer: Timer) -> tuple[Any, ...]:
    return timer.at, timer.about, timer.name


def all_of(said: Iterable[EventData], kind: type[D]) -> list[D]:
    return [data for data in said if isinstance(data, kind)]


def only(said: list[EventData], kind: type[D]) -> D:
    """The one event of this kind among what was said."""
    found = all_of(said, kind)
    assert len(found) == 1, said
    return found[0]


def refused(said: list[EventData]) -> tuple[str, str]:
    """Rule and field of a refusal."""
    verdict = only(said, Rejected)
    return verdict.rule, verdict.field


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# -- events -----------------------------------------------------------------------------------------


def opened(**rules: Any) -> outside.Opened:
    given = {
        "rules": "r1",
        "effective_at": START,
        "starts_on": date(2026, 3, 1),
        "ends_on": date(2026, 8, 31),
        "zone": "Europe/Berlin",
    }
    return outside.Opened(**{**given, **rules})


def available(
    start: str = "09:00",
    duration: str = "PT8H",
    byday: Iterable[str] = WORKDAYS,
    zone: str = "UTC",
    **more: Any,
) -> outside.Available:
    window = {"byday": list(byday), "start": start, "duration": duration}
    return outside.Available.model_validate({"zone": zone, "weekly": [window], **more})


def away(start: str, end: str, kind: str = "away") -> dict[str, Any]:
    return {"start": utc(start), "end": utc(end), "kind": kind}


def paired(mentee: str = MENTEE, mentor: str = MENTOR, **pair: Any) -> matching.Paired:
    given = {
        "mentee": mentee,
        "mentor": mentor,
        "rules": "r1",
        "request": "q1",
        "seat": 1,
        "score": 0.8,
        "policy": "optimal",
        "round": "round1",
        "waited": Duration(1),
        "planned_meetings": 4,
        "cadence": "FREQ=WEEKLY",
        "length": Duration(clock=60),
        "format": "video",
        "language": "en",
    }
    return matching.Paired(**{**given, **pair})


def attended(
    meeting: str, person: str, joined: datetime, left: datetime | None, source: Any = "conference"
) -> outside.Attended:
    return outside.Attended(
        meeting=meeting, person=person, joined_at=joined, left_at=left, source=source
    )


def agreed(by: str, **terms: Any) -> outside.Agreed:
    given = {
        "terms": "t1",
        "by": by,
        "planned_meetings": 4,
        "cadence": "FREQ=WEEKLY",
        "length": Duration(clock=60),
        "format": "video",
        "language": "en",
    }
    return outside.Agreed(**{**given, **terms})


def concluded(**more: Any) -> feedback.Concluded:
    given = {
        "mentee": MENTEE,
        "mentor": MENTOR,
        "rules": "r1",
        "outcome": "completed",
        "paired": True,
        "overlap_total": Duration(clock=240),
    }
    return feedback.Concluded(**{**given, **more})


def a_program(**rules: Any) -> History:
    """A program is open; Ada and Grace are free in office hours."""
    history = History()
    history.say(PROGRAM, opened(**rules))
    history.say(MENTEE, available())
    history.say(MENTOR, available())
    return history


def a_pair(planned: int = 4, pair: dict[str, Any] | None = None, **rules: Any) -> History:
    """Ada and Grace are a pair with a plan of this many weekly meetings."""
    history = a_program(**rules)
    given = {"planned_meetings": planned, **(pair or {})}
    history.say("c1", paired(**given), source="/mentoring/matching")
    return history


def confirmed(said: list[EventData]) -> list[scheduling.Scheduled]:
    return [data for data in all_of(said, scheduling.Scheduled) if data.status == "CONFIRMED"]


def dropped(said: list[EventData]) -> list[scheduling.Scheduled]:
    return [data for data in all_of(said, scheduling.Scheduled) if data.status == "CANCELLED"]
