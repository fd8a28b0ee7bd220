"""How a cycle ended, which flags stand, and who may be asked to mentor, as a reader may see it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from services.feedback.access import Level, Reader
from services.feedback.answers import CandidateSeen, ConclusionSeen, FinishedSeen, FlagSeen
from services.feedback.candidates import Candidate
from services.feedback.model import SIDES, Closing, Cycle, Ended, Paired, Side, Summary


def conclusion(cycle: Cycle, reader: Reader) -> ConclusionSeen | None:
    """How a cycle ended, None while it goes on.

    Each side's satisfaction is seen by that side: in the other's there are reviews that were never shown to it.
    Coordinators see both where they see ratings.
    """
    if not isinstance(cycle.state, Closing | Ended):
        return None
    summary = cycle.state.summary
    return ConclusionSeen(
        cycle=cycle.cycle,
        outcome=cycle.state.outcome,
        planned=summary.planned if summary else None,
        held=summary.held if summary else None,
        unplanned=summary.unplanned if summary else None,
        overlap_minutes=summary.overlap if summary else None,
        goals_agreed=summary.goals_agreed if summary else None,
        goals_reached=summary.goals_reached if summary else None,
        satisfaction=_satisfaction(summary, reader) if summary else {},
        paired_at=summary.paired_at if summary else None,
        concluded_at=summary.concluded_at if summary else None,
    )


def _satisfaction(summary: Summary, reader: Reader) -> dict[Side, float]:
    if isinstance(reader, Level):
        return dict(summary.satisfaction) if reader.figures else {}
    return {side: share for side, share in summary.satisfaction.items() if side == reader}


def flags(cycles: Iterable[Cycle], asker: str) -> Iterator[FlagSeen]:
    """The flags that stand; none of a pair that whoever asks is in."""
    for cycle in cycles:
        if isinstance(cycle.state, Paired) and asker not in {cycle.mentee, cycle.mentor}:
            yield from _flags(cycle, cycle.state)


def _flags(cycle: Cycle, pair: Paired) -> Iterator[FlagSeen]:
    for cause, flag in sorted(pair.watch.flags.items()):
        rule, _, name = cause.partition(".")
        yield FlagSeen(
            cycle=cycle.cycle,
            mentee=cycle.mentee,
            mentor=cycle.mentor,
            flag=flag.id,
            rule=rule,
            side=next((side for side in SIDES if side == name), None),
            evidence=list(flag.evidence),
        )


def candidate(found: Candidate) -> CandidateSeen:
    """A candidate mentor, and the cycles that speak for it."""
    finished = [
        FinishedSeen(
            cycle=each.cycle,
            outcome=each.summary.outcome,
            planned=each.summary.planned,
            held=each.summary.held,
            goals_agreed=each.summary.goals_agreed,
            goals_reached=each.summary.goals_reached,
            concluded_at=each.summary.concluded_at,
        )
        for each in found.finished
    ]
    return CandidateSeen(person=found.person, mentors=found.mentors, finished=finished)
