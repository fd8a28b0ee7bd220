"""Whatever people do in whatever order: nobody is booked twice, and the log alone tells the same story."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.scheduling.availability import Hours
from services.scheduling.contradictions import contradicted
from services.scheduling.meetings import bookings
from services.scheduling.model import Booking, EvidenceRule, Meeting, Person, Rules
from shared.events.envelope import Event, EventData
from shared.events.scheduling import Met, Missed, Reminded, Scheduled
from shared.intervals import covers
from tests.scheduling.grid import is_known, minutes_together
from tests.scheduling.history import (
    PROGRAM,
    START,
    History,
    all_of,
    available,
    opened,
    paired,
)
from tests.scheduling.steps import CYCLES, PERSONS, act, steps, testimony


class Watched(History):
    """A history that holds every word about a meeting against the meeting's row, at the time when it is said."""

    def fold_event(self, event: Event) -> list[EventData]:
        said = super().fold_event(event)
        for answer in self.log[-1][1]:
            match answer.data:
                case Met() as met:
                    self.check_met(self.row(Meeting, answer.key, met.meeting), met)
                case Missed() as missed:
                    self.check_missed(self.row(Meeting, answer.key, missed.meeting), missed)
                case Reminded() as reminded:
                    self.check_reminded(self.row(Meeting, answer.key, reminded.meeting), reminded)
        return said

    def check_met(self, row: Meeting, met: Met) -> None:
        """Both were there long enough, the meeting is over, and nothing ahead makes up for it."""
        assert met.overlap.minutes == len(minutes_together(row)) >= row.proof.overlap_min
        assert self.now >= row.ends_at
        assert met.contradicted == contradicted(row)
        ahead = [one for one in self.standing(row.cycle) if one.starts_at > self.now]
        assert row.meeting not in [one.replaces for one in ahead]

    def check_missed(self, row: Meeting, missed: Missed) -> None:
        """Both were not there long enough; absent is who is not known to have been there while the other is."""
        assert len(minutes_together(row)) < row.proof.overlap_min
        assert self.now >= row.proof.dispute.after(row.ends_at, row.proof.zone)
        absent = [one for one in (row.mentee, row.mentor) if not is_known(row, one)]
        assert (missed.reason == "no_evidence") == (len(absent) == 2)
        assert list(missed.absent) == (absent if len(absent) == 1 else [])

    def check_reminded(self, row: Meeting, reminded: Reminded) -> None:
        """The meeting stands so, and has not begun."""
        assert (row.status, row.sequence) == ("confirmed", reminded.sequence)
        assert row.starts_at == reminded.starts_at > self.now


def run(
    plan: list[tuple[Any, ...]], evidence: EvidenceRule = "both"
) -> tuple[History, list[EventData]]:
    history = Watched()
    history.say(PROGRAM, opened(weekly_max=2, evidence=evidence))
    for person in PERSONS:
        history.say(person, available("08:00", "PT10H"))
    said: list[EventData] = []
    for cycle, pair in list(CYCLES.items())[:2]:
        said += history.say(cycle, paired(*pair))
    for step in plan:
        print(step)
        said += act(history, step)
        check_breaks(history)
        check_bookings(history)
    return history, said


def all_standing(history: History) -> list[Meeting]:
    rows = history.world.where(Meeting, program=PROGRAM, status="confirmed")
    return [row for row in rows if row.starts_at > history.now]


def check_bookings(history: History) -> None:
    """Nobody is in two meetings at once, held ones too, and bookings are what the meetings ask for."""
    taken = history.world.where(Booking, program=PROGRAM)
    for one, other in pairwise(sorted(taken, key=lambda row: (row.person, row.starts_at))):
        assert one.person != other.person or one.ends_at <= other.starts_at, (one, other)
    asked = [bookings(meeting) for meeting in history.world.where(Meeting, program=PROGRAM)]
    assert set(taken) == set[Booking]().union(*asked)


def check_breaks(history: History) -> None:
    """Nobody has two meetings at once, or without a break between them."""
    buffer = timedelta(minutes=15)
    for person in PERSONS:
        mine = sorted(
            (row.starts_at, row.ends_at)
            for row in all_standing(history)
            if person in (row.mentee, row.mentor)
        )
        assert all(b[0] - a[1] >= buffer for a, b in pairwise(mine)), (person, mine)


def check_hours(history: History) -> None:
    """Once every timer has gone off, what lies outside the notice lies in both persons' hours."""
    rules = history.world.where(Rules, program=PROGRAM)[0]
    for row in all_standing(history):
        if row.starts_at < history.now + timedelta(days=2):
            continue
        for person in (row.mentee, row.mentor):
            hours = Hours(history.row(Person, person), rules, row.starts_at, row.ends_at)
            assert covers(hours.present, row.starts_at, row.ends_at), row


def check_words(said: list[EventData]) -> None:
    """Sequences only rise, verdicts come once, corrections behind what they correct."""
    sequence: dict[str, int] = {}
    for one in all_of(said, Scheduled):
        assert one.sequence == sequence.get(one.meeting, -1) + 1
        sequence[one.meeting] = one.sequence
    met = Counter(one.meeting for one in all_of(said, Met))
    missed = Counter(one.meeting for one in all_of(said, Missed))
    reminded = Counter((one.meeting, one.sequence, str(one.lead)) for one in all_of(said, Reminded))
    assert max([*met.values(), *missed.values(), *reminded.values()], default=1) == 1
    for held in all_of(said, Met):
        assert (held.corrects is not None) == (held.meeting in missed)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plan=steps, evidence=st.sampled_from(["system", "both", "one"]))
def test_nobody_is_booked_twice_and_words_are_in_order(
    plan: list[tuple[Any, ...]], evidence: EvidenceRule
) -> None:
    history, said = run(plan, evidence)
    said += history.wait(minutes=5)
    check_hours(history)
    check_words(said)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plan=steps)
def test_the_log_alone_gives_the_same_rows(plan: list[tuple[Any, ...]]) -> None:
    history, _ = run(plan)
    assert list(history.rebuilt().rows()) == list(history.world.rows())


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plan=steps)
def test_every_meeting_is_settled_in_the_end(plan: list[tuple[Any, ...]]) -> None:
    history, _ = run(plan)
    history.wait_until(START + timedelta(days=400))
    assert history.timers == {}
    rows = history.world.where(Meeting, program=PROGRAM)
    assert {row.status for row in rows} <= {"met", "missed", "cancelled", "unplanned"}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plan=testimony, evidence=st.sampled_from(["system", "both", "one"]))
def test_verdicts_are_what_a_grid_of_minutes_says_when_they_are_said(
    plan: list[tuple[Any, ...]], evidence: EvidenceRule
) -> None:
    _, said = run(plan, evidence)
    check_words(said)
