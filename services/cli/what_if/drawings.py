"""The plots of a comparison: which pairs are the same, how long people wait, how well pairs suit, who carries how many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.cli.what_if.compare import Comparison
from services.cli.what_if.plots import Series, bar_of_parts, bars, histogram, steps
from services.matching.what_if.account import Account

_EDGES = [n / 10 for n in range(11)]
_LOADS = 8
"""Mentors with so many pairs, or more, are counted together."""


def drawings(found: Comparison) -> Iterator[str]:
    """Each as a card."""
    yield _card("Which pairs are the same", _parts_in_words(found), _same(found))
    yield _card(
        "How soon a seat gets its mentor",
        "Share of all seats asked for, by days since the request. Solid: recorded; dashed: revised.",
        _waits(found),
    )
    yield _card(
        "When pairs are made",
        "Share of all seats asked for, by days since the record's first event.",
        _pairings(found),
    )
    yield _card(
        "How well pairs suit, by the revised rules",
        "Pairs by score, from 0 to 1, both worlds measured alike.",
        _scores(found, "revised"),
    )
    yield _card(
        "How well pairs suit, by the recorded rules",
        "The same pairs, measured by the rules that were in force.",
        _scores(found, "recorded"),
    )
    yield _card(
        "What mentors carry", "Mentors by the number of pairs they were given.", _loads(found)
    )


def _card(title: str, words: str, drawing: str) -> str:
    return (
        f'<section class="card"><h3>{title}</h3><div class="soft">{words}</div>{drawing}</section>'
    )


def _parts_in_words(found: Comparison) -> str:
    keys = (
        ("recorded", f"{len(found.only_recorded):,} of the record only"),
        ("both", f"{len(found.both):,} of both"),
        ("revised", f"{len(found.only_revised):,} of the revised world only"),
    )
    listed = "".join(f'<li><i class="{style}"></i>{words}</li>' for style, words in keys)
    return f'<ul class="keys">{listed}</ul>'


def _same(found: Comparison) -> str:
    parts = [
        ("only recorded", "recorded", len(found.only_recorded)),
        ("in both worlds", "both", len(found.both)),
        ("only revised", "revised", len(found.only_revised)),
    ]
    return bar_of_parts("Pairs", parts)


def _waits(found: Comparison) -> str:
    series = [
        Series(name, name, [pair.waited for pair in world.pairs]) for name, world in _worlds(found)
    ]
    totals = [world.seats for _, world in _worlds(found)]
    return steps("Share of seats with a mentor", "days since the request", series, totals)


def _pairings(found: Comparison) -> str:
    series, totals = [], []
    for name, world in _worlds(found):
        since = [
            (pair.at - found.first).total_seconds() / 86_400 for pair in world.pairs if found.first
        ]
        series.append(Series(name, name, since))
        totals.append(world.seats)
    return steps("Share of seats with a mentor by day", "days", series, totals)


def _scores(found: Comparison, by: str) -> str:
    series = []
    for name, world in _worlds(found):
        scores = [getattr(pair, by) for pair in world.pairs]
        known = [score for score in scores if score is not None]
        series.append(Series(name, name, histogram(known, _EDGES)))
    labels = [f"{edge:.1f}" for edge in _EDGES[:-1]]
    return bars(f"Pairs by score under the {by} rules", "score, from", labels, series)


def _loads(found: Comparison) -> str:
    most = max((max(w.loads.values(), default=0) for _, w in _worlds(found)), default=0)
    places = min(most, _LOADS) + 1
    labels = [f"{n}+" if n == _LOADS else str(n) for n in range(places)]
    series = [
        Series(name, name, _counts(list(world.loads.values()), places))
        for name, world in _worlds(found)
    ]
    return bars("Mentors by pairs", "pairs", labels, series)


def _counts(loads: Sequence[int], places: int) -> list[float]:
    return [
        float(sum(min(load, places - 1) == number for load in loads)) for number in range(places)
    ]


def _worlds(found: Comparison) -> tuple[tuple[str, Account], tuple[str, Account]]:
    return ("recorded", found.recorded), ("revised", found.revised)
