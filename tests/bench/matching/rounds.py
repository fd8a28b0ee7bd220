"""All contestants in one market, one after the other, each in a process of its own, and then judged together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tests.bench.check import Wrong
from tests.bench.matching.field import Entrant
from tests.bench.matching.judge import judge
from tests.bench.matching.markets import keep, kept
from tests.bench.matching.measure import Lap, belongs, chosen, hindrance, run
from tests.bench.matching.results import Entry, Measured
from tests.bench.matching.settings import Setting

ENOUGH = 10.0
"""A contestant that has had so many seconds is not run again."""
SAMPLE = 20
"""Where no matrix fits, blocking pairs are counted among one in so many requests."""
Say = Callable[[str], None]


def measure(
    setting: Setting,
    entrants: Sequence[Entrant],
    place: Path,
    *,
    run_id: str,
    rounds: int,
    limit: float,
    say: Say,
) -> Measured:
    """Run a market in interleaved rounds.

    Raises:
        Wrong: a choice breaks the rules or is another one in another round, or ours and scipy do not agree on the
            optimum.
    """
    say(f"{setting.name}: making the market")
    scoring = keep(setting, place)
    field = [entrant for entrant in entrants if belongs(entrant, setting)]
    measured = Measured(setting, {entrant.name: Entry(run_id) for entrant in field}, scoring)
    for number in range(1, rounds + 1):
        for entrant in field:
            entry = measured.entries[entrant.name]
            if not entry.missing and sum(lap.seconds for lap in entry.laps) < ENOUGH:
                say(f"{setting.name}, round {number} of {rounds}: {entrant.name}")
                _once(entrant, entry, setting, place, limit)
                say(f"    {_told(entry)}")
    say(f"{setting.name}: judging")
    _judge(measured, field, place)
    return measured


def _once(entrant: Entrant, entry: Entry, setting: Setting, place: Path, limit: float) -> None:
    before = chosen(entrant, place)
    found = hindrance(entrant, setting) or run(entrant, place, limit)
    if not isinstance(found, Lap):
        entry.missing = found
        return
    entry.laps.append(found)
    after = chosen(entrant, place)
    if before is not None and after is not None and not np.array_equal(before, after):
        raise Wrong(f"{setting.name}: {entrant.name} chose otherwise in another round")


def _told(entry: Entry) -> str:
    if entry.missing:
        return entry.missing
    lap = entry.laps[-1]
    return f"{lap.seconds:,.2f} s, {lap.cpu:,.2f} s of CPU, {lap.handed:,.0f} MB, at most {lap.peak:,.0f} MB"


def _judge(measured: Measured, field: Sequence[Entrant], place: Path) -> None:
    found = {entrant.name: chosen(entrant, place) for entrant in field}
    done = {name: column for name, column in found.items() if column is not None}
    if not done:
        return
    every = 1 if measured.setting.is_dense else SAMPLE
    for name, figures in judge(kept(place)(), done, every).items():
        measured.entries[name].figures = figures
    agree(measured)


def agree(measured: Measured) -> None:
    """Ours and scipy have found the same optimum, to the last unit, and nobody has found more than the bound.

    Raises:
        Wrong: they have not.
    """
    totals = {
        name: entry.figures.total for name, entry in measured.entries.items() if entry.figures
    }
    exact = {name: totals[name] for name in ("optimal", "round", "scipy") if name in totals}
    if len(set(exact.values())) > 1:
        raise Wrong(f"{measured.setting.name}: the optimum is not one: {exact}")
    for name, total in totals.items():
        if measured.bound is not None and total > measured.bound:
            raise Wrong(f"{measured.setting.name}: {name} is worth {total}, over {measured.bound}")
