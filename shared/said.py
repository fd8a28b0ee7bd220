"""What an input leads to, as messages of the log: its answers, and the timers to set."""

from __future__ import annotations

from datetime import UTC, datetime

from shared.entry import Entry
from shared.events.envelope import HEADERS, due_event, encode
from shared.log import Message
from shared.outcome import Outcome
from shared.world import Timer

LAST_SCHEDULE = datetime(2262, 1, 1, tzinfo=UTC)
"""NATS counts nanoseconds in 64 bits; a schedule beyond their end, in April of that year, would fire at once."""


def answers(service: str, entry: Entry, outcome: Outcome) -> list[Message]:
    """The answers to an input; their headers name it and the service, so that nobody need decode to know."""
    headers = {**HEADERS, "Mentoring-Cause": str(entry.seq), "Mentoring-Service": service}
    return [
        Message(answer.subject, body, headers)
        for answer, body in zip(outcome.answers, outcome.said, strict=True)
    ]


def timer(service: str, set_: Timer, *, driven: bool) -> Message:
    """A timer as a scheduled message, whose `due` the server puts into the log; driven ones only stand there."""
    due = due_event(service, set_.program, set_.about, set_.name, set_.at)
    headers = dict(HEADERS)
    if not driven:
        at = min(set_.at.astimezone(UTC), LAST_SCHEDULE)
        headers["Nats-Schedule"] = f"@at {at.strftime('%Y-%m-%dT%H:%M:%S.%fZ')}"
        headers["Nats-Schedule-Target"] = due.subject
    subject = f"mentoring-timer.{service}.{set_.program}.{set_.about}.{set_.name}"
    return Message(subject, encode(due), headers)
