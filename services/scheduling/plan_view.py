"""What scheduling's API shows of a cycle's plan: its meetings, its gaps, and how the inconvenience is shared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from services.scheduling.examples import PLAN
from services.scheduling.model import Confirmed, Cycle, Gap, Meeting, Running
from services.scheduling.sentences import gap_sentence
from services.scheduling.views import MeetingView, Shown, meeting_view, on_clock, shown_as
from shared.events.types import Side

BORNE = frozenset({"confirmed", "met"})
"""A meeting of these is a burden on whoever attends it; one that was dropped or missed is not."""


class GapView(Shown):
    """A number of the plan without a meeting."""

    number: int
    constraint: str = Field(description="The first constraint that leaves no room.")
    until: datetime = Field(description="The end of the time that was searched.")
    sentence: str = Field(description="In words.")


class Burden(Shown):
    """What one side bears of the plan's meetings that stand or were held."""

    zone: str | None = Field(
        default=None, description="The side's own; absent when none was stated."
    )
    meetings: int = Field(description="Meetings that lie partly outside 08:00 to 18:00.")
    minutes: int = Field(description="Minutes of them outside.")


class PlanView(Shown):
    """The plan of a cycle."""

    model_config = shown_as(PLAN)

    cycle: str
    mentee: str
    mentor: str
    rules: str = Field(description="Version of the rules that bind it.")
    status: Literal["running", "ended"]
    zone: str = Field(description="Whose clock the times are told on.")
    planned: int | None = Field(
        default=None, description="How many meetings; absent of a cycle that has ended."
    )
    cadence: str | None = Field(default=None, description="How often (RRULE).")
    length: int | None = Field(default=None, description="Minutes of a meeting.")
    next: str | None = Field(default=None, description="The next meeting that stands.")
    meetings: list[MeetingView] = Field(
        description="In the order of their start; dropped ones too."
    )
    unplaced: list[GapView] = Field(description="Numbers that found no slot.")
    inconvenience: dict[Side, Burden] = Field(description="How it is shared.")


def plan_view(
    cycle: Cycle,
    rows: Sequence[Meeting],
    zones: Mapping[Side, str | None],
    zone: str,
    now: datetime,
) -> PlanView:
    """The plan of a cycle on the clock of `zone`.

    Args:
        cycle: the cycle.
        rows: its meetings, in the order of their start.
        zones: what each side has stated.
        zone: whose clock.
        now: what starts later lies ahead.
    """
    running = cycle.state if isinstance(cycle.state, Running) else None
    return PlanView(
        cycle=cycle.cycle,
        mentee=cycle.mentee,
        mentor=cycle.mentor,
        rules=cycle.rules,
        status=cycle.status,
        zone=zone,
        planned=running.terms.planned_meetings if running else None,
        cadence=running.terms.cadence if running else None,
        length=running.terms.length if running else None,
        next=_next(rows, now),
        meetings=[meeting_view(row, zone) for row in rows],
        unplaced=[_gap(gap, zone) for gap in (running.gaps if running else ())],
        inconvenience={
            "mentee": _burden(zones["mentee"], [row.outside_mentee for row in _borne(rows)]),
            "mentor": _burden(zones["mentor"], [row.outside_mentor for row in _borne(rows)]),
        },
    )


def _next(rows: Iterable[Meeting], now: datetime) -> str | None:
    ahead = (row for row in rows if isinstance(row.state, Confirmed) and row.starts_at > now)
    return next((row.meeting for row in ahead), None)


def _borne(rows: Iterable[Meeting]) -> list[Meeting]:
    return [row for row in rows if row.status in BORNE and row.planned]


def _burden(zone: str | None, minutes: Iterable[int | None]) -> Burden:
    outside = [each for each in minutes if each]
    return Burden(zone=zone, meetings=len(outside), minutes=sum(outside))


def _gap(gap: Gap, zone: str) -> GapView:
    return GapView(
        number=gap.number,
        constraint=gap.constraint,
        until=on_clock(gap.until, zone),
        sentence=gap_sentence(gap.constraint),
    )
