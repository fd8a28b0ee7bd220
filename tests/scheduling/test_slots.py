"""What two persons have free together, in tables by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.scheduling.availability import CommonHours, common_hours
from services.scheduling.model import Person, Rules
from services.scheduling.planning import Commitments
from services.scheduling.slots import Opening, mutual_slots
from shared.intervals import DAY, Interval
from tests.scheduling.hours import exception, person, rules, utc, window

HOUR = timedelta(hours=1)
MONDAY = utc("2026-06-01")
OFFICE = [window("MO TU WE TH FR", "09:00", "PT8H")]
NOTHING: Commitments = {"ada": (), "grace": ()}


def both(
    one: Person | None = None,
    other: Person | None = None,
    bound: Rules | None = None,
    days: int = 1,
) -> CommonHours:
    """The common time of two who are in the office, from a Monday on."""
    ada, grace = one or person("ada", OFFICE), other or person("grace", OFFICE)
    return common_hours(ada, grace, bound or rules(), MONDAY, MONDAY + days * DAY)


def meeting(start: str, length: timedelta = HOUR) -> Interval:
    return utc(start), utc(start) + length


def shown(found: list[Opening]) -> list[str]:
    return [f"{one.start:%a %H:%M}-{one.end:%H:%M} {one.first:%H:%M}" for one in found]


def test_what_both_have_free_is_open() -> None:
    early = person("grace", [window("MO", "07:00", "PT4H")])
    assert shown(mutual_slots(both(other=early), NOTHING, HOUR)) == ["Mon 09:00-11:00 09:00"]


def test_meetings_of_either_and_the_buffer_around_them_are_left_out() -> None:
    taken = {"ada": [meeting("2026-06-01T10:30")], "grace": [meeting("2026-06-01T14:00")]}
    found = mutual_slots(both(), taken, HOUR)
    assert shown(found) == [
        "Mon 09:00-10:20 09:00",
        "Mon 11:40-13:50 11:45",
        "Mon 15:10-17:00 15:15",
    ]


def test_what_is_shorter_than_the_meeting_is_no_opening() -> None:
    taken = {"ada": [meeting("2026-06-01T10:00"), meeting("2026-06-01T12:00")], "grace": ()}
    assert shown(mutual_slots(both(), taken, HOUR)) == ["Mon 13:10-17:00 13:15"]


def test_where_no_quarter_of_an_hour_lies_the_first_minute_is_meant() -> None:
    taken = {"ada": [meeting("2026-06-01T10:15", timedelta(hours=8))], "grace": ()}
    found = mutual_slots(both(), taken, timedelta(minutes=62))
    assert shown(found) == ["Mon 09:00-10:05 09:00"]
    late = person("grace", [window("MO", "09:01", "PT63M")])
    found = mutual_slots(both(other=late), NOTHING, timedelta(minutes=62))
    assert shown(found) == ["Mon 09:01-10:04 09:01"]


def test_a_calendar_week_that_is_full_for_either_is_left_out() -> None:
    """Three meetings, the last of them on the Sunday: the week is the program's."""
    taken = {
        "ada": [meeting(f"2026-06-{day:02}T06:00") for day in (2, 4, 7)],
        "grace": [meeting("2026-06-09T10:00")],
    }
    found = mutual_slots(both(bound=rules(buffer=0), days=9), taken, HOUR)
    assert shown(found) == [
        "Mon 09:00-17:00 09:00",
        "Tue 09:00-10:00 09:00",
        "Tue 11:00-17:00 11:00",
    ]
    assert {one.start.date().day for one in found} == {8, 9}


def test_a_week_counts_the_meetings_that_lie_before_the_range() -> None:
    taken = {"ada": [meeting(f"2026-05-{day}T10:00") for day in (25, 26, 27)], "grace": ()}
    hours = common_hours(
        person("ada", OFFICE),
        person("grace", OFFICE),
        rules(),
        utc("2026-05-28"),
        utc("2026-06-02"),
    )
    assert shown(mutual_slots(hours, taken, HOUR)) == ["Mon 09:00-17:00 09:00"]


def test_a_meeting_may_still_begin_in_the_last_minute_before_a_full_week() -> None:
    always = [window("SU MO TU WE TH FR SA", "00:00", "PT24H")]
    taken = {"ada": [meeting(f"2026-06-{day:02}T06:00") for day in (9, 10, 11)], "grace": ()}
    ada, grace = person("ada", always), person("grace", always)
    hours = common_hours(ada, grace, rules(), utc("2026-06-07"), utc("2026-06-16"))
    assert [(one.start, one.end) for one in mutual_slots(hours, taken, HOUR)] == [
        (utc("2026-06-07"), utc("2026-06-08T00:59")),
        (utc("2026-06-15"), utc("2026-06-16")),
    ]


def test_the_minutes_outside_fair_hours_are_said_of_both_clocks() -> None:
    """Nine in Berlin is 12:30 in Kolkata; 15:30 in UTC is half an hour before six in Berlin, nine in the evening there."""
    berlin = person("ada", [window("MO", "17:30", "PT2H")], zone="Europe/Berlin")
    kolkata = person("grace", [window("MO", "18:00", "PT5H")], zone="Asia/Kolkata")
    found = mutual_slots(both(berlin, kolkata), NOTHING, HOUR)
    assert found == [
        Opening(utc("2026-06-01T15:30"), utc("2026-06-01T17:30"), utc("2026-06-01T15:30"), (30, 60))
    ]


def test_absences_and_holidays_are_no_openings() -> None:
    ada = person(
        "ada", OFFICE, exceptions=(exception("2026-06-01T00:00", "2026-06-01T15:00", "away"),)
    )
    grace = person("grace", OFFICE, region="IE")  # the first Monday of June
    assert shown(mutual_slots(both(ada), NOTHING, HOUR)) == ["Mon 15:00-17:00 15:00"]
    assert mutual_slots(both(ada, grace), NOTHING, HOUR) == []


def test_every_day_of_the_range_is_looked_at() -> None:
    assert len(mutual_slots(both(days=5), NOTHING, HOUR)) == 5


@pytest.mark.parametrize("length", [timedelta(), -HOUR])
def test_a_meeting_of_no_length_is_refused(length: timedelta) -> None:
    with pytest.raises(ValueError, match="length: must be"):
        mutual_slots(both(), NOTHING, length)
