"""The plots of a comparison: which pairs are the same, how long people wait, how well pairs suit, who carries how many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.cli.page.html import card, keys
from services.cli.plots.bars import Series, bar_of_parts, bars, histogram
from services.cli.plots.curves import reached, steps
from services.cli.what_if.compare import Comparison
from services.matching.what_if.account import Account

_EDGES = [n / 10 for n in range(11)]
_LOADS = 8
"""Mentors with so many pairs, or more, are counted together."""


def drawings(found: Comparison) -> Iterator[str]:
    """Each as a card."""
    yield card("Which pairs are the same", _parts_in_words(found), _same(found))
    yield card(
        "How soon a seat gets its mentor",
        "Share of all seats asked for, by days since the request. Solid: recorded; dashed: revised.",
        _waits(found),
    )
    yield card(
        "When pairs are made",
        "Share of all seats asked for, by days since the record's first event.",
        _pairings(found),
    )
    yield card(
        "How well pairs suit, by the revised rules",
        "Pairs by score, from 0 to 1, both worlds measured alike.",
        _scores(found, "revised"),
    )
    yield card(
        "How well pairs suit, by the recorded rules",
        "The same pairs, measured by the rules that were in force.",
        _scores(found, "recorded"),
    )
    yield card(
        "What mentors carry", "Mentors by the number of pairs they were given.", _loads(found)
    )


def _parts_in_words(found: Comparison) -> str:
    return keys(
        (
            ("a", f"{len(found.only_recorded):,} of the record only"),
            ("c", f"{len(found.both):,} of both"),
            ("b", f"{len(found.only_revised):,} of the revised world only"),
        )
    )


def _same(found: Comparison) -> str:
    parts = [
        ("only recorded", "a", len(found.only_recorded)),
        ("in both worlds", "c", len(found.both)),
        ("only revised", "b", len(found.only_revised)),
    ]
    return bar_of_parts("Pairs", parts)


def _waits(found: Comparison) -> str:
    curves = [
        reached(name, style, [pair.waited for pair in world.pairs], world.seats)
        for name, style, world in _worlds(found)
    ]
    return steps("Share of seats with a mentor", "days since the request", curves)


def _pairings(found: Comparison) -> str:
    curves = [
        reached(name, style, _days(found, world), world.seats)
        for name, style, world in _worlds(found)
    ]
    return steps("Share of seats with a mentor by day", "days", curves)


def _days(found: Comparison, world: Account) -> list[float]:
    first = found.first
    return [(pair.at - first).total_seconds() / 86_400 for pair in world.pairs if first]


def _scores(found: Comparison, by: str) -> str:
    series = []
    for name, style, world in _worlds(found):
        scores = [getattr(pair, by) for pair in world.pairs]
        known = [score for score in scores if score is not None]
        series.append(Series(name, style, histogram(known, _EDGES)))
    labels = [f"{edge:.1f}" for edge in _EDGES[:-1]]
    return bars(f"Pairs by score under the {by} rules", "score, from", labels, series)


def _loads(found: Comparison) -> str:
    most = max((max(w.loads.values(), default=0) for _, _, w in _worlds(found)), default=0)
    places = min(most, _LOADS) + 1
    labels = [f"{n}+" if n == _LOADS else str(n) for n in range(places)]
    series = [
        Series(name, style, _counts(list(world.loads.values()), places))
        for name, style, world in _worlds(found)
    ]
    return bars("Mentors by pairs", "pairs", labels, series)


def _counts(loads: Sequence[int], places: int) -> list[float]:
    return [
        float(sum(min(load, places - 1) == number for load in loads)) for number in range(places)
    ]


def _worlds(found: Comparison) -> tuple[tuple[str, str, Account], tuple[str, str, Account]]:
    """Each with its name and its style."""
    return ("recorded", "a", found.recorded), ("revised", "b", found.revised)
