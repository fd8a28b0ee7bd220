"""A program told by hand, as its log holds it: a few words per event, days since the beginning."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson

from services.feedback.report.collect import collect
from services.feedback.report.columns import Columns
from services.feedback.report.model import ClockName
from services.feedback.report.spans import Spans
from services.feedback.report.state import State
from shared.entry import Entry
from shared.events import outside
from shared.events.base import EventData
from shared.events.envelope import Event, encode
from shared.events.people import WeeklyWindow
from shared.events.types import Duration

START = datetime(2026, 3, 2, tzinfo=UTC)
"""A Monday, 01:00 in the program's zone."""
PROGRAM, ZONE = "acme", "Europe/Berlin"
GOOD = {"usefulness": 5, "listening": 3}


@dataclass
class Telling:
    """A log that grows; `day` moves on with what is told."""

    day: float = 0
    entries: list[Entry] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        return at(self.day)

    def say(self, key: str, data: EventData, **more: Any) -> int:
        """Somebody states this now; its sequence."""
        name = more.pop("id", None) or str(uuid.UUID(int=len(self.entries), version=4))
        source = more.pop("source", "/tests")
        event = Event(name, source, more.pop("program", PROGRAM), key, self.now, data)
        return self._append(event.subject, encode(event), None, **more)

    def fact(self, by: str, word: str, key: str, data: dict[str, Any], **more: Any) -> int:
        """A service says this now, as services write it; `stated`: as of a day before."""
        stated = more.pop("stated", self.day)
        body = {
            "specversion": "1.0",
            "id": str(uuid.UUID(int=len(self.entries), version=4)),
            "source": f"/mentoring/{by}",
            "time": text(at(stated)),
            "program": PROGRAM,
            "data": data,
        }
        return self._append(f"mentoring.{PROGRAM}.{word}.{key}", orjson.dumps(body), by, **more)

    def _append(self, subject: str, body: bytes, by: str | None, cause: int | None = None) -> int:
        seq = len(self.entries) + 1
        stored = int(self.now.timestamp() * 1_000_000) * 1000
        self.entries.append(Entry(seq, subject, body, cause or (by and seq) or None, by, stored))
        return seq

    # -- what people state --

    def opened(self, **rules: Any) -> int:
        given: dict[str, Any] = {
            "rules": "r1",
            "effective_at": START,
            "starts_on": date(2026, 3, 2),
            "ends_on": date(2026, 12, 31),
            "zone": ZONE,
            "k": 1,
        }
        return self.say(PROGRAM, outside.Opened(**{**given, **rules}))

    def requested(self, cycle: str, mentee: str, **more: Any) -> int:
        given: dict[str, Any] = {
            "request": f"of-{cycle}",
            "industry": "J",
            "seniority": 2,
            "team": "t1",
        }
        names = {name: more.pop(name) for name in ("id", "source") if name in more}
        data = outside.Requested(**{"mentee": mentee, "languages": ("en",), **given, **more})
        return self.say(cycle, data, **names)

    def available(self, person: str, hours: int, zone: str = ZONE) -> int:
        window = WeeklyWindow(byday=("MO",), start="08:00", duration=Duration(clock=60 * hours))
        return self.say(person, outside.Available(zone=zone, weekly=(window,)))

    def offered(self, mentor: str, capacity: int, **more: Any) -> int:
        given: dict[str, Any] = {
            "industry": "J",
            "seniority": 5,
            "languages": ("en",),
            "team": "t2",
        }
        return self.say(mentor, outside.Offered(capacity=capacity, **given), **more)

    # -- what services say --

    def paired(self, cycle: str, mentor: str) -> int:
        return self.fact("matching", "paired", cycle, {"mentor": mentor, "request": "any"})

    def rejected(self, seq: int, by: str = "matching") -> int:
        return self.fact(by, "rejected", "any", {"event": "any", "rule": "any"}, cause=seq)

    def scheduled(self, cycle: str, number: int, day: float, **more: Any) -> int:
        starts = at(day)
        given = {
            "meeting": f"{cycle}-{number}",
            "number": number,
            "status": "CONFIRMED",
            "cause": "planned",
            "starts_at": text(starts),
            "ends_at": text(starts + timedelta(hours=1)),
        }
        return self.fact("scheduling", "scheduled", cycle, given | more)

    def met(self, cycle: str, number: int, **more: Any) -> int:
        given = {"meeting": f"{cycle}-{number}", "number": number, "planned": number > 0}
        data = given | {"starts_at": text(self.now)} | more
        return self.fact("scheduling", "met", cycle, data)

    def missed(self, cycle: str, number: int, **more: Any) -> int:
        given = {
            "meeting": f"{cycle}-{number}",
            "number": number,
            "starts_at": text(self.now),
            "final_at": text(self.now + timedelta(days=2)),
            "reason": "absent",
            "absent": ["somebody"],
        }
        return self.fact("scheduling", "missed", cycle, given | more)

    def reviewed(self, cycle: str, **ratings: dict[str, int]) -> int:
        scales = {
            side: {item: {"min": 1, "max": 5} for item in given} for side, given in ratings.items()
        }
        missing = [side for side in ("mentee", "mentor") if side not in ratings]
        data = {"meeting": "any", "ratings": ratings, "scales": scales, "missing": missing}
        return self.fact("feedback", "reviewed", cycle, data)

    def concluded(self, cycle: str, outcome: str, *, paired: bool = True, **goals: int) -> int:
        data = {"outcome": outcome, "paired": paired, "goals": goals}
        return self.fact("feedback", "concluded", cycle, data)

    # -- what came of it --

    def columns(self, clock: ClockName = "stored") -> Columns:
        return collect([self.entries], PROGRAM, clock)

    def state(self, day: float | None = None) -> State:
        """What stood at a day; now when none is named."""
        cut = int((self.now if day is None else at(day)).timestamp() * 1_000_000)
        return State(Spans(self.columns()), cut)


def at(day: float) -> datetime:
    return START + timedelta(days=day)


def text(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def begun(**rules: Any) -> Telling:
    """A program that is open."""
    told = Telling()
    told.opened(**rules)
    return told
