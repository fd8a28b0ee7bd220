"""What scheduling answers to each input, over the world that has folded it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from services.scheduling import said
from services.scheduling.evidence import weigh
from services.scheduling.find import ahead, cycle_of, meeting_of, meetings_of, running_of
from services.scheduling.judge import desk_of, new_slot
from services.scheduling.model import (
    Confirmed,
    Cycle,
    Ended,
    Held,
    Meeting,
    NotHeld,
    Running,
    Unplanned,
)
from services.scheduling.plan import make_up_for, plan, sweep
from services.scheduling.planning import Slot
from services.scheduling.timers import REPLAN
from shared.cases import case
from shared.events import feedback, matching, outside, system
from shared.events.envelope import Event, EventData
from shared.world import Answer, World

# -- plans --------------------------------------------------------------------------------------


def paired(world: World, event: Event, data: matching.Paired) -> list[Answer]:
    """The whole cycle is planned."""
    found = running_of(world, event)
    if found is None or found[1].anchored_by != event.id:
        return []
    return plan(world, *found)


def agreed(world: World, event: Event, data: outside.Agreed) -> list[Answer]:
    """Terms in force change the meetings outside the notice."""
    found = running_of(world, event)
    if found is None or not _both_state_the_same(*found):
        return []
    cycle, state = found
    return plan(world, cycle, state, anew=state.anchored_by == event.id)


def _both_state_the_same(cycle: Cycle, state: Running) -> bool:
    said_by = {one.by: one.digest for one in state.statements}
    return len(said_by) == len(cycle.pair()) and len(set(said_by.values())) == 1


def withdrawn(world: World, event: Event, data: outside.Withdrawn) -> list[Answer]:
    """What lay ahead of the pair is cancelled."""
    return _sweep_when_ended(world, event)


def concluded(world: World, event: Event, data: feedback.Concluded) -> list[Answer]:
    """What still lay ahead of the pair is cancelled."""
    return _sweep_when_ended(world, event)


def _sweep_when_ended(world: World, event: Event) -> list[Answer]:
    cycle = cycle_of(world, event)
    if cycle is None or not isinstance(cycle.state, Ended):
        return []
    return sweep(world, cycle, "cycle_ended")


# -- meetings -----------------------------------------------------------------------------------


def moved(world: World, event: Event, data: outside.Moved) -> list[Answer]:
    """The meeting goes where it was asked to go: the judge has made sure that it can."""
    found, meeting = running_of(world, event), meeting_of(world, event, data.meeting)
    desk = desk_of(world, *found) if found else None
    slot = new_slot(desk, meeting, data) if desk and meeting else None
    if desk is None or meeting is None or not isinstance(slot, Slot):
        return []
    return [said.changed(desk.cycle, meeting, "moved", slot, by=data.by, reason=data.reason)]


def cancelled(world: World, event: Event, data: outside.Cancelled) -> list[Answer]:
    """The meeting will not take place."""
    cycle, meeting = cycle_of(world, event), meeting_of(world, event, data.meeting)
    if cycle is None or meeting is None:
        return []
    return [said.cancelled(cycle, meeting, "cancelled", by=data.by, reason=data.reason)]


def attended(world: World, event: Event, data: outside.Attended) -> list[Answer]:
    """A meeting that is over and proven was held; so was, after all, one that was missed."""
    cycle, meeting = cycle_of(world, event), meeting_of(world, event, data.meeting)
    if cycle is None or meeting is None or not _is_open(meeting, world.now):
        return []
    finding = weigh(meeting)
    if not finding.suffices:
        return []
    return [said.met(cycle, meeting, finding), *_replacements_dropped(world, cycle, meeting)]


def _is_open(meeting: Meeting, now: datetime) -> bool:
    """Whether evidence may lead to a verdict now: not before the end, not twice, not against a final one."""
    match meeting.state:
        case Confirmed():
            return now >= meeting.ends_at
        case NotHeld(final=final):
            return not final
        case Unplanned():
            return True
    return False


def _replacements_dropped(world: World, cycle: Cycle, meeting: Meeting) -> list[Answer]:
    """What makes up for a meeting is of its number, be it the replacement of a replacement."""
    return [
        said.cancelled(cycle, row, "corrected")
        for row in ahead(world, meetings_of(world, cycle))
        if meeting.planned and row.number == meeting.number
    ]


# -- deadlines ----------------------------------------------------------------------------------


def due(world: World, event: Event, data: system.Due) -> list[Answer]:
    """A plan is looked at again, or a meeting's deadline has come."""
    if data.name == REPLAN:
        return _look_again(world, event)
    cycle, meeting = cycle_of(world, event), meeting_of(world, event, data.name)
    if cycle is None or meeting is None or not isinstance(meeting.state, Confirmed):
        return []
    return [
        *_reminders(world, cycle, meeting, data.at),
        *_verdict(world, cycle, meeting, data.at),
    ]


def _look_again(world: World, event: Event) -> list[Answer]:
    found = running_of(world, event)
    return plan(world, *found) if found else _sweep_when_ended(world, event)


def _reminders(world: World, cycle: Cycle, meeting: Meeting, at: datetime) -> list[Answer]:
    """Remind of a meeting that has not begun; one whose timer came too late is silent."""
    if not isinstance(meeting.state, Confirmed) or world.now >= meeting.starts_at:
        return []
    return [said.reminded(cycle, meeting, one) for one in meeting.state.reminders if one.at == at]


def _verdict(world: World, cycle: Cycle, meeting: Meeting, at: datetime) -> list[Answer]:
    if not isinstance(meeting.state, Confirmed) or at < meeting.ends_at:
        return []
    finding = weigh(meeting)
    if finding.suffices:
        return [said.met(cycle, meeting, finding)]
    if at < meeting.state.verdict_at:
        return []
    final_at = meeting.proof.dispute.after(world.now, meeting.proof.zone)
    answers = [said.missed(cycle, meeting, finding, final_at)]
    if isinstance(cycle.state, Running) and not _is_held(world, cycle, meeting.number):
        answers += make_up_for(world, cycle, cycle.state, meeting)
    return answers


def _is_held(world: World, cycle: Cycle, number: int) -> bool:
    """Whether another meeting of a number was: one that was missed, and corrected while its replacement went on."""
    rows = meetings_of(world, cycle)
    return any(row.number == number and isinstance(row.state, Held) for row in rows)


DECIDES: Mapping[type[EventData], Callable[[World, Event], list[Answer]]] = MappingProxyType(
    dict(
        [
            case(outside.Agreed, agreed),
            case(outside.Withdrawn, withdrawn),
            case(outside.Moved, moved),
            case(outside.Cancelled, cancelled),
            case(outside.Attended, attended),
            case(matching.Paired, paired),
            case(feedback.Concluded, concluded),
            case(system.Due, due),
        ]
    )
)
