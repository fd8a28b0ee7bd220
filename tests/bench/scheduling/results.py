"""What was measured about planning, the target of the design, and both as one JSON document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any, Self

from tests.bench.results import Target
from tests.bench.scheduling.field import OURS
from tests.bench.scheduling.measure import Lap
from tests.bench.scheduling.settings import Setting

FASTER = 50.0
"""Plans a second, ours ÷ the per-minute search."""


@dataclass
class Measured:
    """One program with everybody who planned it.

    Attributes:
        setting: which.
        laps: by contestant, a lap for each round.
        stages: shares of the time of ours by function, of a lap that was looked at.
        agreed: by contestant, in how many plans it found the very starts that ours found.
        gaps: the share of the numbers for which ours found no slot.
    """

    setting: Setting
    laps: dict[str, list[Lap]] = field(default_factory=dict)
    stages: Mapping[str, float] = field(default_factory=dict)
    agreed: dict[str, int] = field(default_factory=dict)
    gaps: float = 0.0

    def middle(self, name: str, of: Callable[[Lap], float]) -> float | None:
        """The median over a contestant's rounds; None without a round."""
        laps = self.laps.get(name)
        return median(map(of, laps)) if laps else None

    def rate(self, name: str) -> float | None:
        """Plans a second."""
        return self.middle(name, lambda lap: lap.rate)

    def faster_than(self, name: str) -> float | None:
        """How many times as many plans a second ours makes."""
        ours, other = self.rate(OURS), self.rate(name)
        return ours / other if ours and other else None


@dataclass
class Results:
    """Everything that one run has measured; of feeds the requests a second by what is asked for."""

    machine: Mapping[str, str] = field(default_factory=dict)
    measured: list[Measured] = field(default_factory=list)
    feed: dict[str, list[float]] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """For JSON: raw figures of every round, and the targets."""
        return {
            "machine": dict(self.machine),
            "programs": [asdict(each) for each in self.measured],
            "feed": self.feed,
            "targets": [asdict(target) for target in targets(self)],
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """What `document` gave."""
        measured = [_measured(each) for each in document["programs"]]
        return cls(document["machine"], measured, document["feed"])


def _measured(told: Mapping[str, Any]) -> Measured:
    laps = {name: [Lap(**lap) for lap in each] for name, each in told["laps"].items()}
    return Measured(Setting(**told["setting"]), laps, told["stages"], told["agreed"], told["gaps"])


def targets(results: Results) -> list[Target]:
    """Those that this run can speak about."""
    return [target for each in results.measured for target in _targets(each)]


def _targets(measured: Measured) -> Iterator[Target]:
    faster = measured.faster_than("minute")
    if faster:
        what = f"{measured.setting.name}: plans a second, ours ÷ per-minute search"
        yield Target(what, f"≥ {FASTER:g}", faster, "×", faster >= FASTER)
