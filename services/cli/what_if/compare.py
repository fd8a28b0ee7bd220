"""Two worlds held against each other: pairs, waits, scores, loads, and what their pairs thought of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.cli.what_if.arithmetic import mean, quantile, survival_median
from services.cli.what_if.limits import limits
from services.cli.what_if.satisfaction import Satisfaction, satisfaction
from services.cli.what_if.weigh import Weighed
from services.matching.what_if.account import Account, Pair
from services.matching.what_if.alternative import Revise
from shared.events.outside import Opened

Figure = int | float | None


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure of both worlds. `unit`: count, days, score (0 to 1) or share (0 to 1)."""

    name: str
    recorded: Figure
    revised: Figure
    unit: str = "count"


@dataclass(frozen=True, slots=True)
class Rule:
    """A field that differs, in one version of the rules."""

    version: str
    field: str
    recorded: Any
    revised: Any


@dataclass(frozen=True, slots=True)
class Comparison:
    """What would have differed.

    Attributes:
        again: of the recorded pairs, how many come out when it is decided again under the recorded rules.
        pairs: how many the record has.
        more: how many come out then that the record does not have.
        both: pairs of both worlds, as recorded; `only_recorded`, `only_revised`: pairs of one.
        named: whether these may be listed; not when wishes weigh otherwise, or have a larger share of the score,
            since which pairs change would tell of somebody's wishes.
        limits: what such a comparison cannot know, in sentences.
    """

    program: str
    position: int
    first: datetime | None
    last: datetime | None
    rules: Sequence[Rule]
    again: int
    pairs: int
    more: int
    metrics: Sequence[Metric]
    both: Sequence[Pair]
    only_recorded: Sequence[Pair]
    only_revised: Sequence[Pair]
    named: bool
    recorded: Account
    revised: Account
    satisfaction: Sequence[Satisfaction]
    assumed: Mapping[str, int]
    limits: Sequence[str]


def compare(program: str, weighed: Weighed, revise: Revise) -> Comparison:
    """Hold the revised world against the recorded one."""
    recorded, revised = weighed.recorded, weighed.revised
    theirs, ours = _by_persons(recorded), _by_persons(revised)
    both = [pair for who, pair in theirs.items() if who in ours]
    only_recorded = [pair for who, pair in theirs.items() if who not in ours]
    rules = [(rules, revise(rules)) for rules in weighed.rules.values()]
    return Comparison(
        program=program,
        position=weighed.position,
        first=weighed.first,
        last=weighed.last,
        rules=[each for before, after in rules for each in _changed(before, after)],
        again=len(_whole(recorded) & _whole(weighed.again)),
        pairs=len(recorded.pairs),
        more=len(_whole(weighed.again) - _whole(recorded)),
        metrics=_metrics(recorded, revised, len(both)),
        both=both,
        only_recorded=only_recorded,
        only_revised=[pair for who, pair in ours.items() if who not in theirs],
        named=not any(_tells_of_wishes(before, after) for before, after in rules),
        recorded=recorded,
        revised=revised,
        satisfaction=satisfaction(weighed.ratings, both, only_recorded, weighed.k),
        assumed=dict(weighed.assumed),
        limits=limits(weighed),
    )


def _by_persons(account: Account) -> dict[tuple[str, str], Pair]:
    return {(pair.mentee, pair.mentor): pair for pair in account.pairs}


def _whole(account: Account) -> set[tuple[str, str, str, datetime]]:
    return {(pair.cycle, pair.mentee, pair.mentor, pair.at) for pair in account.pairs}


def _tells_of_wishes(before: Opened, after: Opened) -> bool:
    """Whether wishes alone may be why a pair is another: they weigh more or less, or the rest weighs less."""
    weighs, will = (rules.weights.get("wishes", 0.0) for rules in (before, after))
    share, will_share = weighs / sum(before.weights.values()), will / sum(after.weights.values())
    return weighs != will or will_share > share


def _changed(before: Opened, after: Opened) -> list[Rule]:
    """The fields that differ; of weights, each part by itself."""
    old, new = (_flat(rules.model_dump(mode="json")) for rules in (before, after))
    names = sorted(old.keys() | new.keys())
    pairs = [(name, old.get(name), new.get(name)) for name in names]
    return [Rule(before.rules, name, was, is_) for name, was, is_ in pairs if was != is_]


def _flat(fields: dict[str, Any]) -> dict[str, Any]:
    weights = {f"weights.{part}": weight for part, weight in fields.pop("weights").items()}
    return fields | weights


def _metrics(recorded: Account, revised: Account, shared: int) -> list[Metric]:
    worlds = (recorded, revised)
    waits = [[pair.waited for pair in world.pairs] for world in worlds]
    vain = [world.waiting for world in worlds]
    by_recorded = [_scores(world, "recorded") for world in worlds]
    by_revised = [_scores(world, "revised") for world in worlds]
    loads = [list(world.loads.values()) for world in worlds]

    def metric(name: str, values: Sequence[Figure], unit: str = "count") -> Metric:
        return Metric(name, values[0], values[1], unit)

    return [
        metric("requests", [world.requests for world in worlds]),
        metric("requests that got a mentor", [world.matched for world in worlds]),
        metric("seats asked for", [world.seats for world in worlds]),
        metric("pairs made", [len(world.pairs) for world in worlds]),
        metric("… of them in both worlds", [shared, shared]),
        metric("seats that ended without a pair", [len(w.waiting) - w.open for w in worlds]),
        metric("… of them unmatched in time", [w.counts["unmatched"] for w in worlds]),
        metric("seats that still wait at the end", [world.open for world in worlds]),
        metric("… of them for an answer to a proposal", [world.held for world in worlds]),
        metric("wait of the paired, median", [quantile(each, 50) for each in waits], "days"),
        metric("wait of the paired, 9 in 10 within", [quantile(w, 90) for w in waits], "days"),
        metric("longest wait, in vain or not", _longest(waits, vain), "days"),
        metric(
            "wait until half are paired, all counted",
            [survival_median(*each) for each in zip(waits, vain, strict=True)],
            "days",
        ),
        metric("mean score by the recorded rules", [mean(each) for each in by_recorded], "score"),
        metric("mean score by the revised rules", [mean(each) for each in by_revised], "score"),
        metric(
            "worst score by the revised rules", [min(s, default=None) for s in by_revised], "score"
        ),
        metric("mentors without a pair", [each.count(0) for each in loads]),
        metric("most pairs of one mentor", [max(each, default=0) for each in loads]),
        metric("proposals", [world.counts["proposed"] for world in worlds]),
        metric("proposals that expired", [world.counts["expired"] for world in worlds]),
    ]


def _longest(waits: Sequence[Sequence[float]], vain: Sequence[Sequence[float]]) -> list[Figure]:
    return [max([*a, *b], default=None) for a, b in zip(waits, vain, strict=True)]


def _scores(account: Account, by: str) -> list[float]:
    scores = [getattr(pair, by) for pair in account.pairs]
    return [score for score in scores if score is not None]
