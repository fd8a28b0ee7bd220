"""Slots against a search that looks at every minute; calendar craft against hand-written tables."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduling.availability import CommonHours, Hours, common_hours
from services.scheduling.calendar import (
    calendar_week,
    down_to_quarter,
    periods,
    public_holidays,
    up_to_quarter,
)
from services.scheduling.model import Person, Rules
from services.scheduling.planning import NoSlot, Planner, Slot, meeting_type, nearest
from shared.events.people import TimeException, WeeklyWindow
from shared.events.types import Duration
from shared.intervals import Interval, covers, merge

MINUTE = timedelta(minutes=1)
ORIGIN = datetime(2026, 3, 2, tzinfo=UTC)
"""Midnight of a Monday."""


def rules(**more: int) -> Rules:
    given = {"overlap_min": 15, "buffer": 10, "weekly_max": 3, **more}
    return Rules(
        program="acme",
        version="r1",
        place=0,
        event="e",
        zone="UTC",
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        holidays=(),
        evidence="one",
        dispute=Duration(2),
        notice=Duration(1),
        reminders=(),
        **given,
    )


def at(minute: int) -> datetime:
    return ORIGIN + minute * MINUTE


def person(name: str, open_at: list[tuple[int, int]]) -> Person:
    """Somebody free in these minutes of the first day."""
    extra = [
        TimeException(start=at(start), end=at(start + length), kind="extra")
        for start, length in open_at
    ]
    return Person("acme", name, stated=True, exceptions=tuple(extra))


def interval(start: int, length: int) -> Interval:
    return at(start), at(start + length)


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
    hours = common_hours(person("ada", ada), person("grace", grace), rules(), at(0), at(400))
    booked = {"ada": [interval(*each) for each in meetings], "grace": []}
    bound = rules(weekly_max=99)
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
        # A quarter of an hour is preferred to the very nearest minute.
        best = min(abs(each - wish) for each in possible)
        assert abs(start - wish) <= best + 15


@given(meetings=st.lists(st.integers(0, 200), min_size=2, max_size=6), length=st.integers(5, 50))
def test_what_is_placed_together_never_overlaps_and_keeps_the_buffer(
    meetings: list[int], length: int
) -> None:
    print(f"wishes {meetings}, length {length}")
    free = [(0, 400)]
    bound = rules(weekly_max=99)
    hours = common_hours(person("ada", free), person("grace", free), bound, at(0), at(400))
    planner = Planner(bound, hours, length * MINUTE, {"ada": [], "grace": []})
    found = [planner.place(at(0), at(400), at(wish)) for wish in meetings]
    slots = sorted((one.start, one.end) for one in found if isinstance(one, Slot))
    assert all(b[0] - a[1] >= bound.buffer * MINUTE for a, b in pairwise(slots))


def test_a_full_week_leaves_no_room_though_the_hours_are_free() -> None:
    free = [(0, 400)]
    hours = common_hours(person("ada", free), person("grace", free), rules(), at(0), at(400))
    booked = {"ada": [], "grace": [interval(n * 1440, 30) for n in (1, 2, 3)]}
    found = Planner(rules(weekly_max=3), hours, 30 * MINUTE, booked).place(at(0), at(400), at(0))
    assert found == NoSlot("weekly_max", at(400))


NEAREST = [
    ("09:00", "12:00", 60, "10:00", "10:00"),
    ("09:00", "12:00", 60, "08:00", "09:00"),
    ("09:00", "12:00", 60, "15:00", "11:00"),
    ("09:05", "12:00", 60, "08:00", "09:15"),
    ("09:05", "10:05", 60, "08:00", "09:05"),
    ("09:05", "12:10", 60, "15:00", "11:00"),
]


@pytest.mark.parametrize("start,end,length,wish,expected", NEAREST)
def test_a_meeting_starts_on_a_quarter_of_an_hour_where_the_room_allows_it(
    start: str, end: str, length: int, wish: str, expected: str
) -> None:
    def clock(text: str) -> datetime:
        return datetime.fromisoformat(f"2026-03-02T{text}:00+00:00")

    room = [(clock(start), clock(end))]
    assert nearest(room, length * MINUTE, clock(wish)) == clock(expected)


def test_of_two_slots_equally_near_the_earlier_is_taken() -> None:
    room = [interval(0, 60), interval(120, 60)]
    assert nearest(room, 60 * MINUTE, at(60)) == at(0)


CADENCES = [
    ("FREQ=WEEKLY", ["03-02", "03-09", "03-16"]),
    ("FREQ=WEEKLY;INTERVAL=2", ["03-02", "03-16", "03-30"]),
    ("FREQ=WEEKLY;BYDAY=WE", ["03-04", "03-11", "03-18"]),
    ("FREQ=DAILY;INTERVAL=10", ["03-02", "03-12", "03-22"]),
    ("FREQ=MONTHLY", ["03-02", "04-02", "05-02"]),
    ("FREQ=MONTHLY;BYDAY=1MO", ["03-02", "04-06", "05-04"]),
    ("FREQ=MONTHLY;BYMONTHDAY=-1", ["03-31", "04-30", "05-31"]),
]


@pytest.mark.parametrize("cadence,days", CADENCES)
def test_a_cadence_divides_the_time_into_periods(cadence: str, days: list[str]) -> None:
    found = periods(cadence, at(600), 3, "UTC", at(0) + timedelta(days=365))
    assert [f"{start:%m-%d}" for start, _ in found] == days
    assert all(a[1] == b[0] for a, b in pairwise(found))


def test_periods_begin_at_local_midnight_on_both_sides_of_summer_time() -> None:
    found = periods("FREQ=WEEKLY", datetime(2026, 3, 24, tzinfo=UTC), 2, "Europe/Berlin", at(60000))
    assert [f"{start:%m-%dT%H:%M}" for start, _ in found] == ["03-23T23:00", "03-30T22:00"]


def test_no_period_begins_after_the_end() -> None:
    assert len(periods("FREQ=WEEKLY", at(0), 9, "UTC", at(0) + timedelta(days=15))) == 3


@given(minute=st.integers(0, 10_000), micro=st.integers(0, 59_999_999))
def test_quarters_bracket_every_instant(minute: int, micro: int) -> None:
    instant = at(minute) + timedelta(microseconds=micro)
    down, up = down_to_quarter(instant), up_to_quarter(instant)
    assert down <= instant <= up
    assert up - down in {timedelta(0), timedelta(minutes=15)}
    assert down.minute % 15 == up.minute % 15 == 0


def test_a_calendar_week_begins_on_the_local_monday() -> None:
    late_sunday = datetime(2026, 3, 8, 23, 30, tzinfo=UTC)
    assert calendar_week(late_sunday, "UTC") == date(2026, 3, 2)
    assert calendar_week(late_sunday, "Europe/Berlin") == date(2026, 3, 9)


HOLIDAYS = [
    ("DE", date(2026, 10, 3), True),
    ("DE", date(2026, 6, 4), False),
    ("DE-BY", date(2026, 6, 4), True),
    ("JP", date(2026, 1, 1), True),
    ("ZZ", date(2026, 1, 1), False),
    ("DE-ZZ", date(2026, 10, 3), True),
]


@pytest.mark.parametrize("region,day,closed", HOLIDAYS)
def test_public_holidays_are_those_of_country_and_subdivision(
    region: str, day: date, closed: bool
) -> None:
    found = public_holidays([region], date(2025, 12, 1), date(2027, 1, 31))
    assert (day in found) == closed


FOCUS = [(1, "introduction"), (2, "goal_setting"), (3, "regular"), (4, "regular"), (5, "closing")]


@pytest.mark.parametrize("number,expected", FOCUS)
def test_types_follow_the_number(number: int, expected: str) -> None:
    assert meeting_type(number, 5, ()) == expected


def hours_of(*exceptions: TimeException, region: str | None = None) -> Hours:
    window = WeeklyWindow.model_validate({"byday": ["FR"], "start": "09:00", "duration": "PT8H"})
    somebody = Person("acme", "ada", True, "UTC", region, (window,), exceptions)
    start = datetime(2026, 4, 27, tzinfo=UTC)
    return Hours(somebody, rules(), start, start + timedelta(days=14))


def test_layers_of_time_take_away_holidays_and_then_absences() -> None:
    busy = TimeException(
        start=datetime(2026, 5, 8, 9, tzinfo=UTC),
        end=datetime(2026, 5, 8, 12, tzinfo=UTC),
        kind="busy",
    )
    hours = hours_of(busy, region="DE")
    assert [f"{start:%m-%d %H}" for start, _ in hours.stated] == ["05-01 09", "05-08 09"]
    assert [f"{start:%m-%d %H}" for start, _ in hours.working] == ["05-08 09"]
    assert [f"{start:%m-%d %H}" for start, _ in hours.present] == ["05-08 12"]


def test_time_added_on_a_holiday_stays_and_absence_wins_over_it() -> None:
    def on_holiday(start: int, end: int, kind: str) -> TimeException:
        day = datetime(2026, 5, 1, tzinfo=UTC)
        return TimeException.model_validate(
            {"start": day.replace(hour=start), "end": day.replace(hour=end), "kind": kind}
        )

    hours = hours_of(on_holiday(10, 14, "extra"), on_holiday(12, 13, "away"), region="DE")
    first_day = [f"{a:%H}-{b:%H}" for a, b in hours.present if a.day == 1]
    assert first_day == ["10-12", "13-14"]


@given(ada=pieces, grace=pieces)
def test_common_time_lies_within_both_persons_time(
    ada: list[tuple[int, int]], grace: list[tuple[int, int]]
) -> None:
    both: CommonHours = common_hours(
        person("ada", ada), person("grace", grace), rules(), at(0), at(500)
    )
    for start, end in both.present:
        for one in (ada, grace):
            assert covers(merge(interval(*each) for each in one), start, end)
