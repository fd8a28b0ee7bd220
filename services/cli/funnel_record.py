"""What the funnel remembers of the log: a record per request, cycle, meeting and mentor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.events import feedback, matching, outside, scheduling, system
from shared.events.envelope import Event, EventData
from shared.events.rules import FormItem


@dataclass
class Cycle:
    """A cycle from its `requested` to its `concluded`."""

    request: str
    mentor: str | None = None
    paired_at: datetime | None = None
    planned: int = 0
    first_met: datetime | None = None
    met: dict[str, bool] = field(default_factory=dict)
    reviews: int = 0
    concluded_at: datetime | None = None
    conclusion: feedback.Concluded | None = None
    ratings: dict[str, list[float]] = field(default_factory=dict)
    absences: dict[str, int] = field(default_factory=dict)
    numbers: dict[int, str] = field(default_factory=dict)
    unplanned: int = 0


@dataclass
class Mentor:
    """A mentor's capacity and open pairs; `peak` is the most at a time."""

    capacity: int = 0
    open: int = 0
    peak: int = 0


@dataclass
class Record:
    """Everything that the funnel is computed from."""

    opened: outside.Opened | None = None
    first: datetime | None = None
    last: datetime | None = None
    requests: dict[str, datetime] = field(default_factory=dict)
    cycles: dict[str, Cycle] = field(default_factory=dict)
    mentors: dict[str, Mentor] = field(default_factory=dict)
    words: Counter[str] = field(default_factory=Counter)
    letters: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    review_sides: int = 0
    review_slots: int = 0

    def add(self, event: Event) -> None:
        """One event, in the order of the log."""
        self.words[event.word] += 1
        self.first = min(self.first or event.time, event.time)
        self.last = max(self.last or event.time, event.time)
        if note := NOTES.get(type(event.data)):
            note(self, event, event.data)

    def items(self) -> Mapping[str, FormItem]:
        """The questions of all forms by id."""
        forms = self.opened.forms if self.opened else ()
        return {item.id: item for form in forms for item in form.items}


def _opened(record: Record, event: Event, data: outside.Opened) -> None:
    del event
    record.opened = data


def _offered(record: Record, event: Event, data: outside.Offered) -> None:
    mentor = record.mentors.setdefault(event.key, Mentor())
    limit = record.opened.capacity if record.opened else data.capacity
    mentor.capacity = min(data.capacity, limit)


def _requested(record: Record, event: Event, data: outside.Requested) -> None:
    """A successor's request is the one that it continues."""
    before = record.cycles.get(data.continues or "")
    request = before.request if before else data.request
    record.requests.setdefault(request, event.time)
    record.cycles.setdefault(event.key, Cycle(request))


def _paired(record: Record, event: Event, data: matching.Paired) -> None:
    cycle = record.cycles.setdefault(event.key, Cycle(data.request))
    cycle.paired_at, cycle.mentor, cycle.planned = event.time, data.mentor, data.planned_meetings
    mentor = record.mentors.setdefault(data.mentor, Mentor())
    mentor.open += 1
    mentor.peak = max(mentor.peak, mentor.open)


def _scheduled(record: Record, event: Event, data: scheduling.Scheduled) -> None:
    """A number that people cancelled owes a meeting until another one stands for it; a verdict stays."""
    cycle = record.cycles.get(event.key)
    if cycle is None or not data.number:
        return
    if data.status == "CANCELLED" and data.cause == "cancelled":
        cycle.numbers.setdefault(data.number, "cancelled")
    elif data.status == "CONFIRMED" and cycle.numbers.get(data.number) == "cancelled":
        del cycle.numbers[data.number]


def _met(record: Record, event: Event, data: scheduling.Met) -> None:
    cycle = record.cycles.get(event.key)
    if cycle is None:
        return
    cycle.first_met = min(cycle.first_met or data.starts_at, data.starts_at)
    cycle.absences[data.meeting] = 0
    if data.planned:
        cycle.numbers[data.number] = "met"
    else:
        cycle.unplanned += 1


def _missed(record: Record, event: Event, data: scheduling.Missed) -> None:
    cycle = record.cycles.get(event.key)
    if cycle is None:
        return
    if data.reason == "absent":
        cycle.absences[data.meeting] = len(data.absent)
    if data.number:
        cycle.numbers[data.number] = "missed"


def _reviewed(record: Record, event: Event, data: feedback.Reviewed) -> None:
    cycle = record.cycles.get(event.key)
    if cycle is None:
        return
    record.review_slots += 2
    record.review_sides += 2 - len(data.missing)
    cycle.reviews += len(data.ratings) > 0
    items = record.items()
    for side, ratings in data.ratings.items():
        scales = data.scales.get(side, {})
        for name, value in ratings.items():
            scale = scales.get(name) or items.get(name, FormItem(id=name))
            share = (value - scale.min) / (scale.max - scale.min)
            cycle.ratings.setdefault(side, []).append(share)


def _concluded(record: Record, event: Event, data: feedback.Concluded) -> None:
    cycle = record.cycles.get(event.key)
    if cycle is None:
        return
    cycle.concluded_at, cycle.conclusion = event.time, data
    if cycle.mentor and cycle.paired_at:
        record.mentors[cycle.mentor].open -= 1


def _rejected(record: Record, event: Event, data: system.Rejected) -> None:
    record.letters[event.source.rsplit("/", 1)[-1], "rejected", data.rule] += 1


def _parked(record: Record, event: Event, data: system.Parked) -> None:
    del event
    record.letters[data.service, "parked", data.error] += 1


NOTES: Mapping[type[EventData], Callable[[Record, Event, Any], None]] = {
    outside.Opened: _opened,
    outside.Offered: _offered,
    outside.Requested: _requested,
    matching.Paired: _paired,
    scheduling.Scheduled: _scheduled,
    scheduling.Met: _met,
    scheduling.Missed: _missed,
    feedback.Reviewed: _reviewed,
    feedback.Concluded: _concluded,
    system.Rejected: _rejected,
    system.Parked: _parked,
}
