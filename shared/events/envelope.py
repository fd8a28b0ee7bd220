"""The contract in one place: what services, tools and tests import."""

from __future__ import annotations

from datetime import datetime

from shared.events.base import EventData
from shared.events.errors import InvalidEvent
from shared.events.event import Event, answer_id, due_id
from shared.events.system import Due
from shared.events.wire import HEADERS, MAX_BODY, decode, encode

__all__ = [
    "HEADERS",
    "MAX_BODY",
    "Event",
    "EventData",
    "InvalidEvent",
    "answer_id",
    "decode",
    "due_event",
    "encode",
]


def due_event(service: str, program: str, key: str, name: str, at: datetime) -> Event:
    """Return the event that says that the timer `name` of `key`, set by `service`, has passed its deadline `at`."""
    return Event(
        id=due_id(service, program, key, name, at),
        source="/mentoring/timer",
        program=program,
        key=key,
        time=at,
        data=Due(service=service, name=name, at=at),
    )
