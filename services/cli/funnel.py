"""The funnel of a program: how many requests were paired, met, reviewed and concluded, and how it went.

Each function says what it counts; every rate comes with its denominator and is null when that is 0.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.cli.funnel_measure import (
    DIGITS,
    Rate,
    Wait,
    days_between,
    mean,
    quantile,
    rate,
    wait,
)
from services.cli.funnel_record import Cycle, Record

CONTENT = 0.75
"""A side whose mean satisfaction is at least this is content."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the funnel: who got there and through all steps before; shares of the step before and of all."""

    name: str
    count: int
    of_previous: float | None
    of_all: float | None


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """Ratings as shares of their range: mean per cycle and side, then over cycles.

    Attributes:
        mentee, mentor: the mean of what this side gave.
        both_content: cycles with ratings of both sides in which both means are at least 0.75.
        responses: reviews submitted of those that could have been.
    """

    mentee: float | None
    mentor: float | None
    both_content: Rate
    responses: Rate


@dataclass(frozen=True, slots=True)
class Load:
    """Open pairs by capacity, zeros included: each mentor's own peak, and how it stands at the end."""

    mentors: int
    mean_peak: float | None
    p90_peak: float | None
    idle: int
    open: int


@dataclass(frozen=True, slots=True)
class Letter:
    """Dead letters of one kind: what a service refused, or could not fold."""

    service: str
    kind: str
    rule: str
    count: int


@dataclass(frozen=True, slots=True)
class Funnel:
    """What became of a program."""

    events: int
    first: datetime | None
    last: datetime | None
    steps: Sequence[Step]
    matched: Rate
    open_requests: int
    time_to_pair: Wait
    time_to_first_meeting: Wait
    held: Rate
    unplanned: int
    no_show: Rate
    outcomes: Mapping[str, int]
    early_closure: Rate
    goals: Rate
    satisfaction: Satisfaction
    load: Load
    letters: Sequence[Letter]


def funnel(record: Record) -> Funnel:
    """Compute it from what was noted of the log."""
    cycles = list(record.cycles.values())
    pairs = [cycle for cycle in cycles if cycle.paired_at]
    decided = {c.request for c in cycles if c.paired_at or c.conclusion}
    paired = {c.request for c in pairs}
    return Funnel(
        events=sum(record.words.values()),
        first=record.first,
        last=record.last,
        steps=list(_steps(record)),
        matched=rate(len(paired), len(decided)),
        open_requests=len(record.requests) - len(decided),
        time_to_pair=_time_to_pair(record),
        time_to_first_meeting=_time_to_first_meeting(record, pairs),
        held=_held(pairs),
        unplanned=sum(cycle.unplanned for cycle in pairs),
        no_show=_no_show(pairs),
        outcomes=_outcomes(cycles),
        early_closure=_early_closure(pairs),
        goals=_goals(pairs),
        satisfaction=_satisfaction(record, pairs),
        load=_load(record),
        letters=[Letter(*key, count) for key, count in sorted(record.letters.items())],
    )


def _steps(record: Record) -> Iterator[Step]:
    """Requests through the five words; a request has got as far as one of its cycles."""
    by_request: dict[str, list[Cycle]] = {}
    for cycle in record.cycles.values():
        by_request.setdefault(cycle.request, []).append(cycle)
    reached = Counter(max(map(_reached, cycles)) for cycles in by_request.values())
    names = ("requested", "paired", "met", "reviewed", "concluded")
    total = previous = len(by_request)
    for depth, name in enumerate(names):
        count = sum(number for step, number in reached.items() if step >= depth)
        yield Step(name, count, rate(count, previous).rate, rate(count, total).rate)
        previous = count


def _reached(cycle: Cycle) -> int:
    passed = (cycle.paired_at, cycle.first_met, cycle.reviews, cycle.conclusion)
    return next((depth for depth, step in enumerate(passed) if not step), len(passed))


def _time_to_pair(record: Record) -> Wait:
    """From the first `requested` to the first `paired`; until its end, or now, for who was never paired."""
    paired: dict[str, datetime] = {}
    ended: dict[str, datetime] = {}
    for cycle in record.cycles.values():
        if cycle.paired_at:
            paired[cycle.request] = min(cycle.paired_at, paired.get(cycle.request, cycle.paired_at))
        elif cycle.concluded_at:
            ended[cycle.request] = cycle.concluded_at
    asked = record.requests
    return wait(
        [days_between(asked[request], at) for request, at in paired.items()],
        [
            days_between(at, ended.get(request, record.last or at))
            for request, at in asked.items()
            if request not in paired
        ],
    )


def _time_to_first_meeting(record: Record, pairs: Iterable[Cycle]) -> Wait:
    done, censored = [], []
    for cycle in pairs:
        paired_at = cycle.paired_at
        if paired_at and cycle.first_met:
            done.append(days_between(paired_at, cycle.first_met))
        elif paired_at:
            until = cycle.concluded_at or record.last or paired_at
            censored.append(days_between(paired_at, until))
    return wait(done, censored)


def _held(pairs: Iterable[Cycle]) -> Rate:
    """Planned numbers whose last word is `met`, of those that are due: judged, or cancelled by people."""
    last = Counter(word for cycle in pairs for word in cycle.numbers.values())
    return rate(last["met"], last["met"] + last["missed"] + last["cancelled"])


def _no_show(pairs: Iterable[Cycle]) -> Rate:
    """Absent persons, of the two of every meeting that was held or missed because somebody was absent."""
    absences = [absent for cycle in pairs for absent in cycle.absences.values()]
    return rate(sum(absences), 2 * len(absences))


def _outcomes(cycles: Iterable[Cycle]) -> Mapping[str, int]:
    found = Counter(cycle.conclusion.outcome for cycle in cycles if cycle.conclusion)
    return dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))


def _early_closure(pairs: Iterable[Cycle]) -> Rate:
    outcomes = [cycle.conclusion.outcome for cycle in pairs if cycle.conclusion]
    return rate(sum(each in {"ended_early", "left"} for each in outcomes), len(outcomes))


def _goals(pairs: Iterable[Cycle]) -> Rate:
    goals = [cycle.conclusion.goals for cycle in pairs if cycle.conclusion]
    return rate(sum(each.reached for each in goals), sum(each.agreed for each in goals))


def _satisfaction(record: Record, pairs: Iterable[Cycle]) -> Satisfaction:
    means = [
        {side: mean(values) or 0.0 for side, values in cycle.ratings.items()} for cycle in pairs
    ]
    both = [each for each in means if len(each) == 2]  # noqa: PLR2004  both sides
    content = sum(min(each.values()) >= CONTENT for each in both)
    return Satisfaction(
        mentee=_rounded(mean(each["mentee"] for each in means if "mentee" in each)),
        mentor=_rounded(mean(each["mentor"] for each in means if "mentor" in each)),
        both_content=rate(content, len(both)),
        responses=rate(record.review_sides, record.review_slots),
    )


def _load(record: Record) -> Load:
    mentors = [mentor for mentor in record.mentors.values() if mentor.capacity]
    peaks = [mentor.peak / mentor.capacity for mentor in mentors]
    return Load(
        mentors=len(mentors),
        mean_peak=_rounded(mean(peaks)),
        p90_peak=_rounded(quantile(peaks, 0.9)),
        idle=sum(mentor.peak == 0 for mentor in mentors),
        open=sum(mentor.open for mentor in mentors),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
