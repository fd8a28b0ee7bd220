"""Makers of events and log entries for tests with the tally service: short to call, complete when made."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from shared.entry import Entry
from shared.events.envelope import Event, EventData, due_event, encode
from shared.events.outside import Progressed, Withdrawn
from shared.events.system import Discarded, Redriven

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
DAY = timedelta(days=1)
_NAMESPACE = uuid.UUID("00000000-0000-0000-0000-00000000aaaa")


def event_id(n: int | str) -> str:
    """The same id for the same n."""
    return str(uuid.uuid5(_NAMESPACE, str(n)))


def event(
    data: EventData,
    key: str = "c1",
    *,
    n: int | str = 1,
    program: str = "acme",
    at: datetime = START,
    source: str = "urn:test",
) -> Event:
    """An outside event."""
    return Event(id=event_id(n), source=source, program=program, key=key, time=at, data=data)


def progressed(
    key: str = "c1",
    value: float = 1.0,
    *,
    n: int | str = 1,
    program: str = "acme",
    at: datetime = START,
) -> Event:
    """The tally service's usual input: 13 is refused, 666 raises."""
    data = Progressed(goal="g", value=value, unit="u", as_of=at, by="p")
    return event(data, key, n=n, program=program, at=at)


def withdrawn(
    key: str = "c1", *, n: int | str = 1, program: str = "acme", at: datetime = START
) -> Event:
    """A cycle gives its place back; no answer."""
    return event(Withdrawn(by="p", role="mentee"), key, n=n, program=program, at=at)


def due(key: str = "c1", at: datetime = START + DAY, *, program: str = "acme") -> Event:
    """The tally service's timer of a cycle fires."""
    return due_event("tally", program, key, "expires", at)


def redriven(
    parked: Event, *, n: int | str = "redriven", at: datetime = START, service: str = "tally"
) -> Event:
    """An operator has a parked event folded now."""
    data = Redriven(event=parked.id, service=service, by="op", reason="fixed")
    return event(data, parked.key, n=n, program=parked.program, at=at, source="urn:operator")


def discarded(
    parked: Event, *, n: int | str = "discarded", at: datetime = START, service: str = "tally"
) -> Event:
    """An operator gives a parked event up."""
    data = Discarded(event=parked.id, service=service, by="op", reason="void")
    return event(data, parked.key, n=n, program=parked.program, at=at, source="urn:operator")


def entry(seq: int, told: Event) -> Entry:
    """The event as it would stand in the log."""
    return Entry(seq, told.subject, encode(told))
