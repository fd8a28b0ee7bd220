"""VTIMEZONE against tzdata, read by dateutil and by ical: neither knows the zone but from its text."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from io import StringIO
from zoneinfo import ZoneInfo, available_timezones

import pytest
from dateutil.tz import tzical
from ical.calendar_stream import IcsCalendarStream
from ical.timezone import IcsTimezoneInfo

from services.scheduling.timezones import Onset, onsets
from services.scheduling.vcalendar import PRODUCT, zone_text

ZONES = sorted(zone for zone in available_timezones() if zone[0].isupper())
ODD = (
    "Africa/Casablanca",  # summer time but in Ramadan, and told the other way round
    "America/Asuncion",  # gives daylight saving up in 2024
    "America/Nuuk",  # changes on a Saturday
    "America/Santiago",  # the first Sunday after the 1st
    "Antarctica/Troll",  # two hours
    "Asia/Almaty",  # goes back for good, without daylight saving
    "Asia/Kathmandu",
    "Australia/Lord_Howe",  # half an hour
    "Europe/Berlin",
    "Europe/Dublin",  # daylight saving in winter, behind
    "Pacific/Apia",
    "America/New_York",
)
FIRST, LAST = 2024, 2030
BEGIN, END = datetime(FIRST, 1, 1, 12, tzinfo=UTC), datetime(LAST, 12, 31, 11, tzinfo=UTC)
CLOSE = [timedelta(seconds=away) for away in (-7200, -1800, -1, 0, 1, 1800, 7200)]


def instants(zone: str) -> Iterator[datetime]:
    """Begin and end, some in between, and what lies close to each change of the clock."""
    yield from (BEGIN, END)
    chance = random.Random(zone)
    yield from (BEGIN + chance.random() * (END - BEGIN) for _ in range(10))
    for onset in onsets(zone, BEGIN, END):
        yield from (onset.at + away for away in CLOSE)


def differing(zone: str, read: tzinfo) -> list[datetime]:
    """Instants at which the local time, as it is written, is another one to who has read the zone."""
    wrong = []
    for at in instants(zone):
        local = at.astimezone(ZoneInfo(zone))
        wall = local.replace(tzinfo=read, fold=0)
        # The second of two alike is never written: it would mean the first (RFC 5545, 3.3.5).
        if not local.fold and wall.utcoffset() != local.utcoffset():
            wrong.append(at)
    return wrong


def by_dateutil(zone: str) -> tzinfo:
    found = tzical(StringIO(zone_text(zone, FIRST, LAST).decode())).get()
    assert found is not None
    return found


def by_ical(zone: str) -> tzinfo:
    lines = [b"BEGIN:VCALENDAR", b"VERSION:2.0", f"PRODID:{PRODUCT}".encode()]
    text = b"\r\n".join([*lines, zone_text(zone, FIRST, LAST) + b"END:VCALENDAR\r\n"])
    calendar = IcsCalendarStream.calendar_from_ics(text.decode())
    return IcsTimezoneInfo.from_timezone(calendar.timezones[0])


def is_by_rule(zone: str) -> bool:
    text = zone_text(zone, FIRST, LAST)
    return text.count(b"RRULE:") == text.count(b"TZOFFSETTO:") == 2


SOME = sorted({*ODD, *random.Random(5545).sample(ZONES, 60)})


@pytest.mark.parametrize("zone", SOME)
def test_a_zone_that_was_written_is_read_back_as_it_is(zone: str) -> None:
    assert differing(zone, by_dateutil(zone)) == []


@pytest.mark.parametrize("zone", [zone for zone in SOME if is_by_rule(zone)])
def test_a_zone_told_by_rules_is_read_alike_by_another_parser(zone: str) -> None:
    """ical takes an observance without a rule for one that never comes, so only such zones are compared."""
    assert differing(zone, by_ical(zone)) == []


@pytest.mark.fuzz
def test_every_zone_is_read_back_as_it_is() -> None:
    assert {zone for zone in ZONES if differing(zone, by_dateutil(zone))} == set()
    by_rule = [zone for zone in ZONES if is_by_rule(zone)]
    assert len(by_rule) > 100
    assert {zone for zone in by_rule if differing(zone, by_ical(zone))} == set()


def test_a_zone_of_other_years_would_be_seen_to_be_wrong() -> None:
    text = zone_text("America/Asuncion", 2026, 2026).decode()
    read = tzical(StringIO(text)).get()
    assert read is not None
    assert differing("America/Asuncion", read) != []


# -- how it is written --------------------------------------------------------------------------


def lines(zone: str, first: int, last: int) -> list[str]:
    return zone_text(zone, first, last).decode().splitlines()


def test_yearly_changes_are_told_by_the_rules_that_calendar_programs_know() -> None:
    assert lines("Europe/Berlin", 2026, 2027) == [
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
    ]


def test_a_rule_that_is_given_up_is_not_told() -> None:
    told = lines("America/Asuncion", 2024, 2026)
    assert [line for line in told if line.startswith("RRULE")] == []
    assert told.count("BEGIN:STANDARD") + told.count("BEGIN:DAYLIGHT") == 4


def test_a_change_on_no_fixed_weekday_of_its_month_is_told_by_itself() -> None:
    """The Sunday on or after the 2nd is now the first and now the second one."""
    told = lines("America/Santiago", 2024, 2024)
    assert [line for line in told if line.startswith("DTSTART")] == [
        "DTSTART:20230402T000000",
        "DTSTART:20230903T000000",
        "DTSTART:20240407T000000",
        "DTSTART:20240908T000000",
    ]


def test_a_zone_without_changes_is_one_observance() -> None:
    told = lines("Asia/Tokyo", 2026, 2026)
    assert [line for line in told if "TZOFFSET" in line] == [
        "TZOFFSETFROM:+0900",
        "TZOFFSETTO:+0900",
    ]


def test_irish_winter_is_standard_time_and_summer_daylight() -> None:
    told = lines("Europe/Dublin", 2026, 2026)
    kinds = [line for line in told if line.startswith(("BEGIN:S", "BEGIN:D", "TZNAME"))]
    assert kinds == ["BEGIN:DAYLIGHT", "TZNAME:IST", "BEGIN:STANDARD", "TZNAME:GMT"]


def test_a_change_is_found_to_the_second_and_told_on_the_clock_that_went_until_then() -> None:
    day = datetime(2026, 3, 29, tzinfo=UTC)
    found = list(onsets("Europe/Berlin", day, day + timedelta(days=1)))
    hour = timedelta(hours=1)
    assert found == [Onset(day + hour, hour, 2 * hour, "CEST", hour)]
    assert found[0].local == datetime(2026, 3, 29, 2)  # noqa: DTZ001
