"""A person's feed, as two parsers read it, and its entity tag."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.scheduling import feed as feeds
from services.scheduling import vcalendar as calendars
from services.scheduling.appointment import Appointment
from services.scheduling.feed import Feed, entity_tag, rendered
from services.scheduling.feed_key import FeedKey
from services.scheduling.templates import STANDARD, Templates
from tests.scheduling.appointments import (
    ANNOUNCED,
    AT,
    an_appointment,
    by_ical,
    by_vobject,
    property_of,
)

KEY = FeedKey(bytes(32))
TEMPLATES = Templates(
    join="https://meet.example.org/{room}",
    address="mailto:{person}@example.org",
    organizer="mailto:mentoring@example.org",
    name="Mentoring, {program}",
)


def a_feed(*meetings: Appointment, zone: str = "Europe/Berlin") -> Feed:
    return Feed("acme", "ada", zone, meetings)


def text_of(*meetings: Appointment, zone: str = "Europe/Berlin") -> bytes:
    return rendered(a_feed(*meetings, zone=zone), TEMPLATES, KEY)


SEVERAL = (
    an_appointment(0),
    an_appointment(1, dropped=True, sequence=1),
    an_appointment(2, zone="Asia/Tokyo"),
    an_appointment(3, zone="UTC"),
    an_appointment(60),
)


def test_a_feed_has_every_meeting_and_the_dropped_ones_as_cancelled() -> None:
    calendar = by_ical(text_of(*SEVERAL))
    assert [event.uid for event in calendar.events] == [each.uid for each in SEVERAL]
    assert [event.dtstart for event in calendar.events] == [each.starts_at for each in SEVERAL]
    states = [event.status for event in calendar.events]
    assert states == ["CONFIRMED", "CANCELLED", "CONFIRMED", "CONFIRMED", "CONFIRMED"]


def test_a_second_parser_reads_the_same_times() -> None:
    calendar = by_vobject(text_of(*SEVERAL))
    read = [event.dtstart.value for event in calendar.vevent_list]
    assert read == [each.starts_at for each in SEVERAL]


def test_a_feed_is_published_and_asks_nobody() -> None:
    """RFC 5546, 3.2.1: an ORGANIZER must be, an ATTENDEE must not."""
    text = text_of(*SEVERAL)
    assert by_ical(text).method == "PUBLISH"
    assert property_of(text, "ATTENDEE") == []
    assert property_of(text, "ORGANIZER") == ["ORGANIZER:mailto:mentoring@example.org"] * 5


def test_a_feed_says_its_name_and_when_to_look_again() -> None:
    calendar = by_ical(text_of(*SEVERAL))
    assert calendar.name == ["Mentoring, acme"]
    assert calendar.refresh_interval == timedelta(hours=1)
    assert property_of(text_of(), "X-WR-CALNAME") == ["X-WR-CALNAME:Mentoring\\, acme"]


def test_each_zone_stands_once_for_all_its_years() -> None:
    text = text_of(*SEVERAL)
    assert property_of(text, "TZID") == ["TZID:Asia/Tokyo", "TZID:Europe/Berlin"]


def test_every_meeting_has_a_room_of_its_own() -> None:
    links = property_of(text_of(*SEVERAL), "LOCATION")
    assert len(set(links)) == 4  # none for what is dropped
    assert links[0] == f"LOCATION:https://meet.example.org/{KEY.room('acme', 'c1', 'm0')}"


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC"])
def test_an_empty_feed_is_a_calendar_all_the_same(zone: str) -> None:
    """RFC 5545, 3.6: at least one component."""
    text = text_of(zone=zone)
    assert property_of(text, "TZID") == [f"TZID:{zone}"]
    assert by_ical(text).events == []
    assert "vevent" not in by_vobject(text).contents


def test_a_feed_is_the_same_bytes_again_whatever_was_kept() -> None:
    first = text_of(*SEVERAL)
    again = text_of(*SEVERAL)
    feeds._event_text.cache_clear()
    assert first == again == text_of(*SEVERAL)


def test_both_persons_of_a_meeting_share_its_text() -> None:
    mine = rendered(Feed("acme", "ada", "UTC", SEVERAL), TEMPLATES, KEY)
    theirs = rendered(Feed("acme", "grace", "UTC", SEVERAL), TEMPLATES, KEY)
    assert mine == theirs


# -- the entity tag -----------------------------------------------------------------------------


def tag(feed: Feed, templates: Templates = TEMPLATES, key: FeedKey = KEY) -> str:
    return entity_tag(feed, templates, key)


CHANGES: list[dict[str, Any]] = [
    {"sequence": 1},
    {"starts_at": AT + timedelta(hours=1)},
    {"ends_at": AT + timedelta(hours=2)},
    {"dropped": True},
    {"type": "closing"},
    {"format": "in_person"},
    {"skills": ("Python",)},
    {"zone": "Asia/Tokyo"},
    {"revised_at": ANNOUNCED + timedelta(seconds=1)},
    {"number": 9},
    {"meeting": "other"},
    {"created_at": None},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_the_tag_differs_whenever_the_text_does(change: dict[str, Any]) -> None:
    before = a_feed(an_appointment())
    after = a_feed(replace(an_appointment(), **change))
    assert rendered(before, TEMPLATES, KEY) != rendered(after, TEMPLATES, KEY)
    assert tag(before) != tag(after)


def test_the_tag_differs_by_templates_key_and_number_of_meetings() -> None:
    feed = a_feed(*SEVERAL)
    tags = {
        tag(feed),
        tag(feed, STANDARD),
        tag(feed, key=FeedKey(b"1" * 32)),
        tag(a_feed(*SEVERAL[1:])),
        tag(a_feed(zone="Asia/Tokyo")),
        tag(a_feed()),
    }
    assert len(tags) == 6


def test_the_tag_differs_by_what_the_text_is_written_with(monkeypatch: pytest.MonkeyPatch) -> None:
    before = tag(a_feed(*SEVERAL))
    monkeypatch.setattr(feeds, "_MADE_WITH", [feeds.RENDERING + 1])
    assert tag(a_feed(*SEVERAL)) != before


def test_the_tag_differs_when_the_host_learns_of_another_rule_of_a_zone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for feed in (a_feed(*SEVERAL), a_feed(zone="Asia/Tokyo")):
        before = tag(feed)
        with monkeypatch.context() as patched:
            for module in (feeds, calendars):
                patched.setattr(
                    module, "zone_text", lambda zone, *years: f"{zone} {years}".encode()
                )
            assert tag(feed) != before


def test_the_tag_is_a_strong_one_and_the_same_each_time() -> None:
    first = tag(a_feed(*SEVERAL))
    assert first == tag(a_feed(*SEVERAL))
    assert (first[0], first[-1], len(first)) == ('"', '"', 34)


def test_a_feed_knows_when_it_last_changed() -> None:
    late = datetime(2026, 5, 1, tzinfo=UTC)
    assert a_feed(an_appointment(), an_appointment(1, revised_at=late)).changed_at == late
    assert a_feed().changed_at is None
