"""What was measured about replays, the targets of the design, and both as one JSON document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from tests.bench.replay.measure import Lap, Sample
from tests.bench.replay.services import NAMES
from tests.bench.results import FLAT, Target

LINEAR = 1.25
"""Growth is called linear when an event of the longest log costs at most so many times one of the shortest."""
_LEAST_SAMPLES = 5
"""Samples that a curve needs to say something."""


KEPT = 40
"""Samples of a memory curve that are published."""


@dataclass
class Results:
    """Everything of one run.

    Attributes:
        machine: see machine.py.
        parameters: how much was run.
        main: the size at which all are compared.
        laps: by size and contestant.
    """

    machine: Mapping[str, str]
    parameters: Mapping[str, Any]
    main: int
    laps: dict[int, dict[str, list[Lap]]] = field(default_factory=dict)

    def add(self, size: int, name: str, lap: Lap) -> None:
        """Keep a run."""
        self.laps.setdefault(size, {}).setdefault(name, []).append(lap)

    def rate(self, group: str, service: str = "", size: int | None = None) -> float | None:
        """The median of events a second; None when it did not run."""
        laps = self._laps(group, service, size)
        return median(lap.rate for lap in laps) if laps else None

    def cpu_each(self, group: str, service: str = "") -> float | None:
        """The median of microseconds of CPU an event."""
        laps = self._laps(group, service, None)
        return median(lap.cpu_each for lap in laps) if laps else None

    def curve(self, group: str, service: str = "") -> Sequence[Sample]:
        """The memory while the longest log went through it."""
        laps = self._laps(group, service, max(self.laps, default=0))
        return laps[-1].memory if laps else ()

    def document(self) -> dict[str, Any]:
        """For JSON: raw figures of every round, with their curves, medians and targets."""
        return {
            "machine": dict(self.machine),
            "parameters": dict(self.parameters),
            "runs": [
                {
                    "events": size,
                    "contestant": name,
                    "median_events_per_second": median(lap.rate for lap in laps),
                    "rounds": [_plain(lap) for lap in laps],
                }
                for size, found in sorted(self.laps.items())
                for name, laps in found.items()
            ],
            "targets": [asdict(target) for target in targets(self)],
        }

    def _laps(self, group: str, service: str, size: int | None) -> list[Lap]:
        found = self.laps.get(self.main if size is None else size, {})
        return found.get(f"{group} {service}".strip(), [])


def _plain(lap: Lap) -> dict[str, Any]:
    """With few of the samples, each as seconds, events and megabytes."""
    step = max(1, len(lap.memory) // KEPT)
    samples = [[each.seconds, each.events, each.megabytes] for each in lap.memory[::step]]
    rounded = {"seconds": round(lap.seconds, 3), "cpu_seconds": round(lap.cpu, 3)}
    return {"events": lap.events, **rounded, "rows": lap.rows, "memory": samples}


def targets(results: Results) -> list[Target]:
    """Those that this run can speak about; of the three services the one that is worst."""
    fetch = {name: results.rate("fetch") for name in NAMES}
    return [
        *_least(results, "rebuild", "SQLite ÷ nats-py `fetch(1000)` alone", fetch, 1.0),
        *_least(
            results, "rebuild-postgresql", "PostgreSQL ÷ nats-py `fetch(1000)` alone", fetch, 0.5
        ),
        *_least(results, "rebuild", "SQLite ÷ peer", _rates(results, "peer"), 20.0),
        *_memory(results),
        *_growth(results),
    ]


def _rates(results: Results, group: str) -> Mapping[str, float | None]:
    return {name: results.rate(group, name) for name in NAMES}


def _least(
    results: Results, group: str, what: str, below: Mapping[str, float | None], least: float
) -> Iterator[Target]:
    above = _rates(results, group)
    ratios = [over / under for name in NAMES if (over := above[name]) and (under := below[name])]
    if ratios:
        found = min(ratios)
        yield Target(f"rebuild, {what}", f"≥ {least:g}", found, "×", found >= least)


def _memory(results: Results) -> Iterator[Target]:
    curves = [results.curve("rebuild", name) for name in NAMES]
    grown = [growth(curve) for curve in curves if len(curve) >= _LEAST_SAMPLES]
    if grown:
        found = max(grown) * 100
        what = f"rebuild, memory over the second half of {max(results.laps):,} events"
        yield Target(what, f"flat (≤ {FLAT * 100:g} %)", found, "%", found <= FLAT * 100)


def growth(curve: Sequence[Sample]) -> float:
    """By which share the most memory of the second half of the events exceeds the most of the first."""
    half = curve[-1].events / 2
    first = [sample.megabytes for sample in curve if sample.events <= half]
    second = [sample.megabytes for sample in curve if sample.events > half]
    return max(second) / max(first) - 1 if first and second else 0.0


def _growth(results: Results) -> Iterator[Target]:
    sizes = sorted(results.laps)
    if len(sizes) > 1:
        rates = [[results.rate("rebuild", name, size) for size in sizes] for name in NAMES]
        found = max(
            (each[0] / each[-1] for each in rates if each[0] and each[-1]), default=float("nan")
        )
        what = f"rebuild, an event of {sizes[-1]:,} ÷ one of {sizes[0]:,}"
        yield Target(what, f"linear (≤ {LINEAR:g})", found, "×", found <= LINEAR)
