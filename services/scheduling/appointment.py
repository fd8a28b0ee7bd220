"""A meeting as calendar programs see it, and the VEVENT of RFC 5545 that shows it.

What is written follows from the meeting and the program's settings alone: the same meeting gives the same bytes.
No name and no word of anybody's stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Event, Parameters, vCalAddress, vText, vUri

from services.scheduling.timezones import NO_ZONE
from shared.events.types import Format, MeetingType

WORDS: Mapping[MeetingType, str] = {
    "introduction": "Mentoring: introduction",
    "goal_setting": "Mentoring: setting goals",
    "regular": "Mentoring meeting",
    "mock_interview": "Mentoring: mock interview",
    "portfolio_review": "Mentoring: portfolio review",
    "transition_preparation": "Mentoring: preparing the transition",
    "shadowing": "Mentoring: shadowing",
    "closing": "Mentoring: closing meeting",
}
"""What stands in a calendar, for everybody who looks over a shoulder."""
FEATURES: Mapping[Format, tuple[str, ...]] = {"video": ("AUDIO", "VIDEO"), "audio": ("AUDIO",)}
"""Formats that are joined by a link, and what it offers (RFC 7986, 6.3)."""
_CALLS: Mapping[Format, str] = {"video": "Join the video call", "audio": "Join the call"}
_NO_WORDS = re.compile(r"[0-9a-f-]{32,36}|[a-z]+:\S+", re.IGNORECASE)
"""Skills named by an id or an address of a vocabulary: no words for people."""


@dataclass(frozen=True, slots=True)
class Appointment:
    """A meeting as it stands.

    Attributes:
        dropped: it is cancelled.
        revised_at: when it came to stand so.
        created_at: when it was first announced; None when that is no longer known.
    """

    program: str
    cycle: str
    meeting: str
    mentee: str
    mentor: str
    number: int
    type: MeetingType
    format: Format
    skills: tuple[str, ...]
    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    zone: str
    dropped: bool
    revised_at: datetime
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Addresses:
    """The program's addresses for one meeting, all of them URIs.

    Attributes:
        organizer: who invites.
        mentee, mentor: who is invited.
        join: where they meet, for a format that is joined by a link; None when there is none.
    """

    organizer: str
    mentee: str
    mentor: str
    join: str | None = None


def vevent(meeting: Appointment, addresses: Addresses) -> Event:
    """The event without attendees, as METHOD:PUBLISH wants it (RFC 5546, 3.2.1)."""
    event = Event()
    event.add("UID", vText(meeting.uid))
    event.add("DTSTAMP", meeting.revised_at)
    event.add("SEQUENCE", meeting.sequence)
    event.add("STATUS", "CANCELLED" if meeting.dropped else "CONFIRMED")
    _add_times(event, meeting)
    event.add("SUMMARY", vText(WORDS[meeting.type]))
    if words := _description(meeting, addresses.join):
        event.add("DESCRIPTION", vText(words))
    event.add("ORGANIZER", vCalAddress(addresses.organizer))
    event.add("CLASS", "PRIVATE")
    event.add("TRANSP", "TRANSPARENT" if meeting.dropped else "OPAQUE")
    if meeting.created_at is not None:
        event.add("CREATED", meeting.created_at)
    event.add("LAST-MODIFIED", meeting.revised_at)
    if addresses.join is not None and not meeting.dropped:
        _add_link(event, meeting.format, addresses.join)
    return event


def _add_times(event: Event, meeting: Appointment) -> None:
    """Start and end on the clock of the meeting's zone, or in UTC where that clock cannot say them.

    A local time that comes twice means the first of the two (RFC 5545, 3.3.5), but not every calendar program reads it
    so: such times are written in UTC.
    """
    for name, at in (("DTSTART", meeting.starts_at), ("DTEND", meeting.ends_at)):
        if on_the_clock(meeting):
            local = at.astimezone(ZoneInfo(meeting.zone)).replace(tzinfo=None)
            event.add(name, local, {"TZID": meeting.zone})
        else:
            event.add(name, at.astimezone(UTC))


def on_the_clock(meeting: Appointment) -> bool:
    """Whether its times can be written on the clock of its zone, and are."""
    if meeting.zone in NO_ZONE:
        return False
    clock = ZoneInfo(meeting.zone)
    return not any(
        _comes_twice(at.astimezone(clock)) for at in (meeting.starts_at, meeting.ends_at)
    )


def _comes_twice(local: datetime) -> bool:
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _description(meeting: Appointment, join: str | None) -> str:
    skills = [_on_one_line(skill) for skill in meeting.skills if not _NO_WORDS.fullmatch(skill)]
    lines = [
        f"Meeting {meeting.number} of your mentoring cycle." if meeting.number else "",
        f"To work on: {', '.join(skills)}." if skills else "",
        f"{_CALLS[meeting.format]}: {join}" if join and not meeting.dropped else "",
    ]
    return "\n".join(line for line in lines if line)


def _on_one_line(words: str) -> str:
    """Without what ends a line or steers a terminal: some readers end a line at U+0085 or U+2028, too."""
    return "".join(each if each.isprintable() else " " for each in words)


def _add_link(event: Event, form: Format, link: str) -> None:
    """The link wherever some calendar program looks for it."""
    event.add("LOCATION", vText(link))
    event.add("URL", vUri(link))
    offered = Parameters(VALUE="URI", FEATURE=list(FEATURES[form]), LABEL=_CALLS[form])
    event.add("CONFERENCE", vUri(link), offered)


def appointment(row: Mapping[str, Any]) -> Appointment | None:
    """A row of table `meeting`; None for one that was never announced, known from evidence alone."""
    history = row["history"]
    if not history:
        return None
    first, last = history[0], history[-1]
    named = {name: row[name] for name in _SAME}
    return Appointment(
        **named,
        skills=tuple(row["skills"]),
        dropped=row["status"] == "cancelled",
        revised_at=datetime.fromisoformat(last["at"]),
        created_at=datetime.fromisoformat(first["at"]) if first["sequence"] == 0 else None,
    )


_SAME = (
    "program",
    "cycle",
    "meeting",
    "mentee",
    "mentor",
    "number",
    "type",
    "format",
    "uid",
    "sequence",
    "starts_at",
    "ends_at",
    "zone",
)
