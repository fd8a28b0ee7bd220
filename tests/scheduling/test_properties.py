"""Whatever people do in whatever order: nobody is booked twice, and the log alone tells the same story."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.scheduling.availability import Hours
from services.scheduling.model import Meeting, Person, Rules
from shared.events import outside
from shared.events.envelope import Event, EventData
from shared.events.scheduling import Met, Missed, Reminded, Scheduled
from shared.events.types import Duration
from shared.intervals import covers
from tests.scheduling.history import (
    PROGRAM,
    START,
    History,
    all_of,
    attended,
    available,
    away,
    concluded,
    opened,
    paired,
)

PERSONS = ("ada", "bea", "grace", "dan")
CYCLES = {"c1": ("ada", "grace"), "c2": ("bea", "grace"), "c3": ("grace", "dan")}
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata")

persons, cycles, small = st.sampled_from(PERSONS), st.sampled_from(list(CYCLES)), st.integers(0, 7)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(1, 24 * 8)),
        st.tuples(st.just("available"), persons, st.sampled_from(ZONES), small, small),
        st.tuples(st.just("pair"), cycles, st.integers(1, 6)),
        st.tuples(st.just("move"), cycles, small, st.integers(-24, 24 * 9)),
        st.tuples(st.just("move_on"), cycles, small),
        st.tuples(st.just("cancel"), cycles, small),
        st.tuples(
            st.just("attend"), cycles, small, st.integers(0, 2), st.sampled_from([50, 20, 5])
        ),
        st.tuples(st.just("attend_late"), cycles, small),
        st.tuples(st.just("agree"), cycles, st.integers(1, 6), st.sampled_from([30, 60, 90])),
        st.tuples(st.just("withdraw"), cycles),
        st.tuples(st.just("conclude"), cycles),
        st.tuples(st.just("leave"), persons, small),
        st.tuples(st.just("again"), small),
        st.tuples(st.just("early_due"), small),
    ),
    min_size=1,
    max_size=30,
)


def act(history: History, step: tuple[Any, ...]) -> list[EventData]:
    """Do one step; what scheduling says."""
    match step:
        case "wait", hours:
            return history.wait(hours=hours)
        case "available", person, zone, start, days:
            absent = away("2026-03-10T00:00", f"2026-03-{10 + days + 1}T00:00")
            window = available(f"{7 + start:02}:00", "PT6H", zone=zone, exceptions=[absent])
            return history.say(person, window)
        case "pair", cycle, planned:
            return history.say(cycle, paired(*CYCLES[cycle], planned_meetings=planned))
        case "withdraw", cycle:
            by = CYCLES[cycle][0]
            return history.say(cycle, outside.Withdrawn(by=by, role="mentee"))
        case "conclude", cycle:
            mentee, mentor = CYCLES[cycle]
            return history.say(cycle, concluded(mentee=mentee, mentor=mentor))
        case "leave", person, days:
            at = history.now + timedelta(days=days)
            return history.say(person, outside.Left(roles=("mentee", "mentor"), effective_at=at))
        case "early_due", nth:
            return ring_twice(history, nth)
        case "again", nth:
            return say_again(history, nth)
        case "agree", cycle, planned, minutes:
            return [
                one for by in CYCLES[cycle] for one in agree(history, cycle, by, planned, minutes)
            ]
    return act_on_meeting(history, step)


def act_on_meeting(history: History, step: tuple[Any, ...]) -> list[EventData]:
    rows = history.meetings(step[1])
    if step[0] == "attend":
        rows = history.standing(step[1])
    if not rows:
        return []
    row = rows[step[2] % len(rows)]
    pair = (row.mentee, row.mentor)
    match step:
        case "move", _, _, hours:
            return history.move(row, row.starts_at + timedelta(hours=hours), by=row.mentee)
        case "move_on", _, _:
            return history.move(row, by=row.mentor)
        case "cancel", _, _:
            return history.cancel(row, by=row.mentee)
        case "attend", _, _, absent, minutes:
            said = history.wait_until(row.ends_at)
            present = [person for side, person in enumerate(pair) if side + 1 != absent]
            return said + attend(history, row, present, minutes)
        case "attend_late", _, _:
            return attend(history, row, pair, 50)
    raise AssertionError(step)


def attend(history: History, row: Meeting, present: Iterable[str], minutes: int) -> list[EventData]:
    until = row.starts_at + timedelta(minutes=minutes)
    said: list[EventData] = []
    for person in present:
        said += history.say(row.cycle, attended(row.meeting, person, row.starts_at, until))
    return said


def agree(history: History, cycle: str, by: str, planned: int, minutes: int) -> list[EventData]:
    terms = outside.Agreed(
        terms="t",
        by=by,
        planned_meetings=planned,
        cadence="FREQ=WEEKLY",
        length=Duration(clock=minutes),
        format="video",
        language="en",
    )
    return history.say(cycle, terms)


def ring_twice(history: History, nth: int) -> list[EventData]:
    """A timer goes off before others that were set for earlier, and once more."""
    if not history.timers:
        return []
    timer = sorted(history.timers.values(), key=lambda each: (each.at, each.about, each.name))[
        nth % len(history.timers)
    ]
    said = history.ring(timer)
    after = dict(history.timers)
    assert history.ring(timer) == []
    history.timers = after
    return said


def say_again(history: History, nth: int) -> list[EventData]:
    """A publisher's retry: the same event once more."""
    entry, _ = history.log[-1 - nth % len(history.log)]
    read = history.fold.read(entry)
    assert isinstance(read, Event)
    return history.fold_event(read)


def run(plan: list[tuple[Any, ...]]) -> tuple[History, list[EventData]]:
    history = History()
    history.say(PROGRAM, opened(weekly_max=2))
    for person in PERSONS:
        history.say(person, available("08:00", "PT10H"))
    said: list[EventData] = []
    for cycle, pair in list(CYCLES.items())[:2]:
        said += history.say(cycle, paired(*pair))
    for step in plan:
        print(step)
        said += act(history, step)
        check_bookings(history)
    return history, said


def all_standing(history: History) -> list[Meeting]:
    rows = history.world.where(Meeting, program=PROGRAM, status="confirmed")
    return [row for row in rows if row.starts_at > history.now]


def check_bookings(history: History) -> None:
    """Nobody has two meetings at once, or without a break between them."""
    buffer = timedelta(minutes=15)
    for person in PERSONS:
        mine = sorted(
            (row.starts_at, row.ends_at)
            for row in all_standing(history)
            if person in (row.mentee, row.mentor)
        )
        assert all(b[0] - a[1] >= buffer for a, b in pairwise(mine)), (person, mine)


def check_hours(history: History) -> None:
    """Once every timer has gone off, what lies outside the notice lies in both persons' hours."""
    rules = history.world.where(Rules, program=PROGRAM)[0]
    for row in all_standing(history):
        if row.starts_at < history.now + timedelta(days=2):
            continue
        for person in (row.mentee, row.mentor):
            hours = Hours(history.row(Person, person), rules, row.starts_at, row.ends_at)
            assert covers(hours.present, row.starts_at, row.ends_at), row


def check_words(said: list[EventData]) -> None:
    """Sequences only rise, verdicts come once, corrections behind what they correct."""
    sequence: dict[str, int] = {}
    for one in all_of(said, Scheduled):
        assert one.sequence == sequence.get(one.meeting, -1) + 1
        sequence[one.meeting] = one.sequence
    met = Counter(one.meeting for one in all_of(said, Met))
    missed = Counter(one.meeting for one in all_of(said, Missed))
    reminded = Counter((one.meeting, one.sequence, str(one.lead)) for one in all_of(said, Reminded))
    assert max([*met.values(), *missed.values(), *reminded.values()], default=1) == 1
    for held in all_of(said, Met):
        assert (held.corrects is not None) == (held.meeting in missed)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plan=steps)
def test_nobody_is_booked_twice_and_words_are_in_order(plan: list[tuple[Any, ...]]) -> None:
    history, said = run(plan)
    said += history.wait(minutes=5)
    check_hours(history)
    check_words(said)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plan=steps)
def test_the_log_alone_gives_the_same_rows(plan: list[tuple[Any, ...]]) -> None:
    history, _ = run(plan)
    assert list(history.rebuilt().rows()) == list(history.world.rows())


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plan=steps)
def test_every_meeting_is_settled_in_the_end(plan: list[tuple[Any, ...]]) -> None:
    history, _ = run(plan)
    history.wait_until(START + timedelta(days=400))
    assert history.timers == {}
    rows = history.world.where(Meeting, program=PROGRAM)
    assert {row.status for row in rows} <= {"met", "missed", "cancelled", "unplanned"}
