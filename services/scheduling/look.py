"""Looking at persons' time without changing anything: what is free, as the planner would see it.

Pure, over a world: of a store's rows for the API, of the log for the command. Every row counts as it stands, held by
a parked event or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.scheduling.availability import CommonHours, Hours, common_hours
from services.scheduling.calendar import days_interval, down_to_minute, up_to_minute
from services.scheduling.model import Booking, Cycle, Meeting, Person, Rules, Running
from services.scheduling.planning import NoSlot, Planner
from services.scheduling.slots import Opening, mutual_slots
from shared.intervals import Interval, clip, merge, subtract
from shared.world import World

USUAL_LENGTH = timedelta(hours=1)
"""Of a meeting of two who have agreed on none."""
TOO_SHORT = "time_asked"
"""Stands in the way where the time that is asked about is shorter than the meeting."""


@dataclass(frozen=True)
class Mutual:
    """What two persons have free together.

    Attributes:
        one, other: the two.
        cycle: the running cycle that they have together, whose rules and length of a meeting count.
        rules: what binds a meeting of theirs.
        length: of the meeting that is to fit.
        hours: the time of both, within what was asked and the program's days.
        taken: when each has meetings, by person.
        openings: where a meeting fits, in order of time.
        constraint: the first rule that leaves no room; None where there is some.
    """

    one: Person
    other: Person
    cycle: Cycle | None
    rules: Rules
    length: timedelta
    hours: CommonHours
    taken: Mapping[str, Sequence[Interval]]
    openings: Sequence[Opening]
    constraint: str | None


@dataclass(frozen=True)
class Own:
    """A person's own time.

    Attributes:
        hours: by layers: stated, on working days, present.
        taken: when there are meetings, within the same time.
        free: present, and no meeting.
    """

    hours: Hours
    taken: Sequence[Interval]
    free: Sequence[Interval]


def rules_in_force(world: World, program: str, now: datetime) -> Rules | None:
    """The version of a program's rules that came into effect last; before any did, the one that does first."""
    rows = world.where(Rules, parked="use", program=program)
    versions = {
        row.version: row for row in reversed(rows)
    }  # of one version the first that was said
    known = sorted(versions.values(), key=lambda row: (row.effective_at, row.version))
    past = [row for row in known if row.effective_at <= now]
    return past[-1] if past else next(iter(known), None)


def rules_of_cycle(world: World, cycle: Cycle) -> Rules | None:
    """The rules that bind a cycle."""
    rows = world.where(Rules, parked="use", program=cycle.program, version=cycle.rules)
    return rows[0] if rows else None


def pair_of(world: World, program: str, one: str, other: str) -> Cycle | None:
    """The running cycle of two persons, whoever is the mentor; of several the first by id."""
    found = [
        row
        for mentee, mentor in ((one, other), (other, one))
        for row in world.where(
            Cycle, parked="use", program=program, mentor=mentor, status="running"
        )
        if row.mentee == mentee
    ]
    return min(found, key=lambda row: row.cycle, default=None)


def person_of(world: World, program: str, person: str) -> Person:
    """A person's row; one who has stated nothing has no time."""
    return world.peek(Person, (program, person)) or Person(program, person)


def own_time(person: Person, rules: Rules, taken: Sequence[Interval], time: Interval) -> Own:
    """A person's hours within a time, beside these meetings, which are given in order."""
    hours = Hours(person, rules, *time)
    meetings = clip(taken, *time)
    return Own(hours, meetings, subtract(hours.present, merge(meetings)))


def bookings_of(
    world: World, program: str, person: str, without: Meeting | None = None
) -> list[Interval]:
    """When a person's meetings are, in order; one may be left out."""
    rows = world.where(Booking, parked="use", program=program, person=person)
    left_out = (without.cycle, without.meeting) if without else None
    return sorted(
        (row.starts_at, row.ends_at) for row in rows if (row.cycle, row.meeting) != left_out
    )


def mutual(
    world: World,
    cycle: Cycle | None,
    rules: Rules,
    pair: tuple[str, str],
    time: Interval,
    length: timedelta | None = None,
    moving: Meeting | None = None,
) -> Mutual:
    """What two persons have free together within a time.

    Args:
        world: the rows.
        cycle: the running cycle that they have together.
        rules: what binds a meeting of theirs.
        pair: the two.
        time: only within its whole minutes, and within the program's days.
        length: of a meeting; unless given, of the one that is to be moved, of the cycle's, or an hour.
        moving: a meeting that is to go there: its own time is free.
    """
    one, other = (person_of(world, rules.program, each) for each in pair)
    wanted = length or (moving.length if moving else _agreed(cycle))
    # A meeting can be moved to whole minutes only, and the time often begins now.
    time = up_to_minute(time[0]), down_to_minute(time[1])
    start, end = _within(rules, time)
    hours = common_hours(one, other, rules, start, end)
    taken = {each: bookings_of(world, rules.program, each, moving) for each in pair}
    openings = mutual_slots(hours, taken, wanted)
    constraint = None if openings else _constraint(hours, taken, time, wanted)
    return Mutual(one, other, cycle, rules, wanted, hours, taken, openings, constraint)


def _agreed(cycle: Cycle | None) -> timedelta:
    if cycle is None or not isinstance(cycle.state, Running):
        return USUAL_LENGTH
    return timedelta(minutes=cycle.state.terms.length)


def _within(rules: Rules, time: Interval) -> Interval:
    """The part of a time that lies within the program's days; empty where there is none."""
    opens, closes = days_interval(rules.starts_on, rules.ends_on, rules.zone)
    start = min(max(time[0], opens), time[1])
    return start, max(start, min(time[1], closes))


def _constraint(
    hours: CommonHours,
    taken: Mapping[str, Sequence[Interval]],
    asked: Interval,
    length: timedelta,
) -> str:
    """The first rule that leaves no room."""
    start, end = hours.one.start, hours.one.end
    if asked[1] - asked[0] < length:
        return TOO_SHORT
    if end - start < length:
        return "program_days"
    found = Planner(hours.one.rules, hours, length, taken).place(start, end, start)
    return found.constraint if isinstance(found, NoSlot) else "no_common_time"
