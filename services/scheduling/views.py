"""What scheduling's API shows of a meeting and of an agenda, with descriptions and examples.

Every instant is told on the clock of the zone that the answer names, with its offset. What is not known is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from services.scheduling.examples import AGENDA
from services.scheduling.model import Held, Meeting, NotHeld, Revision
from shared.events.types import Format, MeetingType

Status = Literal["confirmed", "cancelled", "met", "missed", "unplanned"]


class Shown(BaseModel):
    """A body of an answer."""

    model_config = ConfigDict(frozen=True)


def shown_as(example: JsonDict) -> ConfigDict:
    """How a body is described, by an example."""
    return ConfigDict(frozen=True, json_schema_extra={"examples": [example]})


def on_clock(instant: datetime, zone: str) -> datetime:
    """The same instant as the clock of `zone` shows it."""
    return instant.astimezone(ZoneInfo(zone))


# -- a meeting --


class ChangeView(Shown):
    """How a meeting came to stand as it does."""

    sequence: int = Field(description="SEQUENCE of the calendar event from then on.")
    at: datetime = Field(description="When it was said.")
    starts_at: datetime = Field(description="When the meeting was to start from then on.")
    cause: str = Field(description="Why, such as planned, moved, cancelled, replanned.")
    by: str | None = Field(default=None, description="Who asked for it; absent when nobody did.")
    reason: str | None = Field(default=None, description="The asker's reason, a code.")


class VerdictView(Shown):
    """Whether it was held, as far as the evidence says."""

    overlap: int | None = Field(
        default=None, description="Minutes for which both were there; of a held one."
    )
    reason: str | None = Field(
        default=None, description="Why it was not: absent, too_short or no_evidence."
    )
    final_at: datetime | None = Field(
        default=None, description="Until then evidence may correct a missed one."
    )
    final: bool = Field(description="Nothing corrects it any more.")


class Outside(Shown):
    """Minutes of it outside 08:00 to 18:00 on each side's own clock; absent where that was not said."""

    mentee: int | None = None
    mentor: int | None = None


class MeetingView(Shown):
    """A meeting."""

    cycle: str
    meeting: str
    uid: str = Field(description="UID of the calendar event; it never changes.")
    sequence: int = Field(description="SEQUENCE of the calendar event.")
    status: Status
    number: int = Field(description="Within the plan, from 1; 0 for an unplanned one.")
    planned: bool = Field(description="Part of the plan.")
    type: MeetingType
    skills: list[str] = Field(description="What it is to work on.")
    format: Format
    mentee: str
    mentor: str
    starts_at: datetime
    ends_at: datetime
    zone: str = Field(description="Whose clock the meeting keeps.")
    replaces: str | None = Field(default=None, description="The meeting that it makes up for.")
    outside: Outside
    change: ChangeView | None = Field(
        default=None, description="The last one; absent of an unplanned meeting."
    )
    verdict: VerdictView | None = Field(default=None, description="Absent until there is one.")


def meeting_view(row: Meeting, zone: str) -> MeetingView:
    """A meeting on the clock of `zone`."""
    return MeetingView(
        cycle=row.cycle,
        meeting=row.meeting,
        uid=row.uid,
        sequence=row.sequence,
        status=row.status,
        number=row.number,
        planned=row.planned,
        type=row.type,
        skills=list(row.skills),
        format=row.format,
        mentee=row.mentee,
        mentor=row.mentor,
        starts_at=on_clock(row.starts_at, zone),
        ends_at=on_clock(row.ends_at, zone),
        zone=row.zone,
        replaces=row.replaces,
        outside=Outside(mentee=row.outside_mentee, mentor=row.outside_mentor),
        change=change_view(row.history[-1], zone) if row.history else None,
        verdict=verdict_view(row, zone),
    )


def change_view(one: Revision, zone: str) -> ChangeView:
    """A revision on the clock of `zone`."""
    return ChangeView(
        sequence=one.sequence,
        at=on_clock(one.at, zone),
        starts_at=on_clock(one.starts_at, zone),
        cause=one.cause,
        by=one.by,
        reason=one.reason,
    )


def verdict_view(row: Meeting, zone: str) -> VerdictView | None:
    """The verdict on a meeting, once there is one."""
    match row.state:
        case Held(overlap=overlap):
            return VerdictView(overlap=overlap, reason=None, final_at=None, final=True)
        case NotHeld(reason=reason, final_at=at, final=final):
            shown = on_clock(at, zone)
            return VerdictView(overlap=None, reason=reason, final_at=shown, final=final)
    return None


# -- an agenda --


class AgendaView(Shown):
    """A person's meetings of all cycles that touch a time, in the order of their start."""

    model_config = shown_as(AGENDA)

    person: str
    zone: str = Field(description="Whose clock the times are told on.")
    since: datetime = Field(serialization_alias="from", description="Begin of that time.")
    until: datetime = Field(serialization_alias="to", description="Its end.")
    meetings: list[MeetingView] = Field(description="Cancelled ones too.")
    more: bool = Field(
        description="There are more: ask again from the start of the last one, which comes again; so for two at least."
    )


def agenda_view(
    person: str, zone: str, rows: Sequence[Meeting], time: tuple[datetime, datetime], limit: int
) -> AgendaView:
    """The first `limit` of a person's meetings within a time, on the clock of `zone`."""
    since, until = time
    return AgendaView(
        person=person,
        zone=zone,
        since=on_clock(since, zone),
        until=on_clock(until, zone),
        meetings=[meeting_view(row, zone) for row in rows[:limit]],
        more=len(rows) > limit,
    )
