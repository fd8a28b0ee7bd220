"""What scheduling refuses: it is the judge of `moved`, `cancelled`, `attended` and `revoked`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from services.scheduling.calendar import midnight
from services.scheduling.desk import Desk
from services.scheduling.evidence import belongs
from services.scheduling.find import cycle_of, meeting_of, meetings_of, rules_of, running_of
from services.scheduling.model import (
    Confirmed,
    Cycle,
    Dropped,
    Meeting,
    NotHeld,
    Presence,
    Running,
)
from services.scheduling.planning import NoSlot, Slot
from shared.cases import case
from shared.events import outside
from shared.events.envelope import Event, EventData
from shared.world import Refusal, World

MAX_EVIDENCE = 100
"""Statements of one source about one person at one meeting: nobody's flood keeps another source out."""
MAX_UNPLANNED = 100
"""Meetings of a cycle that nobody planned."""
MAX_CHANGES = 100
"""Sequence numbers of a meeting up to which it may be moved; it can still be cancelled."""


def moved(world: World, event: Event, data: outside.Moved) -> Refusal | None:
    """A meeting may be moved by one of the pair who has seen it as it stands, outside the notice, to free time."""
    found = _standing(world, event, data)
    if isinstance(found, Refusal):
        return found
    cycle, state, meeting = found
    desk = desk_of(world, cycle, state)
    if desk is None:
        return Refusal("no_rules", "/subject")
    if meeting.starts_at < desk.changeable:
        return Refusal("notice", "/data/meeting")
    if meeting.sequence >= MAX_CHANGES:
        return Refusal("too_many_changes", "/data/meeting")
    return _new_time(desk, meeting, data)


def _new_time(desk: Desk, meeting: Meeting, data: outside.Moved) -> Refusal | None:
    """Where the meeting goes must be open to it: as wished, or anywhere at all."""
    rule = _wished(desk, data.starts_at) if data.starts_at is not None else None
    field = "/data/meeting" if data.starts_at is None else "/data/starts_at"
    if rule is not None:
        return Refusal(rule, field)
    slot = new_slot(desk, meeting, data)
    return Refusal(slot.constraint, field) if isinstance(slot, NoSlot) else None


def _wished(desk: Desk, start: datetime) -> str | None:
    """The rule that a wished start breaks whatever else stands in the calendars."""
    if start.second or start.microsecond:
        return "whole_minutes"
    if start <= desk.world.now:
        return "in_the_past"
    return "notice" if start < desk.changeable else None


def cancelled(world: World, event: Event, data: outside.Cancelled) -> Refusal | None:
    """A meeting may be cancelled by one of the pair who has seen it as it stands, until it begins."""
    found = _standing(world, event, data)
    return found if isinstance(found, Refusal) else None


def attended(world: World, event: Event, data: outside.Attended) -> Refusal | None:
    """Evidence is about one of the pair, about the past, and about a meeting whose verdict is not final."""
    cycle = cycle_of(world, event)
    if cycle is None:
        return Refusal("unknown_cycle", "/subject")
    if data.person not in cycle.pair():
        return Refusal("not_in_pair", "/data/person")
    if data.joined_at > world.now:
        return Refusal("in_the_future", "/data/joined_at")
    if data.left_at is not None and data.left_at > world.now:
        return Refusal("in_the_future", "/data/left_at")
    meeting = meeting_of(world, event, data.meeting)
    return _evidence(meeting, data) if meeting else _unplanned(world, cycle, data)


def _unplanned(world: World, cycle: Cycle, data: outside.Attended) -> Refusal | None:
    """A pair may meet as it likes from the program's first day on, as often as people do."""
    if not isinstance(cycle.state, Running):
        return Refusal("cycle_ended", "/subject")
    rules = rules_of(world, cycle.program, cycle.rules)
    if rules is not None and data.joined_at < midnight(rules.starts_on, rules.zone):
        return Refusal("program_days", "/data/joined_at")
    known = sum(not row.planned for row in meetings_of(world, cycle))
    return Refusal("too_many_unplanned", "/data/meeting") if known >= MAX_UNPLANNED else None


def revoked(world: World, event: Event, data: outside.Revoked) -> Refusal | None:
    """An address can always be withdrawn, also that of somebody who has stated nothing yet."""
    del world, event, data
    return None


def _evidence(meeting: Meeting, data: outside.Attended) -> Refusal | None:
    if isinstance(meeting.state, Dropped):
        return Refusal("meeting_cancelled", "/data/meeting")
    if isinstance(meeting.state, NotHeld) and meeting.state.final:
        return Refusal("verdict_final", "/data/meeting")
    new = Presence(data.person, data.source, data.joined_at, data.left_at)
    if not belongs(meeting, new):
        return Refusal("not_at_meeting", "/data/joined_at")
    joined = {
        one.joined_at
        for one in meeting.evidence
        if (one.person, one.source) == (new.person, new.source)
    }
    if new.joined_at not in joined and len(joined) >= MAX_EVIDENCE:
        return Refusal("too_much_evidence", "/data/meeting")
    return None


def _standing(
    world: World, event: Event, data: outside.Moved | outside.Cancelled
) -> tuple[Cycle, Running, Meeting] | Refusal:
    """Find the meeting that is asked about, or the rule that forbids to ask."""
    found = running_of(world, event)
    if found is None:
        return Refusal("unknown_cycle", "/subject")
    cycle, state = found
    if data.by not in cycle.pair():
        return Refusal("not_in_pair", "/data/by")
    meeting = meeting_of(world, event, data.meeting)
    if meeting is None:
        return Refusal("unknown_meeting", "/data/meeting")
    return _as_seen(world, meeting, data.sequence) or (cycle, state, meeting)


def _as_seen(world: World, meeting: Meeting, sequence: int) -> Refusal | None:
    if not isinstance(meeting.state, Confirmed):
        return Refusal("not_standing", "/data/meeting")
    if sequence != meeting.sequence:
        return Refusal("stale_sequence", "/data/sequence")
    if meeting.starts_at <= world.now:
        return Refusal("already_begun", "/data/meeting")
    return None


def desk_of(world: World, cycle: Cycle, state: Running) -> Desk | None:
    """Return what planning the cycle needs; None while its rules are not known."""
    rules = rules_of(world, cycle.program, cycle.rules)
    return Desk(world, cycle, state, rules) if rules else None


def new_slot(desk: Desk, meeting: Meeting, data: outside.Moved) -> Slot | NoSlot:
    """Return where a meeting goes that somebody asks to move: the wished start, or the next free slot."""
    if data.starts_at is None:
        return desk.next_slot(meeting)
    return desk.slot_at(meeting, data.starts_at)


JUDGES: Mapping[type[EventData], Callable[[World, Event], Refusal | None]] = MappingProxyType(
    dict(
        [
            case(outside.Moved, moved),
            case(outside.Cancelled, cancelled),
            case(outside.Attended, attended),
            case(outside.Revoked, revoked),
        ]
    )
)
