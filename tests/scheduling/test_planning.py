"""Slots against a search that looks at every minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduling.availability import common_hours
from services.scheduling.model import Person, Rules
from services.scheduling.planning import NoSlot, Planner, Slot, meeting_type, nearest
from shared.events.people import TimeException
from shared.events.types import Duration
from shared.intervals import Interval

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


FOCUS = [(1, "introduction"), (2, "goal_setting"), (3, "regular"), (4, "regular"), (5, "closing")]


@pytest.mark.parametrize("number,expected", FOCUS)
def test_types_follow_the_number(number: int, expected: str) -> None:
    assert meeting_type(number, 5, ()) == expected
