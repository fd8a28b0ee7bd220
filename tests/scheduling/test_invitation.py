"""Invitations, updates and cancellations, as two parsers read them and line by line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from types import SimpleNamespace
from typing import Any, get_args
from zoneinfo import available_timezones

import pytest
from dateutil.tz import tzical
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduling.appointment import WORDS, Addresses, Appointment, appointment
from services.scheduling.invitation import invitation
from shared.events.types import Format, MeetingType
from tests.scheduling.appointments import (
    ADDRESSES,
    ANNOUNCED,
    AT,
    LINK,
    an_appointment,
    by_ical,
    by_vobject,
    property_of,
    unfolded,
)

HOUR = timedelta(hours=1)
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
ZONES = sorted(zone for zone in available_timezones() if zone[0].isupper())


def written(addresses: Addresses = ADDRESSES, **given: Any) -> bytes:
    return invitation(an_appointment(**given), addresses)


# -- what two parsers read ----------------------------------------------------------------------


def test_an_invitation_asks_both_persons_at_their_addresses() -> None:
    calendar = by_ical(written())
    (event,) = calendar.events
    assert calendar.method == "REQUEST"
    assert [guest.uri for guest in event.attendees] == [ADDRESSES.mentee, ADDRESSES.mentor]
    assert {(guest.status, guest.role, guest.rsvp) for guest in event.attendees} == {
        ("NEEDS-ACTION", "REQ-PARTICIPANT", True)
    }
    assert event.organizer is not None
    assert event.organizer.uri == ADDRESSES.organizer
    assert (event.status, event.sequence, event.summary) == ("CONFIRMED", 0, "Mentoring meeting")


def test_a_second_parser_reads_the_same() -> None:
    event = by_vobject(written()).vevent
    assert [guest.value for guest in event.attendee_list] == [ADDRESSES.mentee, ADDRESSES.mentor]
    assert event.organizer.value == ADDRESSES.organizer
    assert (event.dtstart.value, event.dtend.value) == (AT, AT + HOUR)
    assert (event.status.value, event.sequence.value) == ("CONFIRMED", "0")
    assert event.uid.value == an_appointment().uid


def test_a_change_is_the_same_event_with_a_higher_sequence() -> None:
    later = ANNOUNCED + HOUR
    first, second = (
        by_ical(written(sequence=number, starts_at=at, revised_at=revised)).events[0]
        for number, at, revised in ((0, AT, ANNOUNCED), (1, AT + HOUR, later))
    )
    assert first.uid == second.uid
    assert (first.sequence, second.sequence) == (0, 1)
    assert (first.dtstamp, second.dtstamp) == (ANNOUNCED, later)
    assert second.dtstart == AT + HOUR
    assert (second.created, second.last_modified) == (ANNOUNCED, later)


def test_a_dropped_meeting_is_a_cancellation_without_a_link() -> None:
    text = written(dropped=True, sequence=1)
    calendar = by_ical(text)
    (event,) = calendar.events
    assert (calendar.method, event.status, event.sequence) == ("CANCEL", "CANCELLED", 1)
    assert [guest.uri for guest in event.attendees] == [ADDRESSES.mentee, ADDRESSES.mentor]
    assert event.transparency == "TRANSPARENT"
    assert b"RSVP" not in text
    assert LINK.encode() not in text
    assert by_vobject(text).method.value == "CANCEL"


def test_a_link_stands_wherever_calendar_programs_look_for_it() -> None:
    (event,) = by_ical(written()).events
    assert (event.location, event.url) == (LINK, LINK)
    (conference,) = event.conference
    assert (conference.uri, conference.label) == (LINK, "Join the video call")
    assert conference.feature == ["AUDIO", "VIDEO"]
    assert event.description is not None
    assert LINK in event.description


def test_a_meeting_without_a_link_has_no_place() -> None:
    names = ("LOCATION", "URL", "CONFERENCE")
    text = written(Addresses("urn:o", "urn:a", "urn:b", None))
    assert [property_of(text, name) for name in names] == [[], [], []]


@pytest.mark.parametrize("end", ["\x85", "\u2028", "\u2029", "\x1c", "\r", "\r\n", "\n", "\x0b"])
def test_nothing_that_ends_a_line_for_some_reader_lets_a_skill_add_a_property(end: str) -> None:
    text = written(skills=(f"welding{end}ATTENDEE:mailto:eve@example.org",))
    lines = text.decode().splitlines()
    assert [line for line in lines if line.startswith("ATTENDEE:")] == []
    assert lines == text.decode().removesuffix("\r\n").split("\r\n")
    assert len(by_ical(text).events[0].attendees) == 2
    assert len(by_vobject(text).vevent.attendee_list) == 2


# -- times --------------------------------------------------------------------------------------

CLOCKS = [
    # zone, start in UTC, how DTSTART and DTEND are written
    ("Europe/Berlin", "2026-03-03T09:00", ";TZID=Europe/Berlin:20260303T100000"),
    ("Europe/Berlin", "2026-03-29T00:30", ";TZID=Europe/Berlin:20260329T013000"),
    ("America/New_York", "2026-07-01T13:00", ";TZID=America/New_York:20260701T090000"),
    ("Asia/Kathmandu", "2026-07-01T13:00", ";TZID=Asia/Kathmandu:20260701T184500"),
    ("Pacific/Kiritimati", "2026-12-31T12:00", ";TZID=Pacific/Kiritimati:20270101T020000"),
    ("UTC", "2026-03-03T09:00", ":20260303T090000Z"),
    ("Etc/UTC", "2026-03-03T09:00", ":20260303T090000Z"),
    # on both sides of two alike, then at the first and the second of them, which UTC alone can say to everybody
    ("Europe/Berlin", "2026-10-24T22:30", ";TZID=Europe/Berlin:20261025T003000"),
    ("Europe/Berlin", "2026-10-25T02:00", ";TZID=Europe/Berlin:20261025T030000"),
    ("Europe/Berlin", "2026-10-24T23:00", ":20261024T230000Z"),  # ends in the first
    ("Europe/Berlin", "2026-10-25T00:00", ":20261025T000000Z"),
    ("Europe/Berlin", "2026-10-25T01:00", ":20261025T010000Z"),
    ("Europe/Berlin", "2026-10-25T00:30", ":20261025T003000Z"),  # ends in the second
]


@pytest.mark.parametrize("zone,start,stands", CLOCKS)
def test_times_stand_on_the_clock_of_the_meeting_or_in_utc_where_it_cannot_say_them(
    zone: str, start: str, stands: str
) -> None:
    at = datetime.fromisoformat(start).replace(tzinfo=UTC)
    text = written(zone=zone, starts_at=at)
    assert property_of(text, "DTSTART")[-1] == f"DTSTART{stands}"
    assert (b"BEGIN:VTIMEZONE" in text) is stands.startswith(";")


@pytest.mark.parametrize("zone,start,stands", CLOCKS)
def test_two_parsers_read_the_very_instant(zone: str, start: str, stands: str) -> None:
    at = datetime.fromisoformat(start).replace(tzinfo=UTC)
    text = written(zone=zone, starts_at=at)
    event, other = by_ical(text).events[0], by_vobject(text).vevent
    assert stamps(event.dtstart, event.dtend) == stamps(at, at + HOUR)
    assert stamps(other.dtstart.value, other.dtend.value) == stamps(at, at + HOUR)


@given(
    zone=st.sampled_from(ZONES),
    at=st.integers(0, 7 * 365 * 24 * 60).map(lambda n: BEGIN + timedelta(minutes=n)),
    minutes=st.integers(1, 24 * 60),
)
@settings(max_examples=60, deadline=None)
def test_any_time_in_any_zone_is_read_to_the_minute_from_the_text_alone(
    zone: str, at: datetime, minutes: int
) -> None:
    end = at + timedelta(minutes=minutes)
    text = invitation(replace(an_appointment(zone=zone, starts_at=at), ends_at=end), ADDRESSES)
    assert stamps(*by_the_text_alone(text)) == stamps(at, end)
    for read in (by_ical(text).events[0], _values(by_vobject(text).vevent)):
        assert stamps(read.dtstart, read.dtend) == stamps(at, end)


def by_the_text_alone(text: bytes) -> list[datetime]:
    """Start and end by the VTIMEZONE, as dateutil reads it: the other two know the zone by its name."""
    begin, end = text.find(b"BEGIN:VTIMEZONE"), text.find(b"BEGIN:VEVENT")
    zone = tzical(StringIO(text[begin:end].decode())).get() if begin > 0 else None
    found = [property_of(text, name)[-1].rpartition(":")[2] for name in ("DTSTART", "DTEND")]
    return [
        datetime.strptime(f"{told[:-1]}+0000", "%Y%m%dT%H%M%S%z")
        if told.endswith("Z")
        else datetime.strptime(told, "%Y%m%dT%H%M%S").replace(tzinfo=zone)
        for told in found
    ]


def _values(event: Any) -> SimpleNamespace:
    return SimpleNamespace(dtstart=event.dtstart.value, dtend=event.dtend.value)


def stamps(*times: Any) -> list[float]:
    """As numbers: no time that comes twice equals one of another zone (PEP 495)."""
    return [time.timestamp() for time in times]


# -- line by line -------------------------------------------------------------------------------


def test_it_is_written_as_rfc_5545_has_it() -> None:
    assert unfolded(written(skills=("Python", "x;y,z"), type="goal_setting", number=2)) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//mentoring-cycle//scheduling 1//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:REQUEST",
        "BEGIN:VTIMEZONE",
        "TZID:Europe/Berlin",
        "BEGIN:DAYLIGHT",
        "DTSTART:20250330T020000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
        "TZNAME:CEST",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "DTSTART:20251026T030000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
        "TZNAME:CET",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "END:STANDARD",
        "END:VTIMEZONE",
        "BEGIN:VEVENT",
        "SUMMARY:Mentoring: setting goals",
        "DTSTART;TZID=Europe/Berlin:20260303T100000",
        "DTEND;TZID=Europe/Berlin:20260303T110000",
        "DTSTAMP:20260201T120005Z",
        "UID:7c0f6c1e-6c5b-5d0e-9a52-000000000000",
        "SEQUENCE:0",
        "ATTENDEE;CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;RSVP=TRUE:mailto:ada@example.org",
        "ATTENDEE;CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;RSVP=TRUE:mailto:grace@example.org",
        "CLASS:PRIVATE",
        "CONFERENCE;FEATURE=AUDIO,VIDEO;LABEL=Join the video call;VALUE=URI:https://meet.example.org/r1",
        "CREATED:20260201T120005Z",
        "DESCRIPTION:Meeting 2 of your mentoring cycle.\\nTo work on: Python\\, x\\;y\\,z.\\nJoin the video call: https://meet.example.org/r1",
        "LAST-MODIFIED:20260201T120005Z",
        "LOCATION:https://meet.example.org/r1",
        "ORGANIZER:mailto:mentoring@example.org",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "URL:https://meet.example.org/r1",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_lines_end_in_crlf_and_none_is_longer_than_75_bytes() -> None:
    text = written(skills=("Führung und Zusammenarbeit über große Entfernungen " * 2,))
    assert text.count(b"\n") == text.count(b"\r\n") == text.count(b"\r")
    assert max(map(len, text.split(b"\r\n"))) <= 75
    assert "große Entfernungen" in (by_ical(text).events[0].description or "")


def test_nobody_is_asked_to_answer_an_organizer_without_a_mailbox() -> None:
    text = written(Addresses("urn:mentoring:acme", "urn:a", "urn:b"))
    assert {guest.rsvp for guest in by_ical(text).events[0].attendees} == {False}


def test_skills_named_by_ids_of_a_vocabulary_are_no_words_for_people() -> None:
    named = ("000f1d3d-220f-4789-9c0a-cc742521fb02", "http://data.europa.eu/esco/skill/1")
    (event,) = by_ical(written(skills=named)).events
    assert "To work on" not in (event.description or "")


def test_a_skill_with_a_colon_is_words_all_the_same() -> None:
    (event,) = by_ical(written(skills=("Security: networks",))).events
    assert "To work on: Security: networks." in (event.description or "")


def test_every_type_of_meeting_has_words() -> None:
    assert set(WORDS) == set(get_args(MeetingType))
    assert all(words.startswith("Mentoring") for words in WORDS.values())


@pytest.mark.parametrize("form", get_args(Format))
def test_every_format_can_be_written(form: Format) -> None:
    link = LINK if form in {"video", "audio"} else None
    text = written(Addresses("urn:o", "urn:a", "urn:b", link), format=form)
    assert (b"CONFERENCE" in text) is (link is not None)


# -- from a row ---------------------------------------------------------------------------------


def revision(sequence: int, at: str) -> dict[str, Any]:
    return {"sequence": sequence, "at": at, "starts_at": at, "cause": "planned"}


def row(**given: Any) -> dict[str, Any]:
    first = an_appointment()
    same = {name: getattr(first, name) for name in Appointment.__slots__}
    history = [revision(0, "2026-02-01T12:00:05+00:00"), revision(1, "2026-02-02T08:00:00Z")]
    return {**same, "skills": [], "status": "confirmed", "history": history, **given}


def test_a_row_tells_when_the_meeting_was_announced_and_when_it_last_changed() -> None:
    found = appointment(row(sequence=1))
    assert found is not None
    assert found.created_at == ANNOUNCED
    assert found.revised_at == datetime(2026, 2, 2, 8, tzinfo=UTC)
    assert not found.dropped


def test_when_it_was_announced_is_not_told_once_its_history_is_cut() -> None:
    found = appointment(row(history=[revision(7, "2026-02-02T08:00:00Z")]))
    assert found is not None
    assert found.created_at is None


def test_a_meeting_that_was_never_announced_is_no_appointment() -> None:
    assert appointment(row(history=[], status="unplanned")) is None


@pytest.mark.parametrize("status", ["confirmed", "met", "missed"])
def test_a_verdict_changes_nothing_in_a_calendar(status: str) -> None:
    assert appointment(row(status=status)) == appointment(row())
