"""What was measured, the ratios to reach, and both as one JSON document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from tests.bench.latency import RATE, Latency
from tests.bench.memory import Point, growth
from tests.bench.rounds import Lap

FLAT = 0.05
"""Memory is called flat when the second half of the events adds no more than this share."""


@dataclass
class Results:
    """Everything of one run; what was not asked for is empty.

    Attributes:
        machine: see machine.py.
        parameters: how much was run.
        laps: the throughput rounds by contestant.
        not_run: why a contestant is missing.
        latency: the rounds by contestant and events a second.
        idle: per cent of a core by service.
        memory: the curve.
    """

    machine: Mapping[str, str]
    parameters: Mapping[str, Any]
    laps: dict[str, list[Lap]] = field(default_factory=dict)
    not_run: dict[str, str] = field(default_factory=dict)
    latency: dict[tuple[str, int], list[Latency]] = field(default_factory=dict)
    idle: dict[str, float] = field(default_factory=dict)
    memory: list[Point] = field(default_factory=list)

    def rate(self, name: str) -> float | None:
        """The median of a contestant's events a second; None when it did not run."""
        laps = self.laps.get(name)
        return median(lap.rate for lap in laps) if laps else None

    def wall_each(self, name: str) -> float | None:
        """Microseconds an event."""
        rate = self.rate(name)
        return 1e6 / rate if rate else None

    def cpu_each(self, name: str) -> float | None:
        """The median of its microseconds of CPU an event."""
        laps = self.laps.get(name)
        return median(lap.cpu_each for lap in laps) if laps else None

    def p50(self, name: str, rate: int = RATE) -> float | None:
        """The median over the rounds of the median latency, ms."""
        rounds = self.latency.get((name, rate))
        return median(each.p50 for each in rounds) if rounds else None

    def p99(self, name: str, rate: int = RATE) -> float | None:
        """The median over the rounds of the 99th percentile, ms."""
        rounds = self.latency.get((name, rate))
        return median(each.p99 for each in rounds) if rounds else None

    def document(self) -> dict[str, Any]:
        """For JSON: raw figures of every round, medians and targets."""
        return {
            "machine": dict(self.machine),
            "parameters": dict(self.parameters),
            "throughput": {
                name: {
                    "median_events_per_second": self.rate(name),
                    "median_cpu_microseconds_per_event": self.cpu_each(name),
                    "rounds": [asdict(lap) for lap in laps],
                }
                for name, laps in self.laps.items()
            },
            "not_run": self.not_run,
            "latency_milliseconds": {
                f"{name} at {rate}/s": {
                    "p50": self.p50(name, rate),
                    "p99": self.p99(name, rate),
                    "rounds": [asdict(each) for each in rounds],
                }
                for (name, rate), rounds in self.latency.items()
            },
            "idle_percent_of_a_core": self.idle,
            "memory": [asdict(point) for point in self.memory],
            "targets": [asdict(target) for target in targets(self)],
        }


@dataclass(frozen=True, slots=True)
class Target:
    """A goal of the design and what was measured.

    Attributes:
        what: the goal in words.
        wanted: its figure, with its sign.
        found: the measured figure.
        unit: behind the figures.
        reached: whether it is.
    """

    what: str
    wanted: str
    found: float
    unit: str
    reached: bool


def targets(results: Results) -> list[Target]:
    """Those that this run can speak about."""
    return [
        *_ratio("live, SQLite ÷ naive", results.rate("live"), results.rate("naive"), 40.0),
        *_ratio("live, SQLite ÷ by hand", results.rate("live"), results.rate("by-hand"), 0.6),
        *_ratio(
            "fold-only, in memory ÷ live", results.rate("in-memory"), results.rate("live"), 3.0
        ),
        *_ratio(
            "fold-only, catching up ÷ live", results.rate("catch-up"), results.rate("live"), 3.0
        ),
        *_latency(results),
        *_idle(results.idle),
        *_memory(results.memory),
    ]


def _ratio(what: str, above: float | None, below: float | None, least: float) -> Iterator[Target]:
    if above and below:
        found = above / below
        yield Target(what, f"≥ {least:g}", found, "×", found >= least)


def _latency(results: Results) -> Iterator[Target]:
    ours, naive = results.p99("live"), results.p99("naive")
    if ours and naive:
        found = ours / naive
        yield Target("p99 at 200 events/s, live ÷ naive", "≤ 0.5", found, "×", found <= 0.5)


def _idle(idle: Mapping[str, float]) -> Iterator[Target]:
    if idle:
        found = max(idle.values())
        yield Target(
            "idle, the busiest of the services", "≤ 0.5", found, "% of a core", found <= 0.5
        )


def _memory(curve: Sequence[Point]) -> Iterator[Target]:
    if curve:
        found = growth(list(curve)) * 100
        what = f"memory over the second half of {curve[-1].events:,} events"
        yield Target(
            what, f"flat (≤ {FLAT:.0%})".replace("%", " %"), found, "%", found <= FLAT * 100
        )
