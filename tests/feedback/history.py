"""Given, when, then for feedback: a program's history, folded in memory as the ledger folds it."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from services.feedback.app import service
from services.feedback.model import Cycle, Review, Side
from services.feedback.sealing import KEY_BYTES, Contents, Place, seal, shared_key, unseal
from shared.entry import Entry
from shared.events import matching, outside, scheduling
from shared.events.envelope import Event, EventData, due_event, encode
from shared.events.system import Rejected
from shared.events.types import Duration
from shared.fold import Fold
from shared.outcome import Outcome
from shared.world import Row, Timer, World

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
PROGRAM = "acme"
MENTEE, MENTOR = "ada", "grace"
PAIR: dict[str, Any] = {"mentee": MENTEE, "mentor": MENTOR, "rules": "r1"}
GOOD = {"usefulness": 5, "preparedness": 4, "listening": 5, "progress": 3}

D = TypeVar("D", bound=EventData)
R = TypeVar("R", bound=Row)


class Ring:
    """A key ring in memory, with real cryptography."""

    def __init__(self) -> None:
        self.keys: dict[str, bytes | None] = {}
        self.asked = 0

    def seal(self, author: str, subject: str, place: Place, contents: Contents) -> str:
        for person in (author, subject):
            self.keys.setdefault(person, os.urandom(KEY_BYTES))
        return seal(self._key(author, subject) or b"", place, contents)

    def unseal(self, author: str, subject: str, place: Place, sealed: str) -> Contents | None:
        self.asked += 1
        key = self._key(author, subject)
        return unseal(key, place, sealed) if key else None

    def erase(self, *persons: tuple[str, str]) -> None:
        self.keys.update(dict.fromkeys(person for _, person in persons))

    def _key(self, author: str, subject: str) -> bytes | None:
        first, second = self.keys.get(author), self.keys.get(subject)
        return shared_key(PROGRAM, first, second) if first and second else None


@dataclass
class History:
    """Events of one program in the log's order; `now` moves with them."""

    ring: Ring = field(default_factory=Ring)
    world: World = field(default_factory=World)
    now: datetime = START
    log: list[tuple[Entry, list[Event]]] = field(default_factory=list)
    timers: dict[tuple[str, str], Timer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.service = service(lambda: self.ring)
        self.fold = Fold(self.service)

    def say(
        self, key: str, data: EventData, *, source: str = "/tests", event_id: str | None = None
    ) -> list[EventData]:
        """Append an event and fold it; what feedback answers."""
        event = Event(event_id or str(uuid.uuid4()), source, PROGRAM, key, self.now, data)
        return self.fold_event(event)

    def fold_event(self, event: Event) -> list[EventData]:
        entry = Entry(len(self.log) + 1, event.subject, encode(event))
        outcome = self.fold.live(self.world, entry, self.fold.read(entry))
        self.fold.keep(self.world, outcome)
        if outcome.folded:
            self.service.effect(outcome.folded)
        self.log.append((entry, list(outcome.answers)))
        self._set(outcome)
        return [answer.data for answer in outcome.answers]

    def wait(self, **span: float) -> list[EventData]:
        """Let time pass: every timer that is set until then goes off, in order."""
        until, said = self.now + timedelta(**span), []
        while ripe := sorted((t for t in self.timers.values() if t.at <= until), key=_order):
            said += self.ring_timer(ripe[0])
        self.now = until
        return said

    def ring_timer(self, timer: Timer) -> list[EventData]:
        """The `due` of a timer stands in the log."""
        self.timers.pop((timer.about, timer.name), None)
        self.now = max(self.now, timer.at)
        return self.fold_event(due_event("feedback", PROGRAM, timer.about, timer.name, timer.at))

    def _set(self, outcome: Outcome) -> None:
        self.timers.update({(timer.about, timer.name): timer for timer in outcome.timers})

    def row(self, kind: type[R], *key: str) -> R:
        row = self.world.peek(kind, (PROGRAM, *key))
        assert row is not None
        return row

    def submit(
        self, side: Side, meeting: str = "m1", cycle: str = "c1", text: str = "", **ratings: int
    ) -> list[EventData]:
        """A side submits a review, sealed as the API seals it."""
        texts = {"message": text} if text else {}
        data = self.sealed_review(side, meeting, cycle, Contents(ratings or GOOD, texts=texts))
        return self.say(cycle, data, source="/mentoring/api")

    def sealed_review(
        self, side: Side, meeting: str, cycle: str, contents: Contents, form: str = ""
    ) -> outside.Submitted:
        """A side's review as the API seals it, on the standard form when none is named."""
        form = form or f"standard-{side}"
        author, subject = (MENTEE, MENTOR) if side == "mentee" else (MENTOR, MENTEE)
        place = Place(PROGRAM, cycle, "review", meeting, side, form)
        sealed = self.ring.seal(author, subject, place, contents)
        return outside.Submitted(meeting=meeting, side=side, form=form, sealed=sealed)

    def noted(
        self, by: str = MENTEE, name: str = "n1", kind: Any = "win", cycle: str = "c1", **more: Any
    ) -> outside.Noted:
        """A note as the API seals it."""
        place = Place(PROGRAM, cycle, "note", name, by, kind)
        sealed = self.ring.seal(by, more.get("about") or by, place, Contents(text="well done"))
        return outside.Noted(note=name, kind=kind, by=by, sealed=sealed, **more)

    def rebuilt(self) -> World:
        """A world folded from the log alone: answers follow their causes, and no key is asked for."""
        asked, world, fold = self.ring.asked, World(), Fold(self.service)
        for entry, answers in self.log:
            fold.keep(world, fold.follow(world, entry, fold.read(entry), answers))
        assert self.ring.asked == asked
        return world


def _order(timer: Timer) -> tuple[Any, ...]:
    return timer.at, timer.about, timer.name


def only(said: list[EventData], kind: type[D]) -> D:
    """The one event of this kind among what was said."""
    found = [data for data in said if isinstance(data, kind)]
    assert len(found) == 1, said
    return found[0]


def refused(said: list[EventData]) -> tuple[str, str]:
    """Rule and field of a refusal."""
    verdict = only(said, Rejected)
    return verdict.rule, verdict.field


def state(history: History, cycle: str = "c1") -> str:
    return history.row(Cycle, cycle).status


def review(history: History, meeting: str = "m1", cycle: str = "c1") -> Review:
    return history.row(Review, cycle, meeting)


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


def requested(mentee: str = MENTEE, **wishes: Any) -> outside.Requested:
    given = {"request": "q1", "industry": "J", "seniority": 2, "languages": ("en",), "team": "t1"}
    return outside.Requested(**{"mentee": mentee, **given, **wishes})


def paired(**pair: Any) -> matching.Paired:
    given = {
        **PAIR,
        "request": "q1",
        "seat": 1,
        "score": 0.8,
        "policy": "optimal",
        "round": "round1",
        "waited": Duration(1),
        "planned_meetings": 2,
        "cadence": "FREQ=WEEKLY",
        "length": Duration(clock=60),
        "format": "video",
        "language": "en",
    }
    return matching.Paired(**{**given, **pair})


def scheduled(
    meeting: str, number: int, at: datetime = START, status: Any = "CONFIRMED"
) -> scheduling.Scheduled:
    return scheduling.Scheduled(
        **PAIR,
        meeting=meeting,
        uid=f"{meeting}@mentoring",
        sequence=0,
        status=status,
        starts_at=at,
        ends_at=at + timedelta(hours=1),
        zone="Europe/Berlin",
        number=number,
        type="regular",
        format="video",
        planned=number > 0,
        cause="planned",
    )


def met(meeting: str, number: int, at: datetime = START, **more: Any) -> scheduling.Met:
    given: dict[str, Any] = {
        "type": "regular",
        "overlap": Duration(clock=50),
        "planned": number > 0,
    }
    return scheduling.Met(**PAIR, meeting=meeting, number=number, starts_at=at, **{**given, **more})


def missed(
    meeting: str, number: int, final_at: datetime, at: datetime = START
) -> scheduling.Missed:
    return scheduling.Missed(
        **PAIR,
        meeting=meeting,
        number=number,
        starts_at=at,
        reason="absent",
        absent=(MENTEE,),
        final_at=final_at,
    )


def agreed(
    by: str, terms: str = "t1", planned: int = 2, goals: Any = (), confidentiality: str = "standard"
) -> outside.Agreed:
    return outside.Agreed(
        terms=terms,
        by=by,
        planned_meetings=planned,
        cadence="FREQ=WEEKLY",
        length=Duration(clock=60),
        format="video",
        language="en",
        goals=goals,
        confidentiality=confidentiality,
    )


def goal(goal_id: str = "g1", target: float = 10, **more: Any) -> dict[str, Any]:
    given = {"kind": "long_term", "baseline": 0.0, "unit": "talks", "target_on": date(2026, 8, 1)}
    return {"id": goal_id, "target": float(target), **given, **more}


def progressed(
    value: float,
    goal: str = "g1",
    unit: str = "talks",
    by: str = MENTEE,
    as_of: datetime = START,
) -> outside.Progressed:
    return outside.Progressed(goal=goal, value=float(value), unit=unit, as_of=as_of, by=by)


def withdrawn(by: str = MENTEE, role: Any = "mentee", rematch: bool = False) -> outside.Withdrawn:
    return outside.Withdrawn(by=by, role=role, rematch=rematch)


def left(*roles: Any, at: datetime = START) -> outside.Left:
    return outside.Left(roles=roles, effective_at=at)


def a_program(**rules: Any) -> History:
    """A program is open."""
    history = History()
    history.say(PROGRAM, opened(**rules))
    return history


def a_pair(planned: int = 2, **rules: Any) -> History:
    """Ada and Grace are a pair with a plan of this many meetings."""
    history = a_program(**rules)
    history.say("c1", requested())
    history.say("c1", paired(planned_meetings=planned), source="/mentoring/matching")
    for number in range(1, planned + 1):
        at = history.now + timedelta(weeks=number)
        history.say("c1", scheduled(f"m{number}", number, at), source="/mentoring/scheduling")
    return history


def agree(history: History, terms: str, *goals: Any, **more: Any) -> None:
    """Both sides state the same terms."""
    for person in (MENTEE, MENTOR):
        history.say("c1", agreed(person, terms, goals=goals, **more))


def hold(history: History, number: int, cycle: str = "c1", **more: Any) -> list[EventData]:
    """A planned meeting is held."""
    said = met(f"m{number}", number, history.now, **more)
    return history.say(cycle, said, source="/mentoring/scheduling")


def miss(
    history: History, number: int, meeting: str | None = None, days: int = 2
) -> list[EventData]:
    """A planned meeting is missed; the verdict is final some days later."""
    final_at = history.now + timedelta(days=days)
    data = missed(meeting or f"m{number}", number, final_at, history.now)
    return history.say("c1", data, source="/mentoring/scheduling")
