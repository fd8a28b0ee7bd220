"""What two have free together: tables by hand, and a search that tries every minute on both clocks."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduling.availability import CommonHours, common_hours
from services.scheduling.model import Person, Rules
from services.scheduling.planning import Commitments, NoSlot, Planner
from services.scheduling.slots import Opening, mutual_slots
from shared.events.duration import Duration
from shared.events.people import TimeException, WeeklyWindow
from shared.intervals import DAY, MINUTE, WEEKDAYS, Interval
from tests.scheduling.clocks import A_DAY, Grid, Marks, minute_of, offset_of, week_of
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


def test_no_more_are_given_than_were_asked_for() -> None:
    assert len(mutual_slots(both(days=5), NOTHING, HOUR)) == 5
    assert shown(mutual_slots(both(days=5), NOTHING, HOUR, most=2)) == [
        "Mon 09:00-17:00 09:00",
        "Tue 09:00-17:00 09:00",
    ]


@pytest.mark.parametrize("length", [timedelta(), -HOUR])
def test_a_meeting_of_no_length_is_refused(length: timedelta) -> None:
    with pytest.raises(ValueError, match="length: must be"):
        mutual_slots(both(), NOTHING, length)


# -- against a search of every minute -----------------------------------------------------------


class Case(NamedTuple):
    """Two persons, their meetings, and the meeting for which they look for time."""

    one: Person
    other: Person
    rules: Rules
    taken: dict[str, list[Interval]]
    start: int
    days: int
    length: int

    @property
    def range(self) -> Interval:
        start = MONDAY + self.start * MINUTE
        return start, start + self.days * DAY


ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
)
windows = st.lists(
    st.builds(
        WeeklyWindow,
        byday=st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=7, unique=True).map(tuple),
        start=st.times().map(lambda time: f"{time:%H:%M}"),
        duration=st.integers(600, A_DAY).map(lambda minutes: Duration(clock=minutes)),
    ),
    min_size=2,
    max_size=3,
)
# The clocks of several zones change in these days: 2026-10-04, 2026-10-25, 2026-11-01.
starts = st.sampled_from([0, 123 * A_DAY, 144 * A_DAY + 700, 150 * A_DAY + 61])
pieces = st.tuples(st.integers(-A_DAY, 9 * A_DAY), st.integers(1, A_DAY))
meetings = st.lists(st.tuples(st.integers(-3 * A_DAY, 9 * A_DAY), st.integers(5, 240)), max_size=5)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    start = draw(starts)
    origin = MONDAY + start * MINUTE

    def somebody(name: str) -> Person:
        exceptions = tuple(
            TimeException(start=origin + at * MINUTE, end=origin + (at + lasts) * MINUTE, kind=kind)
            for kind in ("away", "extra", "busy")
            for at, lasts in draw(st.lists(pieces, max_size=1))
        )
        return person(name, draw(windows), zone=draw(st.sampled_from(ZONES)), exceptions=exceptions)

    def booked() -> list[Interval]:
        return [
            (origin + at * MINUTE, origin + (at + lasts) * MINUTE) for at, lasts in draw(meetings)
        ]

    return Case(
        somebody("ada"),
        somebody("grace"),
        rules(
            zone=draw(st.sampled_from(ZONES)),
            buffer=draw(st.integers(0, 60)),
            weekly_max=draw(st.sampled_from([1, 2, 3, 9])),
        ),
        {"ada": booked(), "grace": booked()},
        start,
        draw(st.integers(1, 9)),
        draw(st.integers(5, 180)),
    )


def present(who: Person, case: Case) -> Marks:
    """In which minutes of the range somebody has time."""
    grid = Grid(who.zone, *case.range)

    def stated(*kinds: str) -> Marks:
        found = [one for one in who.exceptions if one.kind in kinds]
        return grid.marked((one.start, one.end) for one in found)

    return (grid.opened(who.weekly) | stated("extra")) & ~stated("away", "busy")


def possible(case: Case) -> set[int]:
    """Every minute at which the meeting can start: tried one after the other."""
    start, end = case.range
    free = present(case.one, case) & present(case.other, case)
    taken = [
        (minute_of(a) - minute_of(start), minute_of(b) - minute_of(start))
        for row in case.taken.values()
        for a, b in row
    ]
    buffer, full = case.rules.buffer, full_weeks(case)
    weeks = Grid(case.rules.zone, start, end).weeks
    return {
        at
        for at in range((end - start) // MINUTE - case.length + 1)
        if int(weeks[at]) not in full
        and bool(free[at : at + case.length].all())
        and all(at + case.length + buffer <= a or b + buffer <= at for a, b in taken)
    }


def full_weeks(case: Case) -> set[int]:
    """The calendar weeks in which one of the two has as many meetings as the program allows."""
    full: set[int] = set()
    for row in case.taken.values():
        weeks = [week_of(minute_of(start), case.rules.zone) for start, _ in row]
        full |= {week for week in weeks if weeks.count(week) >= case.rules.weekly_max}
    return full


def offered(found: list[Opening], case: Case) -> set[int]:
    """Every minute at which a meeting could start by what is said to be open."""
    start = case.range[0]
    return {
        at
        for one in found
        for at in range(
            (one.start - start) // MINUTE, (one.end - start) // MINUTE - case.length + 1
        )
    }


@settings(max_examples=100, deadline=None)
@given(case=cases())
def test_openings_are_those_of_a_search_that_tries_every_minute_on_every_clock(case: Case) -> None:
    hours = common_hours(case.one, case.other, case.rules, *case.range)
    found = mutual_slots(hours, case.taken, case.length * MINUTE)
    assert offered(found, case) == possible(case)
    assert [one.start for one in found] == sorted(one.start for one in found)


def outside(opening: Opening, case: Case, zone: str) -> int:
    """Minutes of the first meeting of an opening at which the clock shows less than eight, or eighteen and more."""
    start = minute_of(opening.first)
    clocks = [
        (at + offset_of(at, ZoneInfo(zone))) % A_DAY for at in range(start, start + case.length)
    ]
    return sum(not 8 * 60 <= clock < 18 * 60 for clock in clocks)


@settings(max_examples=60, deadline=None)
@given(case=cases())
def test_the_first_start_is_a_quarter_of_an_hour_and_its_minutes_are_those_on_the_clocks(
    case: Case,
) -> None:
    hours = common_hours(case.one, case.other, case.rules, *case.range)
    for one in mutual_slots(hours, case.taken, case.length * MINUTE):
        latest = one.end - case.length * MINUTE
        quarters = [at for at in range(minute_of(one.start), minute_of(latest) + 1) if at % 15 == 0]
        assert minute_of(one.first) == (quarters or [minute_of(one.start)])[0]
        assert one.outside == tuple(outside(one, case, who.zone) for who in (case.one, case.other))


@settings(max_examples=60, deadline=None)
@given(case=cases())
def test_planning_finds_a_slot_exactly_where_there_is_an_opening(case: Case) -> None:
    hours = common_hours(case.one, case.other, case.rules, *case.range)
    found = mutual_slots(hours, case.taken, case.length * MINUTE)
    planner = Planner(case.rules, hours, case.length * MINUTE, case.taken)
    placed = planner.place(*case.range, case.range[0])
    if isinstance(placed, NoSlot):
        assert found == []
    else:
        assert any(one.start <= placed.start and placed.end <= one.end for one in found)
