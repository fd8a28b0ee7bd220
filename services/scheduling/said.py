"""What scheduling says: its events, built from rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from services.scheduling.contradictions import contradicted
from services.scheduling.curriculum import Lesson
from services.scheduling.evidence import Finding, sources
from services.scheduling.fairness import Burden
from services.scheduling.model import SIDES, Cycle, Meeting, NotHeld, Reminder
from services.scheduling.planning import Slot
from shared.events.scheduling import Met, Missed, Reminded, Scheduled, Unplaced
from shared.events.types import Duration, Format, Side
from shared.world import Answer

MEETINGS = UUID("7c0f6c1e-6c5b-5d0e-9a52-2f8f6f4b7a10")
"""The namespace of meeting ids (RFC 9562, version 5)."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A meeting of the plan that has a slot and is still to be announced."""

    meeting: str
    number: int
    slot: Slot
    lesson: Lesson
    format: Format
    zone: str
    replaces: str | None
    cause: str


def meeting_id(cycle: Cycle, number: int, nth: int) -> str:
    """Return the id of the nth meeting for a number of a cycle's plan."""
    return uuid5(MEETINGS, f"{cycle.program}/{cycle.cycle}/{number}/{nth}").hex


def announced(cycle: Cycle, draft: Draft) -> Answer:
    """A new meeting stands."""
    said = Scheduled(
        mentee=cycle.mentee,
        mentor=cycle.mentor,
        rules=cycle.rules,
        meeting=draft.meeting,
        uid=str(UUID(draft.meeting)),
        sequence=0,
        status="CONFIRMED",
        starts_at=draft.slot.start,
        ends_at=draft.slot.end,
        zone=draft.zone,
        number=draft.number,
        type=draft.lesson.type,
        format=draft.format,
        planned=True,
        replaces=draft.replaces,
        cause=draft.cause,
        outside=_outside(draft.slot.outside),
        skills=draft.lesson.skills,
    )
    return Answer(cycle.cycle, said)


def changed(
    cycle: Cycle,
    meeting: Meeting,
    cause: str,
    slot: Slot | None = None,
    *,
    terms: tuple[Lesson, Format] | None = None,
    by: str | None = None,
    reason: str | None = None,
) -> Answer:
    """A meeting stands otherwise than before: at another time, for another purpose, or in another way.

    `by` asked for it, with the code `reason`; nobody did when it follows from something else.
    """
    update: dict[str, Any] = {"sequence": meeting.sequence + 1, "by": by, "reason": reason}
    if slot:
        outside = _outside(slot.outside)
        update |= {"starts_at": slot.start, "ends_at": slot.end, "outside": outside}
    if terms:
        lesson, way = terms
        update |= {"type": lesson.type, "skills": lesson.skills, "format": way}
    return Answer(cycle.cycle, _as_it_stands(cycle, meeting, cause).model_copy(update=update))


def cancelled(
    cycle: Cycle, meeting: Meeting, cause: str, *, by: str | None = None, reason: str | None = None
) -> Answer:
    """A meeting will not take place; `by` asked for that, with the code `reason`."""
    update = {
        "sequence": meeting.sequence + 1,
        "status": "CANCELLED",
        "by": by,
        "reason": reason,
    }
    return Answer(cycle.cycle, _as_it_stands(cycle, meeting, cause).model_copy(update=update))


def unplaced(cycle: Cycle, number: int, constraint: str, until: datetime) -> Answer:
    """A planned number found no slot."""
    said = Unplaced(
        mentee=cycle.mentee,
        mentor=cycle.mentor,
        rules=cycle.rules,
        number=number,
        constraint=constraint,
        until=until,
    )
    return Answer(cycle.cycle, said)


def reminded(cycle: Cycle, meeting: Meeting, reminder: Reminder) -> Answer:
    """Both are to be reminded."""
    said = Reminded(
        mentee=cycle.mentee,
        mentor=cycle.mentor,
        rules=cycle.rules,
        meeting=meeting.meeting,
        sequence=meeting.sequence,
        starts_at=meeting.starts_at,
        zone=meeting.zone,
        to=cycle.pair(),
        lead=reminder.lead,
    )
    return Answer(cycle.cycle, said)


def met(cycle: Cycle, meeting: Meeting, finding: Finding) -> Answer:
    """A meeting was held; one that had been missed is corrected."""
    began_at = finding.began_at or meeting.starts_at
    said = Met(
        mentee=cycle.mentee,
        mentor=cycle.mentor,
        rules=cycle.rules,
        meeting=meeting.meeting,
        number=meeting.number,
        type=meeting.type,
        starts_at=meeting.starts_at if meeting.planned else began_at,
        overlap=Duration.exactly(timedelta(minutes=finding.overlap)),
        sources=sources(meeting),
        planned=meeting.planned,
        corrects=meeting.state.said if isinstance(meeting.state, NotHeld) else None,
        contradicted=contradicted(meeting),
    )
    return Answer(cycle.cycle, said)


def missed(cycle: Cycle, meeting: Meeting, finding: Finding, final_at: datetime) -> Answer:
    """A meeting was not held, as far as the evidence goes until now."""
    said = Missed(
        mentee=cycle.mentee,
        mentor=cycle.mentor,
        rules=cycle.rules,
        meeting=meeting.meeting,
        number=meeting.number,
        starts_at=meeting.starts_at,
        reason=finding.reason,
        absent=finding.absent,
        final_at=final_at,
        contradicted=contradicted(meeting),
    )
    return Answer(cycle.cycle, said)


def _as_it_stands(cycle: Cycle, meeting: Meeting, cause: str) -> Scheduled:
    return Scheduled(
        mentee=cycle.mentee,
        mentor=cycle.mentor,
        rules=cycle.rules,
        meeting=meeting.meeting,
        uid=meeting.uid,
        sequence=meeting.sequence,
        status="CONFIRMED",
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        zone=meeting.zone,
        number=meeting.number,
        type=meeting.type,
        format=meeting.format,
        planned=meeting.planned,
        replaces=meeting.replaces,
        cause=cause,
        outside=_outside_as_said(meeting),
        skills=meeting.skills,
    )


def _outside_as_said(meeting: Meeting) -> dict[Side, Duration]:
    if meeting.outside_mentee is None or meeting.outside_mentor is None:
        return {}
    return _outside((meeting.outside_mentee, meeting.outside_mentor))


def _outside(burden: Burden) -> dict[Side, Duration]:
    spans = (Duration.exactly(timedelta(minutes=each)) for each in burden)
    return dict(zip(SIDES, spans, strict=True))
