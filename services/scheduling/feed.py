"""The calendar of one person: all meetings of all cycles, as calendar programs subscribe to them.

METHOD:PUBLISH (RFC 5546, 3.2.1): a look at what stands, which asks nobody for an answer, so it has no attendees.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from importlib.metadata import version

import orjson
from icalendar import vDuration, vText

from services.scheduling.appointment import Addresses, Appointment, vevent
from services.scheduling.feed_key import FeedKey
from services.scheduling.templates import Templates
from services.scheduling.vcalendar import vcalendar, written, zone_text, zones_of

RENDERING = 2
"""Rises with every change after which the same meetings give other bytes."""
REFRESH = timedelta(hours=1)
"""How often a calendar program is asked to look again."""
_MADE_WITH = [RENDERING, version("icalendar")]
_NOBODY = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """What stands in a person's calendar.

    Attributes:
        zone: the person's own.
        meetings: in the order of their start, dropped ones too.
    """

    program: str
    person: str
    zone: str
    meetings: Sequence[Appointment]

    @property
    def changed_at(self) -> datetime | None:
        """When something in it last changed; None when there is nothing in it."""
        return max((meeting.revised_at for meeting in self.meetings), default=None)


def entity_tag(feed: Feed, templates: Templates, key: FeedKey) -> str:
    """A strong validator (RFC 9110, 8.8.3) of what `rendered` gives, without rendering it.

    It is made from everything that the bytes follow from: the rows, the program's templates, the key that names
    rooms, the rules of the zones as this host knows them, and what they are written with.
    """
    seen = orjson.dumps([_MADE_WITH, templates.model_dump(), key.mark, feed])
    digest = hashlib.blake2b(b"".join((seen, *_zones(feed))), digest_size=16)
    return f'"{digest.hexdigest()}"'


def rendered(feed: Feed, templates: Templates, key: FeedKey) -> bytes:
    """The calendar as bytes."""
    calendar = vcalendar("PUBLISH")
    name = templates.name.format(program=feed.program)
    for known_as in ("NAME", "X-WR-CALNAME"):
        calendar.add(known_as, vText(name))
    calendar.add("REFRESH-INTERVAL", vDuration(REFRESH), {"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vDuration(REFRESH))
    events = [_event(each, templates, key) for each in feed.meetings]
    return written(calendar, [*_zones(feed), *events])


def _zones(feed: Feed) -> list[bytes]:
    """What an empty calendar has, too: a part is needed (RFC 5545, 3.6)."""
    return zones_of(feed.meetings) if feed.meetings else [zone_text(feed.zone, _YEAR, _YEAR)]


def _event(meeting: Appointment, templates: Templates, key: FeedKey) -> bytes:
    addresses = templates.addresses(meeting, key)
    return _event_text(meeting, replace(addresses, mentee=_NOBODY, mentor=_NOBODY))


@lru_cache(maxsize=8192)
def _event_text(meeting: Appointment, addresses: Addresses) -> bytes:
    """Both persons of a meeting have the same: it names neither."""
    text: bytes = vevent(meeting, addresses).to_ical()
    return text


_YEAR = 2026
"""Of the zone in an empty calendar: some year."""
