"""How a cycle ends, and what is said about it.

Left goes before ended early, that before goals reached, that before completed. Who leaves or withdraws ends a
cycle at once. Otherwise it ends when every planned number has its final verdict, or when the program's last
day is over; what is still open then (misses that evidence may correct, blind reviews) is waited for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.feedback.goals import all_reached
from services.feedback.model import (
    Cycle,
    Goal,
    Held,
    Lost,
    Meeting,
    Missed,
    Outcome,
    Paired,
    Planned,
    Side,
    Summary,
    derived,
)
from services.feedback.shares import satisfaction
from shared.events.duration import LONGEST_DAYS
from shared.events.feedback import Concluded, GoalCount
from shared.events.types import Duration, Role

LONGEST = timedelta(days=LONGEST_DAYS)
"""What a duration of the contract can say; instants may lie further apart, and meetings be longer together."""


@dataclass(frozen=True, slots=True)
class Tally:
    """A pair's meetings in figures. `settled`: every planned number has its last verdict."""

    held: int
    unplanned: int
    overlap: int
    settled: bool
    provisional: bool


@dataclass(frozen=True, slots=True)
class Account:
    """What has become of a pair by `now`: its meetings in figures, and its goals, dropped ones too."""

    cycle: Cycle
    pair: Paired
    counted: Tally
    goals: Sequence[Goal]
    now: datetime


def tally(pair: Paired, meetings: Iterable[Meeting]) -> Tally:
    """Count a pair's meetings; a number is held when one of its meetings was."""
    meetings = list(meetings)
    plan = range(1, pair.planned + 1)
    numbers = {kind: _numbers(meetings, kind, plan) for kind in (Held, Missed, Lost, Planned)}
    held = numbers[Held]
    judged = held | numbers[Missed] | numbers[Lost]
    ahead = numbers[Planned] - held
    overlaps = [m.state.overlap for m in meetings if isinstance(m.state, Held)]
    return Tally(
        held=len(held),
        unplanned=sum(isinstance(m.state, Held) and m.number == 0 for m in meetings),
        overlap=sum(overlaps),
        settled=len(judged - ahead) == pair.planned,
        provisional=any(isinstance(m.state, Missed) for m in meetings),
    )


def _numbers(meetings: Iterable[Meeting], kind: type, plan: range) -> set[int]:
    """The planned numbers that have a meeting in this state."""
    return {m.number for m in meetings if isinstance(m.state, kind) and m.number in plan}


def has_ended(pair: Paired, counted: Tally) -> bool:
    """Whether nothing is ahead of the pair: each number has its last verdict, or the program is over."""
    return not counted.provisional and (counted.settled or pair.over)


def natural_end(account: Account) -> Outcome | None:
    """How the pair ends by itself, or None while it goes on."""
    pair, counted = account.pair, account.counted
    if not has_ended(pair, counted):
        return None
    if all_reached(account.goals):
        return "goals_reached"
    # Divided, not multiplied: 11 of 20 is 0.55 in floating point, but 0.55 x 20 is more than 11.
    if counted.held / pair.planned >= pair.completes_at:
        return "completed"
    return "ended_early" if pair.over else None


def conclude_pair(account: Account, outcome: Outcome, by: Role | None, *, again: bool) -> Concluded:
    """What is said when a pair ends; `again`: the mentee is to be matched anew, in a successor cycle.

    Satisfaction is no part of it: other systems read it, and ratings are not theirs to read.
    """
    cycle, pair, counted = account.cycle, account.pair, account.counted
    reached = sum(goal.reached for goal in account.goals)
    return Concluded(
        mentee=cycle.mentee,
        mentor=cycle.mentor,
        rules=cycle.rules,
        outcome=outcome,
        paired=True,
        planned=pair.planned,
        held=counted.held,
        unplanned=counted.unplanned,
        overlap_total=Duration.exactly(min(timedelta(minutes=counted.overlap), LONGEST)),
        goals=GoalCount(agreed=len(account.goals), reached=reached),
        first_met_at=pair.first_met_at,
        ended_by=by,
        continues_in=successor(cycle) if again else None,
        lasted=lasted(pair, account.now),
    )


def lasted(pair: Paired, now: datetime) -> Duration:
    """From the pairing to the end, in whole minutes."""
    return Duration.exactly(min(max(now - pair.paired_at, timedelta()), LONGEST))


def summary(pair: Paired, data: Concluded, now: datetime) -> Summary:
    """What is kept of a pair when it is over: what was said, and what its ratings came to."""
    return Summary(
        outcome=data.outcome,
        planned=data.planned,
        held=data.held,
        unplanned=data.unplanned,
        overlap=data.overlap_total.minutes,
        goals_agreed=data.goals.agreed,
        goals_reached=data.goals.reached,
        satisfaction=satisfaction(pair.totals),
        paired_at=pair.paired_at,
        concluded_at=now,
    )


def conclude_request(cycle: Cycle, outcome: Outcome, by: Role | None) -> Concluded:
    """What is said when a cycle ends that was never paired."""
    return Concluded(
        mentee=cycle.mentee, outcome=outcome, paired=False, overlap_total=Duration(), ended_by=by
    )


def successor(cycle: Cycle) -> str:
    """The id of the cycle that continues this one."""
    return derived("successor", cycle.program, cycle.cycle)


def rematches(pair: Paired, left: Side) -> bool:
    """Whether the program pairs again when this side leaves: only a mentee is left waiting."""
    return left == "mentor" and pair.rematch and not pair.over
