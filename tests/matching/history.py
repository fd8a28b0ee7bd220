"""Given, when, then for matching: a program's history, folded in memory as the ledger folds it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from services.matching.app import SERVICE
from services.matching.model import Cycle, Mentor, Person
from shared.entry import Entry
from shared.events import feedback, matching, outside
from shared.events.envelope import Event, EventData, due_event, encode
from shared.events.people import OfferedSkill, WeeklyWindow
from shared.events.system import Rejected
from shared.events.types import Duration
from shared.fold import Fold
from shared.outcome import Outcome
from shared.world import Row, Timer, World

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
PROGRAM = "acme"

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

    def say(
        self, key: str, data: EventData, *, source: str = "/tests", event_id: str | None = None
    ) -> list[EventData]:
        """Append an event and fold it; what matching answers."""
        identity = event_id or str(uuid.uuid5(uuid.NAMESPACE_OID, f"{len(self.log)}"))
        return self.fold_event(Event(identity, source, PROGRAM, key, self.now, data))

    def fold_event(self, event: Event) -> list[EventData]:
        entry = Entry(len(self.log) + 1, event.subject, encode(event))
        outcome = self.fold.live(self.world, entry, self.fold.read(entry))
        self.fold.keep(self.world, outcome)
        self.log.append((entry, list(outcome.answers)))
        self._set(outcome)
        assert not outcome.letter or outcome.letter.kind == "rejected", outcome.letter
        return [answer.data for answer in outcome.answers]

    def wait(self, **span: float) -> list[EventData]:
        """Let time pass: every timer that is set until then goes off, in order."""
        until, said = self.now + timedelta(**span), []
        while ripe := sorted((t for t in self.timers.values() if t.at <= until), key=_order):
            said += self.ring(ripe[0])
        self.now = until
        return said

    def ring(self, timer: Timer) -> list[EventData]:
        """The `due` of a timer stands in the log."""
        self.timers.pop((timer.about, timer.name), None)
        self.now = max(self.now, timer.at)
        return self.fold_event(due_event("matching", PROGRAM, timer.about, timer.name, timer.at))

    def _set(self, outcome: Outcome) -> None:
        self.timers.update({(timer.about, timer.name): timer for timer in outcome.timers})

    def find(self, kind: type[R], *key: str) -> R:
        row = self.world.peek(kind, (PROGRAM, *key))
        assert row is not None
        return row

    def every(self, kind: type[R]) -> list[R]:
        return [row for row in self.world.rows() if isinstance(row, kind)]

    def rebuilt(self) -> World:
        """A world folded from the log alone: answers follow their causes."""
        world, fold = World(), Fold(SERVICE)
        for entry, answers in self.log:
            fold.keep(world, fold.follow(world, entry, fold.read(entry), answers))
        return world

    # -- what people do --

    def a_mentor(self, mentor: str, **offer: Any) -> list[EventData]:
        """A mentor who is there all the week offers."""
        times = offer.pop("time", always())
        self.say(mentor, times)
        return self.say(mentor, offered(**offer))

    def a_request(self, cycle: str, mentee: str | None = None, **wishes: Any) -> list[EventData]:
        """A mentee who is there all the week asks."""
        mentee = mentee or f"mentee-{cycle}"
        self.say(mentee, wishes.pop("time", always()))
        return self.say(cycle, requested(mentee, request=f"q-{cycle}", **wishes))

    def concludes(self, cycle: str, continues_in: str | None = None) -> list[EventData]:
        """Feedback says that a cycle is over."""
        row = self.find(Cycle, cycle)
        data = feedback.Concluded(
            mentee=row.mentee,
            mentor=row.mentor,
            outcome="ended_early",
            paired=True,
            overlap_total=Duration(),
            continues_in=continues_in,
        )
        return self.say(cycle, data, source="/mentoring/feedback")

    def accepts(self, cycle: str, person: str) -> list[EventData]:
        """Somebody who was asked accepts the proposal that stands."""
        return self.say(cycle, outside.Accepted(proposal=self.proposal(cycle), by=person))

    def is_reviewed(
        self, cycle: str, meeting: str = "m1", scale: tuple[int, int] | None = (1, 5), **rated: int
    ) -> list[EventData]:
        """Feedback reveals how the mentee rated the mentor, by itself or with the scale of the form."""
        row = self.find(Cycle, cycle)
        scales = (
            {item: feedback.Scale(min=scale[0], max=scale[1]) for item in rated} if scale else {}
        )
        data = feedback.Reviewed(
            mentee=row.mentee,
            mentor=row.mentor or "",
            rules="r1",
            meeting=meeting,
            by="deadline",
            ratings={"mentee": rated} if rated else {},
            missing=("mentor",) if rated else ("mentee", "mentor"),
            scales={"mentee": scales} if scales else {},
        )
        return self.say(cycle, data, source="/mentoring/feedback")

    # -- what is so --

    def status(self, cycle: str) -> str:
        return self.find(Cycle, cycle).status

    def mentor_of(self, cycle: str) -> str | None:
        row = self.find(Cycle, cycle)
        return row.mentor if row.status in {"held", "paired"} else None

    def load(self, mentor: str) -> int:
        return self.find(Mentor, mentor).load

    def person(self, person: str) -> Person:
        return self.find(Person, person)

    def proposal(self, cycle: str) -> str:
        state: Any = self.find(Cycle, cycle).state
        proposal: str = state.offer.proposal
        return proposal


def _order(timer: Timer) -> tuple[Any, ...]:
    return timer.at, timer.about, timer.name


def all_of(said: list[EventData], kind: type[D]) -> list[D]:
    return [data for data in said if isinstance(data, kind)]


def only(said: list[EventData], kind: type[D]) -> D:
    """The one event of this kind among what was said."""
    found = all_of(said, kind)
    assert len(found) == 1, said
    return found[0]


def pairs(said: list[EventData]) -> list[tuple[str, str]]:
    """Mentee and mentor of every pair that was said."""
    return [(data.mentee, data.mentor) for data in all_of(said, matching.Paired)]


def refused(said: list[EventData]) -> tuple[str, str]:
    """Rule and field of a refusal."""
    verdict = only(said, Rejected)
    return verdict.rule, verdict.field


# -- events --


def opened(**rules: Any) -> outside.Opened:
    given: dict[str, Any] = {
        "rules": "r1",
        "effective_at": START,
        "starts_on": date(2026, 3, 1),
        "ends_on": date(2026, 8, 31),
        "zone": "Europe/Berlin",
    }
    return outside.Opened(**{**given, **rules})


def offered(**offer: Any) -> outside.Offered:
    skills = tuple(OfferedSkill(id=skill) for skill in offer.pop("skills", ()))
    given: dict[str, Any] = {
        "capacity": 1,
        "industry": "J",
        "seniority": 6,
        "languages": ("en",),
        "team": "mentors",
    }
    return outside.Offered(**{**given, "skills": skills, **offer})


def requested(mentee: str, **wishes: Any) -> outside.Requested:
    given: dict[str, Any] = {
        "request": "q1",
        "industry": "J",
        "seniority": 3,
        "languages": ("en",),
        "team": "mentees",
    }
    return outside.Requested(**{"mentee": mentee, **given, **wishes})


def hours(start: str, minutes: int, *days: Any, zone: str = "UTC") -> outside.Available:
    """A window on these days (all, when none is named)."""
    byday = days or ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
    window = WeeklyWindow(byday=byday, start=start, duration=Duration(clock=minutes))
    return outside.Available(zone=zone, weekly=(window,))


def always() -> outside.Available:
    return hours("00:00", 24 * 60)


def withdrawn(by: str, role: Any = "mentee", **more: Any) -> outside.Withdrawn:
    return outside.Withdrawn(by=by, role=role, **more)


def left(*roles: Any, at: datetime = START) -> outside.Left:
    return outside.Left(roles=roles, effective_at=at)


def a_program(**rules: Any) -> History:
    """A program is open; pairs are said at once unless the rules say otherwise."""
    history = History()
    history.say(PROGRAM, opened(**rules))
    return history
