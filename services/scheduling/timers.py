"""What scheduling waits for. A meeting waits for its next deadline only, so a plan sets one timer per meeting."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from services.scheduling.evidence import suffices
from services.scheduling.model import Confirmed, Cycle, Meeting, NotHeld, Person, Running
from shared.world import Row

LEAVE, ROUND, REPLAN = "leave", "round", "replan"
"""Names of timers; a meeting's timer has the meeting's id, which is never one of these."""


def timers(row: Row) -> Mapping[str, datetime]:
    """Return the deadlines of a row by name."""
    match row:
        case Meeting():
            at = _next(row)
            return {row.meeting: at} if at else {}
        case Cycle():
            at = row.state.replan_at if isinstance(row.state, Running) else row.state.sweep_at
            return {REPLAN: at} if at else {}
        case Person():
            return _of_person(row)
    return {}


def _of_person(person: Person) -> dict[str, datetime]:
    found = {ROUND: person.round.at} if person.round else {}
    if person.leaving:
        found[LEAVE] = min(one.at for one in person.leaving)
    return found


def _next(meeting: Meeting) -> datetime | None:
    match meeting.state:
        case NotHeld(final=False, final_at=at):
            return at
        case Confirmed() as state:
            deadlines = [state.verdict_at, *(one.at for one in state.reminders)]
            if meeting.evidence and meeting.ends_at > state.rung and suffices(meeting):
                deadlines.append(meeting.ends_at)
            return min((at for at in deadlines if at > state.rung), default=state.verdict_at)
    return None
