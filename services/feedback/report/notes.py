"""What is noted of each event that a metric counts, as rows of numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from services.feedback.report.columns import (
    ABSENT,
    ASKED,
    CANCELLED,
    CONCLUDED,
    CONFIRMED,
    DROPPED,
    GONE,
    HELD_OFFERS,
    MET,
    NO_EVIDENCE,
    OFFERED,
    OUTCOMES,
    PAIRED,
    REVIEWS,
    SCHEDULED,
    STATED,
    TOO_SHORT,
    VERDICTS,
    Rules,
    Table,
)
from shared.events.envelope import Event
from shared.events.outside import Available, Declined, Erased, Left, Offered, Opened, Requested
from shared.events.rules import FormItem
from shared.events.types import Duration

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OUTCOMES = {name: index for index, name in enumerate(OUTCOMES)}
_MISSED = {"absent": ABSENT, "too_short": TOO_SHORT, "no_evidence": NO_EVIDENCE}
_NONE, _MINUTE = -1, 60_000_000
Data = Mapping[str, Any]
Fact = Callable[[str, Data], None]
Statement = Callable[[Event, Any], None]


class Notes:
    """Tables, and the numbers that stand for ids in them.

    Attributes:
        seen, seq, time: when the event under way is seen, its position, and its own time, which a service has
            written; set before its note is taken.
        facts: by word, which service's it is, and what notes it: (its key, its data).
        statements: by word, what notes the event that somebody else states.
        opened: by sequence, the rules of each `opened`, and its zone.
    """

    def __init__(self) -> None:
        self.seen = self.seq = 0
        self.time = ""
        self.persons: dict[str, int] = {}
        self.cycles: dict[str, int] = {}
        self.zones: dict[str, int] = {}
        self.opened: dict[int, tuple[Rules, str]] = {}
        self.asked, self.stated, self.offered = Table(ASKED), Table(STATED), Table(OFFERED)
        self.gone, self.paired, self.held_offers = Table(GONE), Table(PAIRED), Table(HELD_OFFERS)
        self.scheduled, self.verdicts = Table(SCHEDULED), Table(VERDICTS)
        self.reviews, self.concluded = Table(REVIEWS), Table(CONCLUDED)
        self._copies: set[int] = set()
        self._requests: dict[str, int] = {}
        self._items: Mapping[str, FormItem] = {}
        self.facts: Mapping[str, tuple[str, Fact]] = {
            "requested": ("matching", self._asks_again),
            "paired": ("matching", self._pairs),
            "proposed": ("matching", self._proposes),
            "lapsed": ("matching", self._lapses),
            "scheduled": ("scheduling", self._schedules),
            "met": ("scheduling", self._holds),
            "missed": ("scheduling", self._misses),
            "reviewed": ("feedback", self._reveals),
            "concluded": ("feedback", self._concludes),
        }
        self.statements: Mapping[str, Statement] = {
            "opened": self._opens,
            "requested": self._asks,
            "available": self._states,
            "offered": self._offers,
            "left": self._leaves,
            "erased": self._forgets,
            "declined": self._declines,
        }

    def _person(self, name: str) -> int:
        return _number(self.persons, name)

    def _cycle(self, name: str) -> int:
        return _number(self.cycles, name)

    # -- what people state --

    def _opens(self, event: Event, data: Opened) -> None:
        """Forms of the newest one say the scales that events of before `scales` lack."""
        if _name(event) in self._copies:
            return
        self._copies.add(_name(event))
        rules = Rules(self.seen, data.k, data.capacity, micros_of(data.effective_at))
        self.opened[self.seq] = rules, data.zone
        self._items = {item.id: item for form in data.forms for item in form.items}

    def _asks(self, event: Event, data: Requested) -> None:
        place = (data.continues, data.request, data.seat, data.mentee)
        self._ask(_name(event), event.key, micros_of(event.time), *place)

    def _states(self, event: Event, data: Available) -> None:
        minutes = sum(len(window.byday) * window.duration.minutes for window in data.weekly)
        zone = _number(self.zones, data.zone)
        self.stated.add(self.seq, _name(event), self._person(event.key), zone, minutes)

    def _offers(self, event: Event, data: Offered) -> None:
        person = self._person(event.key)
        self.offered.add(self.seen, self.seq, _name(event), person, data.capacity)

    def _leaves(self, event: Event, data: Left) -> None:
        if "mentor" in data.roles:
            seen = max(self.seen, micros_of(data.effective_at))
            self.gone.add(seen, self.seq, _name(event), self._person(event.key))

    def _forgets(self, event: Event, _data: Erased) -> None:
        """Who has left as a mentee alone is gone as a mentor, too."""
        self.gone.add(self.seen, self.seq, _name(event), self._person(event.key))

    def _declines(self, event: Event, data: Declined) -> None:
        self._let_go(self._cycle(event.key), data.proposal)

    # -- what services say --

    def _asks_again(self, key: str, data: Data) -> None:
        place = (data.get("continues"), data["request"], data.get("seat", 1), data["mentee"])
        self._ask(-self.seq, key, micros(self.time), *place)

    def _ask(
        self,
        name: int,
        key: str,
        at: int,
        before: str | None,
        request: str,
        seat: int,
        mentee: str,
    ) -> None:
        self.asked.add(
            self.seen,
            self.seq,
            name,
            at,
            self._cycle(key),
            _NONE if before is None else self._cycle(before),
            _number(self._requests, request),
            seat,
            self._person(mentee),
        )

    def _pairs(self, key: str, data: Data) -> None:
        cycle = self._cycle(key)
        self.paired.add(self.seen, micros(self.time), cycle, self._person(data["mentor"]))
        self.held_offers.add(self.seen, self.seq, 0, cycle, _NONE)

    def _proposes(self, key: str, data: Data) -> None:
        mentor = self._person(data["mentor"])
        self.held_offers.add(self.seen, self.seq, hash(data["proposal"]), self._cycle(key), mentor)

    def _lapses(self, key: str, data: Data) -> None:
        self._let_go(self._cycle(key), data["proposal"])

    def _let_go(self, cycle: int, proposal: str) -> None:
        self.held_offers.add(self.seen, self.seq, hash(proposal), cycle, _NONE)

    def _schedules(self, key: str, data: Data) -> None:
        start = _slot(data["starts_at"])
        outside = data.get("outside")
        self.scheduled.add(
            self.seen,
            start,
            hash(data["meeting"]),
            self._cycle(key),
            data["number"],
            _stands(data["status"], data["cause"]),
            (_slot(data["ends_at"]) - start) // _MINUTE,
            _minutes(outside["mentee"]) if outside else _NONE,
            _minutes(outside["mentor"]) if outside else _NONE,
        )

    def _holds(self, key: str, data: Data) -> None:
        start, meeting = _slot(data["starts_at"]), hash(data["meeting"])
        cycle, number, planned = self._cycle(key), data["number"], data["planned"]
        self.verdicts.add(self.seen, start, 0, meeting, cycle, number, MET, planned, 0)

    def _misses(self, key: str, data: Data) -> None:
        start, final = _slot(data["starts_at"]), micros(data["final_at"])
        says, number, meeting = _MISSED[data["reason"]], data["number"], hash(data["meeting"])
        absent = len(data.get("absent", ())) if says == ABSENT else 0
        place = (meeting, self._cycle(key), number)
        self.verdicts.add(self.seen, start, final, *place, says, number > 0, absent)

    def _reveals(self, key: str, data: Data) -> None:
        ratings, scales = data.get("ratings", {}), data.get("scales", {})
        mentee, mentees = self._shares(ratings.get("mentee"), scales.get("mentee"))
        mentor, mentors = self._shares(ratings.get("mentor"), scales.get("mentor"))
        missing = len(data.get("missing", ()))
        self.reviews.add(self.seen, mentee, mentor, self._cycle(key), mentees, mentors, missing)

    def _shares(self, ratings: Mapping[str, int] | None, scales: Data | None) -> tuple[float, int]:
        """The sum of a side's ratings as shares of their range, and how many they are."""
        if not ratings:
            return 0.0, 0
        total = 0.0
        for item, value in ratings.items():
            scale = scales.get(item) if scales else None
            low, high = (scale["min"], scale["max"]) if scale else self._scale(item)
            total += (value - low) / (high - low)
        return total, len(ratings)

    def _scale(self, item: str) -> tuple[int, int]:
        found = self._items.get(item) or FormItem(id=item)
        return found.min, found.max

    def _concludes(self, key: str, data: Data) -> None:
        cycle, goals = self._cycle(key), data.get("goals", {})
        outcome, counts = (
            _OUTCOMES[data["outcome"]],
            (goals.get("agreed", 0), goals.get("reached", 0)),
        )
        self.concluded.add(self.seen, micros(self.time), cycle, outcome, data["paired"], *counts)
        self.held_offers.add(self.seen, self.seq, 0, cycle, _NONE)


def micros(text: str) -> int:
    """An instant of the wire in microseconds since 1970."""
    return micros_of(datetime.fromisoformat(text))


def micros_of(instant: datetime) -> int:
    """An instant in microseconds since 1970."""
    since = instant - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


_slot = lru_cache(maxsize=1 << 14)(micros)
"""Meetings begin and end at the same instants as many others."""


def _number(names: dict[str, int], name: str) -> int:
    found = names.get(name)
    if found is None:
        found = names[name] = len(names)
    return found


def _name(event: Event) -> int:
    """Stands for what a copy of this event has, too (CloudEvents 1.0, 3.1.1); good within this process."""
    return hash((event.id, event.source))


def _stands(status: str, cause: str) -> int:
    if status == "CONFIRMED":
        return CONFIRMED
    return CANCELLED if cause == "cancelled" else DROPPED


@lru_cache(maxsize=4096)
def _minutes(span: str) -> int:
    return Duration.parse(span).minutes
