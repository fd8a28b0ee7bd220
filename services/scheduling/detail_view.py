"""What scheduling's API shows of one meeting: what everybody says of it, and what that comes to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import Field

from services.scheduling.contradictions import Contradiction, contradictions
from services.scheduling.evidence import counts, presence, together, weigh
from services.scheduling.examples import MEETING
from services.scheduling.model import Confirmed, EvidenceRule, Meeting, Presence
from services.scheduling.sentences import contradiction_sentence
from services.scheduling.views import (
    ChangeView,
    MeetingView,
    Shown,
    change_view,
    meeting_view,
    on_clock,
    shown_as,
)
from shared.events.scheduling import Source
from shared.events.types import Side
from shared.intervals import Interval, minutes


class SpanView(Shown):
    """A time: its start included, its end excluded."""

    starts_at: datetime
    ends_at: datetime


class StatementView(Shown):
    """Somebody says that a person was there."""

    person: str
    source: Source
    joined_at: datetime
    left_at: datetime | None = Field(default=None, description="Absent where nobody stated it.")
    counts: bool = Field(description="Whether it counts under the rule, at this meeting's time.")


class PresenceView(Shown):
    """When a person was there, by all whose word counts."""

    person: str
    minutes: int
    times: list[SpanView]


class WordView(Shown):
    """For how long a source says that a person was there."""

    source: Source
    minutes: int


class ContradictionView(Shown):
    """Two sources that disagree about a person. It decides nothing."""

    person: str
    code: str
    words: list[WordView]
    sentence: str = Field(description="In words.")


class ProofView(Shown):
    """What the evidence comes to now."""

    rule: EvidenceRule = Field(description="Whose word counts.")
    needed: int = Field(description="Common minutes that prove the meeting.")
    overlap: int = Field(description="Common minutes that are shown.")
    suffices: bool = Field(description="It was held.")
    lacks: Literal["absent", "too_short", "no_evidence"] | None = Field(
        default=None, description="What it lacks; absent where it suffices."
    )
    absent: list[str] = Field(description="Persons shown to be absent.")
    together: list[SpanView] = Field(description="When both were there.")


class MeetingDetail(Shown):
    """A meeting with its evidence and its changes."""

    model_config = shown_as(MEETING)

    zone: str = Field(description="Whose clock the times are told on.")
    meeting: MeetingView
    verdict_at: datetime | None = Field(
        default=None,
        description="When the verdict falls at the latest; absent of one that does not stand.",
    )
    reminders: list[datetime] = Field(description="Those to come.")
    proof: ProofView
    presence: dict[Side, PresenceView]
    contradictions: list[ContradictionView]
    evidence: list[StatementView] = Field(description="All that was said, counted or not.")
    history: list[ChangeView] = Field(description="The last 20 changes, the oldest first.")


def meeting_detail(row: Meeting, zone: str) -> MeetingDetail:
    """One meeting on the clock of `zone`."""
    standing = row.state if isinstance(row.state, Confirmed) else None
    coming = (one.at for one in standing.reminders if one.at > standing.rung) if standing else ()
    return MeetingDetail(
        zone=zone,
        meeting=meeting_view(row, zone),
        verdict_at=on_clock(standing.verdict_at, zone) if standing else None,
        reminders=[on_clock(at, zone) for at in coming],
        proof=_proof(row, zone),
        presence={
            "mentee": _presence(row, row.mentee, zone),
            "mentor": _presence(row, row.mentor, zone),
        },
        contradictions=[_contradiction(one) for one in contradictions(row)],
        evidence=[_statement(row, one, zone) for one in row.evidence],
        history=[change_view(one, zone) for one in row.history],
    )


def spans(times: Iterable[Interval], zone: str) -> list[SpanView]:
    """Intervals on the clock of `zone`."""
    return [SpanView(starts_at=on_clock(a, zone), ends_at=on_clock(b, zone)) for a, b in times]


def _proof(row: Meeting, zone: str) -> ProofView:
    found = weigh(row)
    return ProofView(
        rule=row.proof.rule,
        needed=row.proof.overlap_min,
        overlap=found.overlap,
        suffices=found.suffices,
        lacks=None if found.suffices else found.reason,
        absent=list(found.absent),
        together=spans(together(row), zone),
    )


def _presence(row: Meeting, person: str, zone: str) -> PresenceView:
    times = presence(row, person)
    return PresenceView(person=person, minutes=minutes(times), times=spans(times, zone))


def _statement(row: Meeting, one: Presence, zone: str) -> StatementView:
    return StatementView(
        person=one.person,
        source=one.source,
        joined_at=on_clock(one.joined_at, zone),
        left_at=on_clock(one.left_at, zone) if one.left_at else None,
        counts=counts(row, one),
    )


def _contradiction(found: Contradiction) -> ContradictionView:
    return ContradictionView(
        person=found.person,
        code=found.code,
        words=[WordView(source=one.source, minutes=one.minutes) for one in found.words],
        sentence=contradiction_sentence(found),
    )
