"""Every metric of the contract, with its definition, computed as it says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from services.feedback.report import layers
from services.feedback.report.arithmetic import Flags
from services.feedback.report.columns import OUTCOMES
from services.feedback.report.layers import Family
from services.feedback.report.measure import DAYS, SHARES, Scope
from services.feedback.report.model import Bar, Point, Value
from services.feedback.report.small import merge_other
from services.feedback.report.state import STEPS, Shares, State

CONTENT = 0.75
"""A side whose mean satisfaction is at least this is content."""
_LOADS = (0.0, 0.01, 0.25, 0.5, 0.75, 1.0, 1.01)
_REACHED = (0.0, 0.01, 0.25, 0.5, 0.75, 1.0)
_EARLY = [OUTCOMES.index(each) for each in ("ended_early", "left")]


@dataclass(frozen=True, slots=True)
class Part:
    """A program at a cut, or the part of it that these requests are; `whole`: it is all of it."""

    state: State
    chosen: Flags
    k: int
    whole: bool = True

    @property
    def requests(self) -> Scope:
        """Requests that were made, each of its mentee."""
        made = self.chosen & self.state.made
        return Scope(made, (self.state.columns.requests.mentee,), self.k)

    @property
    def pairs(self) -> Scope:
        """Cycles that were ever paired, each of its two sides."""
        state, spans = self.state, self.state.spans
        request_of = state.columns.request_of
        chosen = state.asked & state.paired & self.chosen[request_of]
        return Scope(chosen, (spans.mentee_of, spans.mentor_of), self.k)


@dataclass(frozen=True, slots=True)
class Numbers:
    """A metric of a part; the distribution is of the whole only, or parts would be told by subtraction."""

    values: Sequence[Value]
    bars: Sequence[Bar] = ()
    curve: Sequence[Point] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric.

    Attributes:
        name, title: for programs and for people.
        definition: what is counted.
        family: whose releases it is renewed at; None: those at which all of its sources are.
        measure: computes it.
        past: earlier releases are shown, too.
    """

    name: str
    title: str
    definition: str
    family: Family | None
    measure: Callable[[Part], Numbers]
    past: bool = False


# -- requests and waits -----------------------------------------------------------------------------


def _funnel(part: Part) -> Numbers:
    scope, steps = part.requests, part.state.steps
    every = np.ones(len(steps), np.int64)
    values = tuple(
        scope.rate(name, f"{name}, of all requests", (steps >= depth).astype(np.int64), every)
        for depth, name in enumerate(STEPS)
    )
    bars = [
        Bar(label=v.name, low=None, high=None, count=v.count or 0) for v in values if not v.hidden
    ]
    return Numbers(values, bars)


def _match_rate(part: Part) -> Numbers:
    scope, state = part.requests, part.state
    matched, decided = state.matched.astype(np.int64), state.decided.astype(np.int64)
    asked, filled = state.seats
    every = np.ones(len(matched), np.int64)
    return Numbers(
        (
            scope.rate("rate", "requests paired, of those decided", matched, decided),
            scope.rate("open", "open requests", 1 - decided, every, "count"),
            scope.rate("seats", "seats filled, of those asked for", filled, asked),
        )
    )


def _time_to_pair(part: Part) -> Numbers:
    return _waits(part, part.requests, part.state.waits.days, part.state.waits.happened)


def _time_to_first_meeting(part: Part) -> Numbers:
    waits = part.state.first_waits
    return _waits(part, part.pairs, waits.days, waits.happened)


def _waits(part: Part, scope: Scope, days: np.ndarray, happened: Flags) -> Numbers:
    done = scope.only(happened)
    every = np.ones(len(days), np.int64)
    waiting = (~happened).astype(np.int64)
    values = (
        scope.survival(days, happened),
        *done.spread(days, "days"),
        scope.rate("waiting", "still waiting, or ended before", waiting, every, "count"),
    )
    if not part.whole:
        return Numbers(values)
    return Numbers(values, done.bars(days, DAYS, "days"), scope.curve(days, happened))


def _wait(part: Part) -> Numbers:
    return Numbers(
        tuple(part.requests.spread(part.state.waits.days, "days", ("p50", "p90", "max")))
    )


# -- meetings ---------------------------------------------------------------------------------------


def _held(part: Part) -> Numbers:
    scope, state = part.pairs, part.state
    return Numbers(
        (
            scope.rate("rate", "planned meetings held, of those due", state.met, state.due),
            scope.rate(
                "unplanned", "meetings that nobody planned", state.unplanned, state.judged, "count"
            ),
        )
    )


def _no_show(part: Part) -> Numbers:
    scope, state = part.pairs, part.state
    every = state.judged + state.cancelled
    apart = (
        ("no_evidence", "meetings without evidence", state.without_evidence),
        ("too_short", "meetings that were too short", state.too_short),
        ("cancelled", "meetings cancelled", state.cancelled),
        ("provisional", "verdicts that are not final yet", state.provisional),
    )
    return Numbers(
        (
            scope.rate("rate", "absent, of all who were to be there", state.absent, state.expected),
            *(scope.rate(name, title, count, every, "count") for name, title, count in apart),
        )
    )


def _outside(part: Part, side: str) -> Numbers:
    told = part.state.outside(side)
    people, shares = _by_person(part, told)
    every = Scope(np.ones(len(people), np.bool_), (people,), part.k)
    values = (every.mean(shares), *every.spread(shares, "share"))
    return Numbers(values, every.bars(shares, SHARES, "share") if part.whole else ())


def _by_person(part: Part, told: Shares) -> tuple[np.ndarray, np.ndarray]:
    """The persons of this part with a meeting, and the share of each."""
    here = part.pairs.chosen[told.cycle]
    total = np.bincount(told.person[here], told.whole[here])
    people = np.flatnonzero(total)
    outside = np.bincount(told.person[here], told.part[here])[people]
    return people, outside / total[people]


# -- reviews ----------------------------------------------------------------------------------------


def _satisfaction(part: Part, side: str) -> Numbers:
    means = part.state.means(side)
    scope = part.pairs.only(~np.isnan(means))
    values = (scope.mean(means), *scope.spread(means, "share"))
    return Numbers(values, scope.bars(means, SHARES, "share") if part.whole else ())


def _two_sided(part: Part) -> Numbers:
    least = np.minimum(part.state.means("mentee"), part.state.means("mentor"))
    both = (~np.isnan(least)).astype(np.int64)
    content = (np.nan_to_num(least) >= CONTENT).astype(np.int64)
    title = f"cycles in which both means are at least {CONTENT}"
    return Numbers((part.pairs.rate("rate", title, content, both),))


def _responses(part: Part) -> Numbers:
    state, title = part.state, "reviews written, of those that could be"
    return Numbers(
        (part.pairs.rate("rate", title, state.revealed - state.missing, state.revealed),)
    )


# -- conclusions ------------------------------------------------------------------------------------


def _outcomes(part: Part) -> Numbers:
    outcome, scope = part.state.conclusion("outcome"), part.pairs.only(part.state.concluded)
    found = [scope.only(outcome == index) for index in range(len(OUTCOMES))]
    persons = [np.unique(each.people[0][each.chosen]).size for each in found]
    count = [int(each.chosen.sum()) for each in found]
    shown, other = merge_other(persons, part.k)
    bars = [_outcome(OUTCOMES[index], count[index]) for index in shown if count[index]]
    rest = sum(count[index] for index in other)
    every = part.state.concluded.astype(np.int64)
    value = part.pairs.rate("concluded", "pairs concluded", every, every, "count")
    if value.hidden or not part.whole:
        return Numbers((value,))
    return Numbers((value,), [*bars, _outcome("other", rest)] if rest else bars)


def _outcome(name: str, count: int) -> Bar:
    return Bar(label=name, low=None, high=None, count=count)


def _early_closure(part: Part) -> Numbers:
    early = np.isin(part.state.conclusion("outcome"), _EARLY).astype(np.int64)
    title = "ended early or left, of pairs concluded"
    ended = part.state.concluded.astype(np.int64)
    return Numbers((part.pairs.rate("rate", title, early, ended),))


def _goals(part: Part) -> Numbers:
    state = part.state
    agreed, reached = (np.maximum(state.conclusion(each), 0) for each in ("agreed", "reached"))
    scope = part.pairs.only(agreed > 0)
    rate = scope.rate("rate", "goals reached, of those agreed", reached, agreed)
    if not part.whole:
        return Numbers((rate,))
    shares = reached / np.maximum(agreed, 1)
    return Numbers((rate,), scope.bars(shares, _REACHED, "share"))


# -- mentors ----------------------------------------------------------------------------------------


def _load(part: Part) -> Numbers:
    mentors = part.state.mentors
    every = np.ones(len(mentors.person), np.int64)
    scope = Scope(every > 0, (mentors.person,), part.k)
    loads = mentors.open / np.maximum(mentors.capacity, 1)
    return Numbers(
        (
            scope.mean(loads),
            *scope.spread(loads, "share"),
            scope.rate(
                "idle", "mentors without a pair", (mentors.open == 0).astype(np.int64), every
            ),
            scope.rate("open", "open pairs, of places", mentors.open, mentors.capacity, "count"),
            scope.rate(
                "offers", "offers held for an answer", mentors.offers, mentors.capacity, "count"
            ),
        ),
        scope.bars(loads, _LOADS, "share"),
    )


FUNNEL = Figure(
    "funnel",
    "From request to conclusion",
    "Requests that came to each of the five events, through every step before it. A request has come as far as the "
    "furthest of its cycles. It is reviewed when a review has a rating.",
    None,
    _funnel,
)
OUTCOME = Figure(
    "outcomes",
    "How pairs were concluded",
    "Pairs by the outcome of their `concluded`; outcomes of fewer than k persons stand together as `other`. Requests that "
    "ended without a pair are in the match rate.",
    layers.conclusions,
    _outcomes,
)
FIGURES = (
    Figure(
        "match_rate",
        "Match rate",
        "Requests with at least one `paired`, of the requests decided: paired, or all of their cycles concluded without a "
        "pair (unmatched, withdrawn or left). Open ones beside it. Seats filled of seats asked for, apart.",
        layers.lifecycle,
        _match_rate,
        past=True,
    ),
    Figure(
        "time_to_pair",
        "Time to pair",
        "From the first `requested` of a request to its first `paired`, in days of 86,400 seconds. Quantiles by nearest "
        "rank, of those paired. The median of all is Kaplan and Meier's: who still waits, or ended without a pair, "
        "counts as waiting until then.",
        layers.lifecycle,
        _time_to_pair,
    ),
    Figure(
        "time_to_first_meeting",
        "Time to the first meeting",
        "From `paired` to the start of the earliest meeting that was held, in days; pairs that ended before, or have not "
        "met yet, count as waiting until then.",
        layers.lifecycle,
        _time_to_first_meeting,
    ),
    Figure(
        "wait",
        "Waiting",
        "Days from the first `requested` to the first `paired`; of those still waiting until the release, of those who "
        "ended without a pair until they did. To be compared by zone and weekly hours.",
        layers.lifecycle,
        _wait,
    ),
    Figure(
        "held",
        "Meetings held of those planned",
        "Planned numbers whose last verdict is met, of the numbers due: those with a verdict, and those whose start, as "
        "last scheduled or as it was when people cancelled it, has passed. A pair that ended owes nothing later.",
        layers.meetings,
        _held,
        past=True,
    ),
    Figure(
        "no_show",
        "No-shows",
        "Persons absent, of the persons of all meetings that were held or missed because somebody was absent. Meetings "
        "without evidence, too short, or cancelled are counted apart; a verdict is provisional until it is final.",
        layers.meetings,
        _no_show,
        past=True,
    ),
    Figure(
        "outside_of_mentees",
        "Meetings outside 08:00 to 18:00, mentees",
        "Of each mentee the share of the time of the meetings held that lay outside 08:00 to 18:00 on the mentee's clock.",
        layers.meetings,
        lambda part: _outside(part, "mentee"),
    ),
    Figure(
        "outside_of_mentors",
        "Meetings outside 08:00 to 18:00, mentors",
        "Of each mentor the share of the time of the meetings held that lay outside 08:00 to 18:00 on the mentor's clock.",
        layers.meetings,
        lambda part: _outside(part, "mentor"),
    ),
    Figure(
        "satisfaction_of_mentees",
        "Satisfaction of mentees",
        "Every rating that mentees gave as (rating - min) / (max - min); the mean of each cycle, then over cycles.",
        layers.reviews,
        lambda part: _satisfaction(part, "mentee"),
    ),
    Figure(
        "satisfaction_of_mentors",
        "Satisfaction of mentors",
        "Every rating that mentors gave as (rating - min) / (max - min); the mean of each cycle, then over cycles.",
        layers.reviews,
        lambda part: _satisfaction(part, "mentor"),
    ),
    Figure(
        "two_sided",
        "Both sides content",
        f"Cycles in which the mean of either side is at least {CONTENT}, of the cycles in which both sides have rated.",
        layers.reviews,
        _two_sided,
        past=True,
    ),
    Figure(
        "responses",
        "Reviews written",
        "Reviews that were submitted before they were revealed, of two for every meeting whose reviews were revealed.",
        layers.reviews,
        _responses,
        past=True,
    ),
    Figure(
        "goals",
        "Goal attainment",
        "Goals reached, of the goals in force at the conclusion and those dropped after the first meeting; concluded pairs "
        "only.",
        layers.conclusions,
        _goals,
    ),
    Figure(
        "early_closure",
        "Pairs that ended early",
        "Pairs concluded as ended_early or left, of the pairs concluded.",
        layers.conclusions,
        _early_closure,
        past=True,
    ),
)
LOAD = Figure(
    "load",
    "Load of mentors",
    "Open pairs by capacity (as offered, at most the program's) of every mentor who offers any and has not left; mentors "
    "without a pair are included. Offers held for an answer are counted apart.",
    None,
    _load,
)
