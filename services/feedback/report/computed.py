"""The metrics of the contract, computed as they are defined; `figures` has the words."""

from __future__ import annotations

import numpy as np

from services.feedback.report.arithmetic import Flags
from services.feedback.report.columns import OUTCOMES
from services.feedback.report.measure import DAYS, SHARES, Scope
from services.feedback.report.meetings import Shares
from services.feedback.report.model import Bar
from services.feedback.report.part import Numbers, Part
from services.feedback.report.small import merge_other
from services.feedback.report.state import STEPS

CONTENT = 0.75
"""A side whose mean satisfaction is at least this is content."""
_ROUNDING = 1e-9
"""Of a mean of thirds, say, that is CONTENT."""
_LOADS = (0.0, 0.01, 0.25, 0.5, 0.75, 1.0, 1.01)
_REACHED = (0.0, 0.01, 0.25, 0.5, 0.75, 1.0)
_EARLY = [OUTCOMES.index(each) for each in ("ended_early", "left")]


# -- requests and waits -----------------------------------------------------------------------------


def funnel(part: Part) -> Numbers:
    """How many requests came how far."""
    scope, steps = part.requests, part.state.steps
    every = np.ones(len(steps), np.int64)
    values = tuple(
        scope.rate(name, f"{name}, of all requests", (steps >= depth).astype(np.int64), every)
        for depth, name in enumerate(STEPS)
    )
    return Numbers(values)


def match_rate(part: Part) -> Numbers:
    """Requests and seats that got a mentor."""
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


def time_to_pair(part: Part) -> Numbers:
    """From the first `requested` to the first `paired`."""
    return _waits(part, part.requests, part.state.waits.days, part.state.waits.happened)


def time_to_first_meeting(part: Part) -> Numbers:
    """From `paired` to the first meeting held."""
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


def wait(part: Part) -> Numbers:
    """How long requests wait, with those still waiting."""
    return Numbers(
        tuple(part.requests.spread(part.state.waits.days, "days", ("p50", "p90", "max")))
    )


# -- meetings ---------------------------------------------------------------------------------------


def held(part: Part) -> Numbers:
    """Planned meetings held, of those due."""
    scope, meetings = part.pairs, part.state.meetings
    return Numbers(
        (
            scope.rate("rate", "planned meetings held, of those due", meetings.met, meetings.due),
            scope.rate(
                "unplanned",
                "meetings that nobody planned",
                meetings.unplanned,
                meetings.judged,
                "count",
            ),
        )
    )


def no_show(part: Part) -> Numbers:
    """Persons absent, and meetings that failed otherwise."""
    scope, meetings = part.pairs, part.state.meetings
    every = meetings.judged + meetings.cancelled
    apart = (
        ("no_evidence", "meetings without evidence", meetings.without_evidence),
        ("too_short", "meetings that were too short", meetings.too_short),
        ("cancelled", "meetings cancelled", meetings.cancelled),
        ("provisional", "verdicts that are not final yet", meetings.provisional),
    )
    return Numbers(
        (
            scope.rate(
                "rate", "absent, of all who were to be there", meetings.absent, meetings.expected
            ),
            *(scope.rate(name, title, count, every, "count") for name, title, count in apart),
        )
    )


def outside(part: Part, side: str) -> Numbers:
    """The share of each person's meetings outside fair hours."""
    told = part.state.meetings.outside[side]
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


def satisfaction(part: Part, side: str) -> Numbers:
    """The mean of what a side gave, by cycle."""
    means = part.state.means[side]
    scope = part.pairs.only(~np.isnan(means))
    values = (scope.mean(means), *scope.spread(means, "share"))
    return Numbers(values, scope.bars(means, SHARES, "share") if part.whole else ())


def two_sided(part: Part) -> Numbers:
    """Cycles in which both sides are content."""
    least = np.minimum(part.state.means["mentee"], part.state.means["mentor"])
    both = (~np.isnan(least)).astype(np.int64)
    content = (np.nan_to_num(least) >= CONTENT - _ROUNDING).astype(np.int64)
    title = f"cycles in which both means are at least {CONTENT}"
    return Numbers((part.pairs.rate("rate", title, content, both),))


def responses(part: Part) -> Numbers:
    """Reviews written, of those that could be."""
    state, title = part.state, "reviews written, of those that could be"
    return Numbers(
        (part.pairs.rate("rate", title, state.revealed - state.missing, state.revealed),)
    )


# -- conclusions ------------------------------------------------------------------------------------


def outcomes(part: Part) -> Numbers:
    """How pairs were concluded; small outcomes stand together."""
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


def early_closure(part: Part) -> Numbers:
    """Pairs that ended early."""
    early = np.isin(part.state.conclusion("outcome"), _EARLY).astype(np.int64)
    title = "ended early or left, of pairs concluded"
    ended = part.state.concluded.astype(np.int64)
    return Numbers((part.pairs.rate("rate", title, early, ended),))


def goals(part: Part) -> Numbers:
    """Goals reached, of those agreed."""
    state = part.state
    agreed, reached = (np.maximum(state.conclusion(each), 0) for each in ("agreed", "reached"))
    scope = part.pairs.only(agreed > 0)
    rate = scope.rate("rate", "goals reached, of those agreed", reached, agreed)
    if not part.whole:
        return Numbers((rate,))
    shares = reached / np.maximum(agreed, 1)
    return Numbers((rate,), scope.bars(shares, _REACHED, "share"))


# -- mentors ----------------------------------------------------------------------------------------


def load(part: Part) -> Numbers:
    """Open pairs by capacity, of every mentor."""
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
