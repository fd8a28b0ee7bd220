"""What scheduling makes of the facts about meetings: rows of meetings, and gaps in a plan filled or left."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from services.scheduling.evidence import added
from services.scheduling.find import cycle_of, meeting_of, rules_of, running_of
from services.scheduling.gaps import filled, left
from services.scheduling.model import (
    HISTORY,
    Booking,
    Confirmed,
    Dropped,
    Gap,
    Held,
    Meeting,
    NotHeld,
    Presence,
    Proof,
    Reminder,
    Revision,
    Rules,
    Unplanned,
)
from services.scheduling.rounds import freed
from shared.events import outside, scheduling
from shared.events.envelope import Event
from shared.events.types import Duration, Side
from shared.frozen import replace
from shared.world import Change, Gone, World


def scheduled(world: World, event: Event, data: scheduling.Scheduled) -> list[Change]:
    """A meeting stands, stands otherwise, or stands no longer."""
    cycle = cycle_of(world, event)
    rules = rules_of(world, event.program, data.rules)
    if cycle is None or rules is None:
        return []
    old = meeting_of(world, event, data.meeting)
    if data.status == "CANCELLED":
        dropped = Dropped(data.cause)
        meeting = _meeting(world, event, data, rules, dropped, old)
        return [*changes(old, meeting), *freed(world, old, meeting)]
    state = Confirmed(
        verdict_at=rules.dispute.after(data.ends_at, rules.zone),
        rung=world.now,
        reminders=_reminders(rules.reminders, data.starts_at, rules.zone),
        pinned=data.cause == "moved" or _is_pinned(old, data.starts_at),
    )
    meeting = _meeting(world, event, data, rules, state, old)
    return [*changes(old, meeting), *filled(world, cycle, data.number), *freed(world, old, meeting)]


def _is_pinned(meeting: Meeting | None, start: datetime) -> bool:
    """Whether one side has asked for this very start before: another purpose or length is no other wish."""
    if meeting is None or not isinstance(meeting.state, Confirmed):
        return False
    return meeting.state.pinned and meeting.starts_at == start


def changes(old: Meeting | None, new: Meeting) -> list[Change]:
    """Return a meeting's row, and what it changes of the two persons' bookings."""
    before, after = bookings(old) if old else set(), bookings(new)
    gone = [Gone(Booking, row.key()) for row in sorted(before - after, key=Booking.key)]
    return [new, *gone, *sorted(after - before, key=Booking.key)]


def bookings(meeting: Meeting) -> set[Booking]:
    """Return the time that a meeting takes: of both persons while it stands, and for good when it was held.

    One that nobody planned takes none: where it was, something else may have stood.
    """
    if meeting.status not in {"confirmed", "met"} or not meeting.planned:
        return set()
    return {
        Booking(
            program=meeting.program,
            person=person,
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            cycle=meeting.cycle,
            meeting=meeting.meeting,
        )
        for person in (meeting.mentee, meeting.mentor)
    }


def _meeting(
    world: World,
    event: Event,
    data: scheduling.Scheduled,
    rules: Rules,
    state: Confirmed | Dropped,
    old: Meeting | None,
) -> Meeting:
    return Meeting(
        program=event.program,
        cycle=event.key,
        meeting=data.meeting,
        mentee=data.mentee,
        mentor=data.mentor,
        number=data.number,
        type=data.type,
        format=data.format,
        uid=data.uid,
        sequence=data.sequence,
        starts_at=data.starts_at,
        ends_at=data.ends_at,
        zone=data.zone,
        replaces=data.replaces,
        status=state.kind,
        state=state,
        proof=_proof(rules, int((data.ends_at - data.starts_at).total_seconds() // 60)),
        evidence=old.evidence if old else (),
        skills=data.skills,
        outside_mentee=_minutes(data, "mentee"),
        outside_mentor=_minutes(data, "mentor"),
        history=_history(world, data, old),
    )


def _minutes(data: scheduling.Scheduled, side: Side) -> int | None:
    outside_hours = data.outside.get(side)
    return None if outside_hours is None else outside_hours.minutes


def _history(world: World, data: scheduling.Scheduled, old: Meeting | None) -> tuple[Revision, ...]:
    new = Revision(data.sequence, world.now, data.starts_at, data.cause, data.by, data.reason)
    return (*(old.history if old else ()), new)[-HISTORY:]


def _proof(rules: Rules, length: int) -> Proof:
    """A pair that agreed on shorter meetings than the program proves them by their whole length."""
    return Proof(rules.evidence, min(rules.overlap_min, length), rules.dispute, rules.zone)


def _reminders(leads: Iterable[Duration], start: datetime, zone: str) -> tuple[Reminder, ...]:
    found = {Reminder(lead.before(start, zone), lead) for lead in leads}
    return tuple(sorted(found, key=lambda one: (one.at, str(one.lead))))


def unplaced(world: World, event: Event, data: scheduling.Unplaced) -> list[Change]:
    """A number of the plan waits for time."""
    found = running_of(world, event)
    if found is None:
        return []
    return [left(world, *found, Gap(data.number, data.constraint, data.until))]


def attended(world: World, event: Event, data: outside.Attended) -> list[Change]:
    """Evidence is added to its meeting; that of an unknown one begins an unplanned meeting."""
    meeting = meeting_of(world, event, data.meeting) or _unplanned(world, event, data)
    if meeting is None:
        return []
    new = Presence(data.person, data.source, data.joined_at, data.left_at)
    return [replace(meeting, evidence=added(meeting.evidence, new))]


def _unplanned(world: World, event: Event, data: outside.Attended) -> Meeting | None:
    found = running_of(world, event)
    rules = rules_of(world, event.program, found[0].rules) if found else None
    if found is None or rules is None:
        return None
    cycle, running = found
    state = Unplanned()
    return Meeting(
        program=event.program,
        cycle=event.key,
        meeting=data.meeting,
        mentee=cycle.mentee,
        mentor=cycle.mentor,
        number=0,
        type="regular",
        format=running.terms.format,
        uid=data.meeting,
        sequence=0,
        starts_at=data.joined_at,
        ends_at=data.joined_at,  # nobody planned an end, so an open presence proves nothing
        zone=rules.zone,
        replaces=None,
        status=state.kind,
        state=state,
        proof=_proof(rules, running.terms.length),
    )


def met(world: World, event: Event, data: scheduling.Met) -> list[Change]:
    """A meeting was held, possibly after all."""
    meeting, cycle = meeting_of(world, event, data.meeting), cycle_of(world, event)
    if meeting is None or cycle is None:
        return []
    state = Held(data.overlap.minutes)
    held = replace(meeting, status=state.kind, state=state)
    return [*changes(meeting, held), *filled(world, cycle, data.number)]


def missed(world: World, event: Event, data: scheduling.Missed) -> list[Change]:
    """A meeting was not held; until `final_at` evidence may still say otherwise."""
    meeting = meeting_of(world, event, data.meeting)
    if meeting is None:
        return []
    state = NotHeld(event.id, data.reason, data.final_at)
    return changes(meeting, replace(meeting, status=state.kind, state=state))


def rung(meeting: Meeting, at: datetime) -> Meeting:
    """Return a meeting whose timer of `at` has come."""
    if isinstance(meeting.state, Confirmed):
        return replace(meeting, state=replace(meeting.state, rung=at))
    if isinstance(meeting.state, NotHeld):
        return replace(meeting, state=replace(meeting.state, final=True))
    return meeting
