"""What two have free together, against a search that tries every minute on both clocks."""

from __future__ import annotations

from typing import NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduling.availability import common_hours
from services.scheduling.model import Person, Rules
from services.scheduling.planning import NoSlot, Planner
from services.scheduling.slots import Opening, mutual_slots
from shared.events.duration import Duration
from shared.events.people import TimeException, WeeklyWindow
from shared.intervals import DAY, MINUTE, WEEKDAYS, Interval
from tests.scheduling.clocks import A_DAY, Grid, Marks, minute_of, offset_of, week_of
from tests.scheduling.hours import person, rules, utc

MONDAY = utc("2026-06-01")


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
