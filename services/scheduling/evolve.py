"""What scheduling makes of each fact: the rows that change. Total: what does not fit changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from services.scheduling import meetings
from services.scheduling.desk import opening
from services.scheduling.find import (
    ahead,
    cycle_of,
    meeting_of,
    meetings_of,
    person_of,
    rules_of,
    running_of,
)
from services.scheduling.gaps import awaited, looked_at
from services.scheduling.model import (
    Cycle,
    Ended,
    Leaving,
    Person,
    Rules,
    Running,
    Statement,
    Terms,
)
from services.scheduling.rounds import look_through
from services.scheduling.timers import LEAVE, REPLAN, ROUND
from shared.cases import case
from shared.events import feedback, matching, outside, scheduling, system
from shared.events.envelope import Event, EventData
from shared.events.types import Side
from shared.frozen import replace
from shared.world import Change, Gone, World

# -- program and persons ------------------------------------------------------------------------


def opened(world: World, event: Event, data: outside.Opened) -> list[Change]:
    """A version of the rules is stated."""
    known = world.where(Rules, program=event.program, version=data.rules)
    rules = Rules(
        program=event.program,
        version=data.rules,
        place=known[-1].place + 1 if known else 0,
        event=event.id,
        zone=data.zone,
        starts_on=data.starts_on,
        ends_on=data.ends_on,
        holidays=data.holidays,
        evidence=data.evidence,
        overlap_min=data.overlap_min.minutes,
        dispute=data.dispute,
        notice=data.notice,
        buffer=data.buffer.minutes,
        weekly_max=data.weekly_max,
        reminders=data.reminders,
        effective_at=data.effective_at,
    )
    return [rules]


def rejected(world: World, event: Event, data: system.Rejected) -> list[Change]:
    """Matching refuses rules that were folded here too: they never held."""
    if event.key != event.program:
        return []
    wrong = world.where(Rules, program=event.program, event=data.event)
    return [Gone(Rules, row.key()) for row in wrong]


def available(world: World, event: Event, data: outside.Available) -> list[Change]:
    """A person's time is another; the plans that it touches are looked at again."""
    before = person_of(world, event.program, event.key)
    person = replace(
        before,
        stated=True,
        zone=data.zone,
        region=data.region,
        weekly=data.weekly,
        exceptions=data.exceptions,
    )
    return look_through(world, person) if person != before else []


def left(world: World, event: Event, data: outside.Left) -> list[Change]:
    """A person gives roles up, at once or at an instant ahead."""
    person = person_of(world, event.program, event.key)
    if data.effective_at <= world.now:
        return look_through(world, replace(person, left=_union(person.left, data.roles)))
    announced = {one.side: one for one in person.leaving}
    announced |= {side: Leaving(side, data.effective_at) for side in data.roles}
    return [replace(person, leaving=tuple(one for _, one in sorted(announced.items())))]


def erased(world: World, event: Event, data: outside.Erased) -> list[Change]:
    """Nothing is kept of a person's time, and the address of the calendar is withdrawn.

    Who has not left is not erased: feedback refuses it, and hours that are forgotten cannot be had again.
    """
    known = person_of(world, event.program, event.key)
    if not known.left and not any(role.at <= world.now for role in known.leaving):
        return []
    return [Person(event.program, event.key, feed=known.feed + 1)]


def revoked(world: World, event: Event, data: outside.Revoked) -> list[Change]:
    """The address of a person's calendar is withdrawn: the next one is of another generation."""
    del data  # there is but one thing to withdraw
    known = person_of(world, event.program, event.key)
    return [replace(known, feed=known.feed + 1)]


# -- the cycle ----------------------------------------------------------------------------------


def paired(world: World, event: Event, data: matching.Paired) -> list[Change]:
    """A pair begins to meet. A person paired anew has not left (any more)."""
    if cycle_of(world, event) is not None:
        return []
    rules = rules_of(world, event.program, data.rules)
    state = Running(
        terms=Terms(data.planned_meetings, data.cadence, data.length.minutes, data.format),
        anchor=opening(rules, world.now) if rules else world.now,
        first=1,
        anchored_by=event.id,
        focus=data.focus,
        skills=data.skills,
    )
    cycle = Cycle(
        program=event.program,
        cycle=event.key,
        mentee=data.mentee,
        mentor=data.mentor,
        rules=data.rules,
        status=state.kind,
        state=state,
    )
    return [cycle, *_back(world, cycle)]


def _back(world: World, cycle: Cycle) -> Iterable[Change]:
    for side, person in (("mentee", cycle.mentee), ("mentor", cycle.mentor)):
        row = world.get(Person, cycle.program, person)
        if row is not None and side in row.left:
            yield replace(row, left=tuple(each for each in row.left if each != side))


def agreed(world: World, event: Event, data: outside.Agreed) -> list[Change]:
    """One side states terms; they are in force when the other has stated the same."""
    found = running_of(world, event)
    if found is None or data.by not in found[0].pair():
        return []
    cycle, state = found
    terms = Terms(data.planned_meetings, data.cadence, data.length.minutes, data.format)
    mine = Statement(data.by, _digest(data), terms)
    others = tuple(one for one in state.statements if one.by != data.by)
    state = replace(state, statements=(*others, mine))
    if any(one.digest == mine.digest for one in others):
        state = _in_force(world, event, cycle, state, terms)
    return [replace(cycle, state=state)]


def _in_force(world: World, event: Event, cycle: Cycle, state: Running, terms: Terms) -> Running:
    gaps = tuple(gap for gap in state.gaps if gap.number <= terms.planned_meetings)
    if terms.cadence != state.terms.cadence:
        state = _anchored(world, event, cycle, state)
    return awaited(world, cycle, replace(state, terms=terms, gaps=gaps))


def _anchored(world: World, event: Event, cycle: Cycle, state: Running) -> Running:
    """Count the new cadence on from the last meeting before those that are placed anew, or from now.

    A later number may stay too, having been moved before them: counted from it, all of them would be late.
    """
    rules = rules_of(world, cycle.program, cycle.rules)
    begin = opening(rules, world.now) if rules else world.now
    rows = meetings_of(world, cycle)
    anew = {row.number for row in ahead(world, rows) if row.starts_at >= begin}
    stay = [row for row in rows if row.planned and row.starts_at < begin]
    before = [row for row in stay if all(row.number < number for number in anew)]
    last = max(before, key=lambda row: row.number, default=None)
    anchor, first = (last.starts_at, last.number) if last else (begin, 1)
    return replace(state, anchor=anchor, first=first, anchored_by=event.id)


def withdrawn(world: World, event: Event, data: outside.Withdrawn) -> list[Change]:
    """One of the pair, or a coordinator, ends it."""
    found = running_of(world, event)
    if found is None:
        return []
    cycle, _ = found
    sides = {"mentee": cycle.mentee, "mentor": cycle.mentor, "coordinator": data.by}
    return [_ended(cycle)] if sides[data.role] == data.by else []


def unmatched(world: World, event: Event, data: matching.Unmatched) -> list[Change]:
    """A cycle has ended without a pair."""
    return _closed(world, event, data.mentee, "", "")


def concluded(world: World, event: Event, data: feedback.Concluded) -> list[Change]:
    """A cycle has ended, whatever came before."""
    return _closed(world, event, data.mentee, data.mentor or "", data.rules or "")


def _closed(world: World, event: Event, mentee: str, mentor: str, rules: str) -> list[Change]:
    """End a cycle; of one that was never paired here, a tombstone holds back a late `paired`."""
    cycle = cycle_of(world, event)
    if cycle is None:
        tombstone = Ended()
        return [Cycle(event.program, event.key, mentee, mentor, rules, tombstone.kind, tombstone)]
    return [_ended(cycle)] if isinstance(cycle.state, Running) else []


def _ended(cycle: Cycle) -> Cycle:
    return replace(cycle, status="ended", state=Ended())


# -- deadlines ----------------------------------------------------------------------------------


def due(world: World, event: Event, data: system.Due) -> list[Change]:
    """A timer has come: of a person's cycles, of a plan, or of a meeting."""
    if data.name in {LEAVE, ROUND}:
        person = world.get(Person, event.program, event.key)
        return _of_person(world, person, data) if person else []
    if data.name == REPLAN:
        cycle = cycle_of(world, event)
        return [_looked_at(world, cycle, data)] if cycle else []
    meeting = meeting_of(world, event, data.name)
    return [meetings.rung(meeting, data.at)] if meeting else []


def _of_person(world: World, person: Person, data: system.Due) -> list[Change]:
    if data.name == ROUND:
        return look_through(world, person, person.round)
    gone = tuple(one.side for one in person.leaving if one.at <= data.at)
    later = tuple(one for one in person.leaving if one.at > data.at)
    return look_through(world, replace(person, left=_union(person.left, gone), leaving=later))


def _looked_at(world: World, cycle: Cycle, data: system.Due) -> Cycle:
    if isinstance(cycle.state, Running):
        return looked_at(world, cycle, replace(cycle.state, looked_at=data.at))
    return replace(cycle, state=Ended())


def _union(known: tuple[Side, ...], new: tuple[Side, ...]) -> tuple[Side, ...]:
    return tuple(sorted({*known, *new}))


def _digest(data: outside.Agreed) -> str:
    """Say whether two statements are the same but for who makes them."""
    return hashlib.sha256(data.model_dump_json(exclude={"by"}).encode()).hexdigest()


EVOLVES: Mapping[type[EventData], Callable[[World, Event], list[Change]]] = MappingProxyType(
    dict(
        [
            case(outside.Opened, opened),
            case(outside.Available, available),
            case(outside.Left, left),
            case(outside.Erased, erased),
            case(outside.Revoked, revoked),
            case(outside.Agreed, agreed),
            case(outside.Withdrawn, withdrawn),
            case(outside.Attended, meetings.attended),
            case(matching.Paired, paired),
            case(matching.Unmatched, unmatched),
            case(feedback.Concluded, concluded),
            case(scheduling.Scheduled, meetings.scheduled),
            case(scheduling.Unplaced, meetings.unplaced),
            case(scheduling.Met, meetings.met),
            case(scheduling.Missed, meetings.missed),
            case(system.Due, due),
            case(system.Rejected, rejected),
        ]
    )
)
