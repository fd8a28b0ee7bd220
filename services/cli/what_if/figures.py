"""Figures of a comparison as people and programs read them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import orjson

from services.cli.what_if.compare import Comparison, Figure, Metric
from services.cli.what_if.limits import counted
from services.matching.what_if.account import Pair

NOTHING = "–"
UNLISTED = (
    "The pairs are not listed: wishes weigh otherwise or have a larger share of the score, and which pairs change "
    "would tell of somebody's wishes."
)


def shown(value: Figure, unit: str) -> str:
    """A figure with what it needs: `12`, `3.5 days`, `0.71`."""
    if value is None:
        return NOTHING
    if unit == "count":
        return f"{value:,}"
    return f"{value:.1f} days" if unit == "days" else f"{value:.2f}"


def difference(metric: Metric) -> str:
    """The revised world's figure less the recorded one's, with its sign; nothing where one is missing."""
    if metric.recorded is None or metric.revised is None:
        return NOTHING
    gap = metric.revised - metric.recorded
    digits = {"count": 0, "days": 1}.get(metric.unit, 2)
    text = f"{gap:+,.{digits}f}"
    return "0" if float(text.replace(",", "")) == 0 else text.replace("-", "−")


def rule(value: object) -> str:
    """A rule's value in short JSON."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def summary(found: Comparison) -> str:
    """The whole in two or three sentences."""
    recorded, new = len(found.recorded.pairs), len(found.only_revised)
    if not found.rules:
        more = f", and {_pairs(new)} made that the record does not have" if new else ""
        return f"No rule differs: {_pairs(recorded)} in the record, {len(found.both):,} made again{more}."
    return (
        f"Under the revised rules {_pairs(len(found.revised.pairs))} instead of {recorded:,}: "
        f"{len(found.both):,} the same, {len(found.only_recorded):,} of the record not made, "
        f"{counted(new, 'other', 'others')} made instead. "
        f"{found.revised.matched:,} of {found.revised.requests:,} requests "
        f"got a mentor instead of {found.recorded.matched:,} of {found.recorded.requests:,}.{_unanswered(found)}"
    )


def _pairs(number: int) -> str:
    return counted(number, "pair", "pairs")


def _unanswered(found: Comparison) -> str:
    """What the record's end leaves open is no pair that the rules prevent."""
    held = found.revised.held
    if not held:
        return ""
    count = counted(held, "proposal under them still waits", "proposals under them still wait")
    return (
        f" {count} for an answer when the record ends, and {found.recorded.held:,} of the record."
    )


def again(found: Comparison) -> str:
    """Whether today's code repeats the record, which is what the comparison stands on."""
    more = f", and {found.more:,} that the record does not have" if found.more else ""
    return (
        f"Decided again under the recorded rules: {found.again:,} of {found.pairs:,} recorded pairs come out, "
        f"at the same instant{more}."
    )


def plain(found: Comparison) -> dict[str, Any]:
    """For programs. Pairs are ids; left out where they would tell of wishes."""
    lists = {
        "both": found.both,
        "only_recorded": found.only_recorded,
        "only_revised": found.only_revised,
    }
    return {
        "program": found.program,
        "position": found.position,
        "first": found.first,
        "last": found.last,
        "rules": [asdict(each) for each in found.rules],
        "again": {"same": found.again, "of": found.pairs, "more": found.more},
        "metrics": [asdict(each) for each in found.metrics],
        "pairs": {name: len(pairs) for name, pairs in lists.items()},
        "listed": {name: [_pair(p) for p in pairs] for name, pairs in lists.items()}
        if found.named
        else None,
        "satisfaction": [asdict(each) for each in found.satisfaction],
        "assumed": found.assumed,
        "cannot_know": found.limits,
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "cycle": pair.cycle,
        "mentee": pair.mentee,
        "mentor": pair.mentor,
        "at": pair.at,
        "waited_days": round(pair.waited, 2),
        "score_by_recorded_rules": pair.recorded,
        "score_by_revised_rules": pair.revised,
    }
