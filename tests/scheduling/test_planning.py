"""Slots against searches that look at every minute, or at every quarter of an hour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduling.availability import CommonHours, common_hours
from services.scheduling.model import Person, Rules
from services.scheduling.planning import NoSlot, Planner, Slot, nearest, neat
from shared.events.people import TimeException
from shared.frozen import replace
from shared.intervals import MINUTE, Interval
from tests.scheduling.hours import exception, person, rules, utc, window

ORIGIN = datetime(2026, 3, 2, tzinfo=UTC)
"""Midnight of a Monday."""
QUARTER = 15
WEEKDAYS = "MO TU WE TH FR SA SU"


def at(minute: int) -> datetime:
    return ORIGIN + minute * MINUTE


def open_at(name: str, pieces: Sequence[tuple[int, int]], zone: str = "UTC") -> Person:
    """Somebody free from these minutes on, for so many."""
    extra = [
        TimeException(start=at(start), end=at(start + length), kind="extra")
        for start, length in pieces
    ]
    return person(name, zone=zone, exceptions=tuple(extra))


def always_open(bound: Rules, until: int) -> CommonHours:
    free = [(0, until)]
    return common_hours(open_at("ada", free), open_at("grace", free), bound, at(0), at(until))


def interval(start: int, length: int) -> Interval:
    return at(start), at(start + length)


# -- room ---------------------------------------------------------------------------------------

pieces = st.lists(st.tuples(st.integers(0, 300), st.integers(1, 120)), max_size=4)
taken = st.lists(st.tuples(st.integers(0, 300), st.integers(1, 40)), max_size=3)


@given(
    ada=pieces, grace=pieces, meetings=taken, length=st.integers(5, 60), wish=st.integers(0, 400)
)
def test_a_slot_is_found_exactly_when_a_search_of_every_minute_finds_one(
    ada: list[tuple[int, int]],
    grace: list[tuple[int, int]],
    meetings: list[tuple[int, int]],
    length: int,
    wish: int,
) -> None:
    bound = rules(weekly_max=99)
    hours = common_hours(open_at("ada", ada), open_at("grace", grace), bound, at(0), at(400))
    booked = {"ada": [interval(*each) for each in meetings], "grace": []}
    found = Planner(bound, hours, length * MINUTE, booked).place(at(0), at(400), at(wish))

    def is_free(start: int) -> bool:
        mine = set(range(start, start + length))
        near = set(range(start - bound.buffer, start + length + bound.buffer))
        free = [
            {minute for begin, lasts in one for minute in range(begin, begin + lasts)}
            for one in (ada, grace)
        ]
        busy = {minute for begin, lasts in meetings for minute in range(begin, begin + lasts)}
        return mine <= free[0] & free[1] & set(range(400)) and not near & busy

    possible = [start for start in range(400) if is_free(start)]
    if isinstance(found, NoSlot):
        assert possible == []
    else:
        start = (found.start - ORIGIN) // MINUTE
        assert start in possible
        assert found.end - found.start == length * MINUTE
        # All of it lies before 08:00. A quarter of an hour is preferred to the very nearest minute.
        assert found.outside == (length, length)
        best = min(abs(each - wish) for each in possible)
        assert abs(start - wish) <= best + QUARTER


@given(meetings=st.lists(st.integers(0, 200), min_size=2, max_size=6), length=st.integers(5, 50))
def test_what_is_placed_together_never_overlaps_and_keeps_the_buffer(
    meetings: list[int], length: int
) -> None:
    print(f"wishes {meetings}, length {length}")
    bound = rules(weekly_max=99)
    hours = always_open(bound, 400)
    planner = Planner(bound, hours, length * MINUTE, {"ada": [], "grace": []})
    found = [planner.place(at(0), at(400), at(wish)) for wish in meetings]
    slots = sorted((one.start, one.end) for one in found if isinstance(one, Slot))
    assert all(b[0] - a[1] >= bound.buffer * MINUTE for a, b in pairwise(slots))


NEAREST = [
    ("09:00", "11:00", "10:00", "10:00"),
    ("09:00", "11:00", "08:00", "09:00"),
    ("09:00", "11:00", "15:00", "11:00"),
    ("09:00", "11:00", "10:07", "10:00"),
    ("09:00", "11:00", "10:08", "10:15"),
    ("09:05", "11:00", "08:00", "09:15"),
    ("09:05", "09:05", "08:00", "09:05"),
    ("09:05", "09:10", "10:00", "09:05"),
    ("09:05", "11:10", "15:00", "11:00"),
]


@pytest.mark.parametrize("first,last,wish,expected", NEAREST)
def test_a_meeting_starts_on_a_quarter_of_an_hour_where_the_room_allows_it(
    first: str, last: str, wish: str, expected: str
) -> None:
    def clock(text: str) -> datetime:
        return utc(f"2026-03-02T{text}")

    starts = (clock(first), clock(last))
    assert nearest([starts], clock(wish)) == clock(expected)
    assert clock(expected) in set(neat(*starts))


def test_of_two_slots_equally_near_the_earlier_is_taken() -> None:
    starts = [(at(0), at(0)), (at(120), at(120))]
    assert nearest(starts, at(60)) == at(0)


# -- the weekly limit -----------------------------------------------------------------------------


def test_a_full_week_leaves_no_room_though_the_hours_are_free() -> None:
    bound = rules(weekly_max=3)
    booked = {"ada": [], "grace": [interval(n * 1440, 30) for n in (1, 2, 3)]}
    planner = Planner(bound, always_open(bound, 400), 30 * MINUTE, booked)
    assert planner.place(at(0), at(400), at(0)) == NoSlot("weekly_max", at(400))


def test_meetings_outside_the_hours_count_as_far_as_their_week_and_the_break_reach() -> None:
    """The hours are those of one Wednesday, and of an hour from the first instant of a week on."""
    bound = rules(weekly_max=1, buffer=60)
    days = {day: at(day * 24 * 60) for day in range(-8, 8)}
    wednesday = common_hours(
        open_at("ada", [(2880, 600)]), open_at("grace", [(2880, 600)]), bound, days[2], days[3]
    )
    early = common_hours(
        open_at("ada", [(0, 60)]), open_at("grace", [(0, 60)]), bound, at(0), at(60)
    )

    def room(hours: CommonHours, taken: datetime) -> str | None:
        booked = {"ada": [(taken, taken + 30 * MINUTE)], "grace": []}
        start, end = hours.one.start, hours.one.end
        found = Planner(bound, hours, 45 * MINUTE, booked).place(start, end, start)
        return found.constraint if isinstance(found, NoSlot) else None

    assert room(wednesday, days[0]) == room(wednesday, days[7] - 30 * MINUTE) == "weekly_max"
    assert room(wednesday, days[-1]) is room(wednesday, days[7]) is None
    assert room(early, days[0] - 40 * MINUTE) == "buffer"
    assert room(early, days[0] - 90 * MINUTE) is None


def test_a_meeting_counts_in_the_week_in_which_it_starts() -> None:
    """It may reach from Sunday evening into a Monday whose week is full."""
    week = 7 * 1440
    bound = rules(weekly_max=1)
    for day, expected in ((8, week - 30), (3, week)):
        booked = {"ada": [interval(day * 1440, 30)], "grace": []}
        planner = Planner(bound, always_open(bound, 2 * week), 60 * MINUTE, booked)
        assert planner.starts(at(week - 30), at(2 * week))[0][0] == at(expected)


@settings(max_examples=60)
@given(
    booked=st.lists(st.integers(0, 4 * 7 * 24), max_size=8),
    most=st.integers(1, 3),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Auckland", "America/Los_Angeles"]),
)
def test_starts_are_those_of_weeks_that_have_room_on_the_programs_clock(
    booked: list[int], most: int, zone: str
) -> None:
    """The four weeks lie on both sides of a change of the clock in Berlin and in Auckland."""
    origin = datetime(2026, 3, 16, tzinfo=UTC)
    end = origin + timedelta(days=28)
    everybody = [person(each, [window(WEEKDAYS, "00:00", "PT24H")]) for each in ("ada", "grace")]
    bound = rules(weekly_max=most, buffer=0, zone=zone)
    hours = common_hours(everybody[0], everybody[1], bound, origin, end)
    meetings = [origin + hour * timedelta(hours=1) for hour in booked]
    commitments = {"ada": [(one, one + MINUTE) for one in meetings], "grace": []}
    found = Planner(bound, hours, MINUTE, commitments).starts(origin, end)

    def week(instant: datetime) -> tuple[int, int]:
        return instant.astimezone(ZoneInfo(zone)).isocalendar()[:2]

    for n in range(28 * 24):
        start = origin + timedelta(hours=n)
        open_week = sum(week(one) == week(start) for one in meetings) < most
        expected = open_week and start not in meetings
        assert any(first <= start <= last for first, last in found) == expected, start


# -- fair hours -----------------------------------------------------------------------------------

quarters = st.lists(st.tuples(st.integers(0, 4 * 96), st.integers(1, 40)), min_size=1, max_size=6)


def outside_by_the_clock(start: datetime, length: int, zone: str) -> int:
    clock = ZoneInfo(zone)
    hours = [(start + n * MINUTE).astimezone(clock).hour for n in range(0, length, QUARTER)]
    return QUARTER * sum(not 8 <= hour < 18 for hour in hours)


def fairest(
    possible: Sequence[datetime],
    length: int,
    zones: tuple[str, str],
    borne: tuple[int, int],
    wish: datetime,
) -> datetime | None:
    """Look at every quarter: nobody outside, nearest; else the larger total, the sum, nearest; else the earlier."""

    def cost(start: datetime) -> tuple[object, ...]:
        a, b = (outside_by_the_clock(start, length, zone) for zone in zones)
        totals = (borne[0] + a, borne[1] + b)
        unfair = (max(totals), sum(totals)) if a or b else (-1, -1)
        return *unfair, abs(start - wish), start

    return min(possible, key=cost, default=None)


@settings(max_examples=150, deadline=None)
@given(
    ada=quarters,
    grace=quarters,
    busy=quarters,
    zones=st.tuples(*[st.sampled_from(sorted(available_timezones() - {"localtime"}))] * 2),
    length=st.sampled_from([30, 45, 60, 90]),
    wishes=st.lists(st.integers(0, 4 * 96), min_size=1, max_size=4),
    borne=st.tuples(st.integers(0, 200), st.integers(0, 200)),
)
def test_the_fairest_slot_is_the_one_that_a_search_of_every_quarter_finds(
    ada: list[tuple[int, int]],
    grace: list[tuple[int, int]],
    busy: list[tuple[int, int]],
    zones: tuple[str, str],
    length: int,
    wishes: list[int],
    borne: tuple[int, int],
) -> None:
    bound = rules(weekly_max=99, buffer=15)
    sizes = [[(QUARTER * a, QUARTER * b) for a, b in one] for one in (ada, grace, busy)]
    end = at(5 * 1440)
    people = open_at("ada", sizes[0], zones[0]), open_at("grace", sizes[1], zones[1])
    hours = common_hours(*people, bound, at(0), end)
    booked = {"ada": [interval(*each) for each in sizes[2]], "grace": []}
    planner = Planner(bound, hours, length * MINUTE, booked, borne)
    free = set.intersection(
        *({a + n for a, b in one for n in range(0, b, QUARTER)} for one in sizes[:2])
    )
    free -= {n for a, b in sizes[2] for n in range(a - QUARTER, a + b + QUARTER, QUARTER)}
    for wish in wishes:
        possible = [
            at(n)
            for n in free
            if all(n + more in free for more in range(0, length, QUARTER)) and at(n + length) <= end
        ]
        found = planner.place(at(0), end, at(QUARTER * wish))
        expected = fairest(possible, length, zones, borne, at(QUARTER * wish))
        if expected is None:
            assert isinstance(found, NoSlot)
            continue
        assert isinstance(found, Slot)
        assert found.start == expected
        asked = tuple(outside_by_the_clock(expected, length, zone) for zone in zones)
        assert found.outside == asked
        borne = (borne[0] + asked[0], borne[1] + asked[1])
        start = (expected - ORIGIN) // MINUTE
        free -= set(range(start - QUARTER, start + length + QUARTER, QUARTER))


def far_apart() -> CommonHours:
    """Twelve hours, in March: there is none that is fair to both."""
    all_week = [window(WEEKDAYS, "00:00", "PT24H")]
    north = person("ada", all_week, zone="Europe/Berlin")
    south = person("grace", all_week, zone="Pacific/Auckland")
    return common_hours(north, south, rules(), at(0), at(25 * 1440))


def test_two_who_live_far_apart_take_turns_in_giving_up_their_evening() -> None:
    bound = rules(weekly_max=9)
    planner = Planner(bound, far_apart(), 60 * MINUTE, {"ada": [], "grace": []})
    slots = [planner.place(at(n * 1440), at((n + 2) * 1440), at(n * 1440)) for n in range(0, 20, 2)]
    asked = [one.outside for one in slots if isinstance(one, Slot)]
    assert len(asked) == len(slots)
    mentee, mentor = (sum(one[side] for one in asked) for side in (0, 1))
    assert mentee == mentor == 60 * len(slots) / 2


def test_who_has_borne_more_is_spared() -> None:
    bound = rules(weekly_max=9)
    for borne, spared in (((300, 0), 0), ((0, 300), 1)):
        planner = Planner(bound, far_apart(), 60 * MINUTE, {"ada": [], "grace": []}, borne)
        found = planner.place(at(0), at(3 * 1440), at(0))
        assert isinstance(found, Slot)
        assert found.outside[spared] == 0


def test_a_fair_slot_far_from_the_target_is_taken_before_an_unfair_one_at_it() -> None:
    bound = rules()
    hours = common_hours(
        open_at("ada", [(0, 7 * 1440)]),
        open_at("grace", [(0, 120), (2040, 60)]),
        bound,
        at(0),
        at(4000),
    )
    found = Planner(bound, hours, 60 * MINUTE, {"ada": [], "grace": []}).place(
        at(0), at(4000), at(0)
    )
    assert found == Slot(at(2040), at(2100), (0, 0))


# -- constraints ----------------------------------------------------------------------------------

TUESDAY = (utc("2026-03-03T00:00"), utc("2026-03-04T00:00"))
OFFICE = [window("TU", "09:00", "PT2H")]
AT_NINE = (utc("2026-03-03T09:00"), utc("2026-03-03T10:00"))
AT_TEN = (utc("2026-03-03T10:00"), utc("2026-03-03T11:00"))
JUST_BEFORE = (utc("2026-03-03T08:00"), utc("2026-03-03T08:55"))
JUST_BEHIND = (utc("2026-03-03T11:05"), utc("2026-03-03T12:00"))
WEDNESDAY = (utc("2026-03-04T09:00"), utc("2026-03-04T10:00"))

ALONE = [
    ("no_availability", {"stated": False, "weekly": ()}, {}, []),
    ("no_common_time", {"weekly": (window("TU", "11:00", "PT2H"),)}, {}, []),
    ("holidays", {"region": "BG"}, {}, []),
    ("holidays", {}, {"holidays": ("BG",)}, []),
    ("absence", {"exceptions": (exception("2026-03-03T09:30", "2026-03-03T10:30", "away"),)}, {}, []),
    ("absence", {"exceptions": (exception("2026-03-03T09:30", "2026-03-03T10:30", "busy"),)}, {}, []),
    ("other_meetings", {}, {"buffer": 0}, [AT_NINE, AT_TEN]),
    ("buffer", {}, {}, [AT_NINE]),
    ("buffer", {}, {"buffer": 60}, [JUST_BEFORE, JUST_BEHIND]),
    ("weekly_max", {}, {"weekly_max": 1}, [WEDNESDAY]),
]  # fmt: skip


@pytest.mark.parametrize("constraint,mentor,bound,booked", ALONE)
def test_the_constraint_that_alone_leaves_no_room_is_named(
    constraint: str, mentor: dict[str, Any], bound: dict[str, Any], booked: list[Interval]
) -> None:
    """3 March is Liberation Day in Bulgaria."""
    ada, grace = person("ada", OFFICE), person("grace", OFFICE)
    other = replace(grace, **mentor)
    for one, given_rules, meetings, expected in (
        (other, rules(**bound), booked, constraint),
        (grace, rules(), [], None),
    ):
        hours = common_hours(ada, one, given_rules, *TUESDAY)
        planner = Planner(given_rules, hours, 60 * MINUTE, {"ada": [], "grace": meetings})
        found = planner.place(*TUESDAY, TUESDAY[0])
        assert getattr(found, "constraint", None) == expected


def test_of_several_constraints_the_first_that_leaves_no_room_is_named() -> None:
    """The meeting at nine leaves ten to eleven, which the buffer takes; the week is full as well."""
    bound = rules(weekly_max=1)
    hours = common_hours(person("ada", OFFICE), person("grace", OFFICE), bound, *TUESDAY)
    planner = Planner(bound, hours, 60 * MINUTE, {"ada": [AT_NINE], "grace": []})
    assert planner.place(*TUESDAY, TUESDAY[0]) == NoSlot("buffer", TUESDAY[1])


def test_what_a_plan_has_placed_itself_stands_in_the_way_of_what_follows() -> None:
    for buffer, constraint in ((0, "other_meetings"), (10, "buffer")):
        bound = rules(buffer=buffer, weekly_max=9)
        hours = common_hours(person("ada", OFFICE), person("grace", OFFICE), bound, *TUESDAY)
        planner = Planner(bound, hours, 60 * MINUTE, {"ada": [], "grace": []})
        placed = [planner.place(*TUESDAY, TUESDAY[0]) for _ in range(3)]
        assert placed[-1] == NoSlot(constraint, TUESDAY[1])
