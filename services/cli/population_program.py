"""The program that the demo runs: its days, its rules, and what a coordinator states about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from shared.events.outside import Opened
from shared.events.rules import DEFAULT_FORMS, DEFAULT_HARD, Form, FormItem, FormText, OnCalendar
from shared.events.types import Duration, Side

PROGRAM = "demo"
STARTS_ON = date(2026, 3, 2)
"""A Monday: the six months hold Easter and the clock changes of both hemispheres' zones."""
ENROLS_BEFORE = timedelta(days=14)
MONTH = 30.5
ZONE = "Europe/Berlin"
REVIEW_WITHIN = timedelta(days=7)


def _closing(side: Side) -> Form:
    """What is asked after a closing meeting, and of the whole cycle: more than after the others."""
    first = next(form for form in DEFAULT_FORMS if form.side == side)
    recommends = FormItem(id="recommends", min=0, max=10, audience="program", required=True)
    learned = FormText(id="learned", max_length=2000, audience="program")
    items, texts = (*first.items, recommends), (*first.texts, learned)
    return Form(id=f"closing-{side}", side=side, type="closing", items=items, texts=texts)


FORMS = (*DEFAULT_FORMS, _closing("mentee"), _closing("mentor"))


@dataclass(frozen=True, slots=True)
class Plan:
    """How large the program is and how long it lasts."""

    mentors: int = 40
    mentees: int = 120
    months: int = 6

    @property
    def last(self) -> date:
        """The program's last day."""
        return STARTS_ON + timedelta(days=round(self.months * MONTH) - 1)

    @property
    def opens(self) -> datetime:
        """When the program is opened and people enrol."""
        return datetime.combine(STARTS_ON, time(8), UTC) - ENROLS_BEFORE

    @property
    def starts(self) -> datetime:
        """The first day."""
        return datetime.combine(STARTS_ON, time(), UTC)

    @property
    def ends(self) -> datetime:
        """When the last day is over everywhere."""
        return datetime.combine(self.last, time(), UTC) + timedelta(days=2)

    @property
    def length(self) -> timedelta:
        """From the first day to the last."""
        return self.ends - self.starts

    @property
    def meetings(self) -> int:
        """Meetings that the program plans for a pair: what its length has room for, six at most."""
        return max(2, min(6, self.months + 1))


def opened(plan: Plan) -> Opened:
    """The rules: weekly rounds, both sides are asked, meetings every other week, a form of its own at the end."""
    return Opened(
        rules="2026-1",
        effective_at=plan.opens,
        starts_on=STARTS_ON,
        ends_on=plan.last,
        zone=ZONE,
        holidays=("DE",),
        rounds=OnCalendar(rrule="FREQ=WEEKLY;BYDAY=MO", start="09:00"),
        hard=(*DEFAULT_HARD, "seniority"),
        floor=0.15,
        acceptance="both",
        accept_within=Duration(4),
        request_expires=Duration(42),
        on_mentor_left="rematch",
        capacity=3,
        planned_meetings=plan.meetings,
        cadence="FREQ=WEEKLY;INTERVAL=2",
        length=Duration(clock=60),
        dispute=Duration(2),
        notice=Duration(1),
        forms=FORMS,
        review_within=Duration(REVIEW_WITHIN.days),
        pay_it_forward=True,
        completes_at=0.8,
    )
