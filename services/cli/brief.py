"""What of an event is worth a line: its key data, never more than its contract names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.entry import Entry
from shared.events.envelope import Event, InvalidEvent, decode

_SHOWN: Mapping[str, Sequence[str]] = {
    "opened": ("rules", "starts_on", "ends_on", "policy", "acceptance"),
    "requested": ("mentee", "request", "seat", "continues"),
    "offered": ("capacity", "accepts_new", "paused_until"),
    "available": ("zone", "region"),
    "left": ("roles", "effective_at"),
    "revoked": ("what",),
    "paired": ("mentee", "mentor", "score", "policy", "planned_meetings", "cadence"),
    "proposed": ("to", "score", "attempt", "expires_at"),
    "accepted": ("by",),
    "declined": ("by", "reason"),
    "lapsed": ("to", "cause"),
    "assigned": ("mentor", "by"),
    "withdrawn": ("by", "role", "reason"),
    "unmatched": ("waited", "excluded"),
    "planned": ("round", "part"),
    "tallied": ("policy", "waiting", "matched", "unmatched", "total", "reached", "milliseconds"),
    "agreed": ("terms", "by", "planned_meetings"),
    "scheduled": ("number", "type", "starts_at", "status", "sequence", "cause", "by", "reason"),
    "unplaced": ("number", "constraint", "until"),
    "moved": ("meeting", "by", "starts_at"),
    "cancelled": ("meeting", "by", "reason"),
    "reminded": ("meeting", "starts_at", "lead"),
    "attended": ("person", "joined_at", "left_at", "source"),
    "met": ("number", "type", "starts_at", "overlap", "corrects", "contradicted"),
    "missed": ("number", "starts_at", "reason", "absent", "contradicted"),
    "submitted": ("meeting", "side"),
    "reviewed": ("meeting", "by", "missing"),
    "progressed": ("goal", "value", "unit"),
    "noted": ("kind", "by"),
    "flagged": ("rule", "status"),
    "concluded": ("outcome", "held", "planned", "unplanned", "ended_by", "continues_in"),
    "due": ("service", "name"),
    "rejected": ("rule", "field"),
    "parked": ("service", "cause", "error"),
    "redriven": ("service", "by", "reason"),
    "discarded": ("service", "by", "reason"),
}


def read(entry: Entry) -> Event | InvalidEvent:
    """The event of an entry, or why it is none."""
    try:
        return decode(entry.body)
    except InvalidEvent as error:
        return error


def key_data(event: Event) -> dict[str, Any]:
    """The fields worth a line; what is absent is left out."""
    found = {name: getattr(event.data, name, None) for name in _SHOWN.get(event.word, ())}
    return {name: value for name, value in found.items() if value not in (None, (), "")}


def in_words(event: Event | InvalidEvent) -> str:
    """Key data as `name value` pairs, or why there are none."""
    if isinstance(event, InvalidEvent):
        return f"no event: {event}"
    return "  ".join(f"{name} {_text(value)}" for name, value in key_data(event).items())


def speaker(entry: Entry, event: Event | InvalidEvent) -> str:
    """Who said it: the service, the timer, or the other system's source."""
    if entry.said_by:
        return printable(entry.said_by)
    if isinstance(event, InvalidEvent):
        return "?"
    return event.source.removeprefix("/mentoring/")


def printable(text: str) -> str:
    """Text as a terminal may have it: outsiders can put escapes into subjects and headers."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def instant(value: datetime) -> str:
    """An instant to the second, in UTC."""
    return value.strftime("%Y-%m-%d %H:%M:%S")


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%MZ")
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, tuple):
        return ",".join(_text(each) for each in value)
    if isinstance(value, Mapping):
        return ",".join(f"{name}={_text(each)}" for name, each in value.items())
    return str(value)
