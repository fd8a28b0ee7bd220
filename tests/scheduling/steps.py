"""What people may do, in whatever order: steps of a random story of three pairs that share a mentor."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from services.scheduling.evidence import SOURCES
from services.scheduling.model import Meeting, NotHeld
from shared.events import outside
from shared.events.envelope import Event, EventData
from shared.events.types import Duration
from tests.scheduling.history import (
    History,
    attended,
    available,
    away,
    concluded,
    paired,
)

PERSONS = ("ada", "bea", "grace", "dan")
CYCLES = {"c1": ("ada", "grace"), "c2": ("bea", "grace"), "c3": ("grace", "dan")}
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata")

persons, cycles, small = st.sampled_from(PERSONS), st.sampled_from(list(CYCLES)), st.integers(0, 7)
waits = st.tuples(st.just("wait"), st.integers(1, 24 * 8))
attends = st.tuples(
    st.just("attend"), cycles, small, st.integers(0, 2), st.sampled_from([50, 20, 5])
)
attests = st.tuples(
    st.just("attest"),
    cycles,
    small,
    st.booleans(),
    st.sampled_from(SOURCES),
    st.integers(-90, 90),
    st.none() | st.integers(0, 150),
)
steps = st.lists(
    st.one_of(
        waits,
        st.tuples(st.just("available"), persons, st.sampled_from(ZONES), small, small),
        st.tuples(st.just("pair"), cycles, st.integers(1, 6)),
        st.tuples(st.just("move"), cycles, small, st.integers(-24, 24 * 9)),
        st.tuples(st.just("move_on"), cycles, small),
        st.tuples(st.just("cancel"), cycles, small),
        attends,
        attests,
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
testimony = st.lists(attests | attends | waits, min_size=10, max_size=30)
"""Much evidence, and time that passes."""


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
    if step[0] in {"attend", "attest", "attend_late"}:
        rows = [row for row in rows if _is_open(history, row, late=step[0] == "attend_late")][:3]
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
        case "attest", cycle, _, of_mentor, source, late, lasts:
            joined = row.starts_at + timedelta(minutes=late)
            left = None if lasts is None else joined + timedelta(minutes=lasts)
            data = attended(row.meeting, pair[of_mentor], joined, left, source=source)
            return history.wait_until(left or joined) + history.say(cycle, data)
    raise AssertionError(step)


def _is_open(history: History, row: Meeting, *, late: bool) -> bool:
    """Whether evidence may still count: of one that stands or, when late, of one that is over already."""
    if row.status == "missed":
        return isinstance(row.state, NotHeld) and not row.state.final
    return row.status == "confirmed" and (row.ends_at <= history.now or not late)


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
