"""How a cycle ends, and what is said about it.

Left goes before ended early, that before goals reached, that before completed. Who leaves or withdraws ends a
cycle at once. Otherwise it ends when every planned number has its final verdict, or when the program's last
day is over; what is still open then (misses that evidence may correct, blind reviews) is waited for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

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
from shared.events.feedback import Concluded, GoalCount
from shared.events.types import Duration, Role


@dataclass(frozen=True, slots=True)
class Tally:
    """A pair's meetings in figures. `settled`: every planned number has its last verdict."""

    held: int
    unplanned: int
    overlap: int
    settled: bool
    provisional: bool


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


def natural_end(pair: Paired, counted: Tally, goals: Iterable[Goal]) -> Outcome | None:
    """How the pair ends by itself, or None while it goes on."""
    if counted.provisional or not (counted.settled or pair.over):
        return None
    if all_reached(goals):
        return "goals_reached"
    # Divided, not multiplied: 11 of 20 is 0.55 in floating point, but 0.55 x 20 is more than 11.
    if counted.held / pair.planned >= pair.completes_at:
        return "completed"
    return "ended_early" if pair.over else None


def conclude_pair(
    cycle: Cycle,
    pair: Paired,
    counted: Tally,
    goals: list[Goal],
    outcome: Outcome,
    by: Role | None,
    *,
    again: bool,
) -> Concluded:
    """What is said when a pair ends; `again`: the mentee is to be matched anew, in a successor cycle."""
    return Concluded(
        mentee=cycle.mentee,
        mentor=cycle.mentor,
        rules=cycle.rules,
        outcome=outcome,
        paired=True,
        planned=pair.planned,
        held=counted.held,
        unplanned=counted.unplanned,
        overlap_total=Duration(clock=counted.overlap),
        goals=GoalCount(agreed=len(goals), reached=sum(goal.reached for goal in goals)),
        first_met_at=pair.first_met_at,
        ended_by=by,
        continues_in=successor(cycle) if again else None,
    )


def conclude_request(cycle: Cycle, outcome: Outcome, by: Role | None) -> Concluded:
    """What is said when a cycle ends that was never paired."""
    return Concluded(
        mentee=cycle.mentee, outcome=outcome, paired=False, overlap_total=Duration(), ended_by=by
    )


def summary(pair: Paired, data: Concluded, now: datetime) -> Summary:
    """What stays of a concluded pair."""
    return Summary(
        outcome=data.outcome,
        planned=data.planned,
        held=data.held,
        unplanned=data.unplanned,
        overlap=data.overlap_total.minutes,
        goals_agreed=data.goals.agreed,
        goals_reached=data.goals.reached,
        satisfaction={
            side: round(total.sum / 1e6 / total.count, 6) for side, total in pair.totals.items()
        },
        paired_at=pair.paired_at,
        concluded_at=now,
    )


def successor(cycle: Cycle) -> str:
    """The id of the cycle that continues this one."""
    return derived("successor", cycle.program, cycle.cycle)


def rematches(pair: Paired, left: Side) -> bool:
    """Whether the program pairs again when this side leaves: only a mentee is left waiting."""
    return left == "mentor" and pair.rematch and not pair.over
