"""What was measured of reports and sealing, the targets of the design, and all as one JSON document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any, Self

from tests.bench.feedback.field import OURS, PEER
from tests.bench.feedback.measure import Lap
from tests.bench.feedback.settings import Setting
from tests.bench.results import Target

FASTER, LEANER = 1.0, 0.5
"""Of pandas: how many times as fast, with which share of its memory."""
GOAL = 100_000
"""Cycles from which on the targets hold."""


@dataclass
class Measured:
    """One program with everybody who made its report.

    Attributes:
        setting: which.
        archive: what its tail says, and `file`, its size in bytes.
        laps: by contestant, one for each round.
    """

    setting: Setting
    archive: Mapping[str, Any] = field(default_factory=dict)
    laps: dict[str, list[Lap]] = field(default_factory=dict)

    def middle(self, name: str, of: Callable[[Lap], float]) -> float | None:
        """The median over a contestant's rounds; None without a round."""
        laps = self.laps.get(name)
        return median(map(of, laps)) if laps else None

    def ratio(self, of: Callable[[Lap], float]) -> float | None:
        """Of ours to the peer's."""
        ours, other = self.middle(OURS, of), self.middle(PEER, of)
        return ours / other if ours and other else None


@dataclass
class Results:
    """Everything that one run has measured; of sealing the events a second by what is done, a number for each round."""

    machine: Mapping[str, str] = field(default_factory=dict)
    measured: list[Measured] = field(default_factory=list)
    sealing: dict[str, list[float]] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """For JSON: raw figures of every round, and the targets."""
        return {
            "machine": dict(self.machine),
            "programs": [asdict(each) for each in self.measured],
            "sealing": self.sealing,
            "targets": [asdict(target) for target in targets(self)],
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """What `document` gave."""
        measured = [_measured(each) for each in document["programs"]]
        return cls(document["machine"], measured, document["sealing"])


def _measured(told: Mapping[str, Any]) -> Measured:
    laps = {name: [Lap(**lap) for lap in each] for name, each in told["laps"].items()}
    return Measured(Setting(**told["setting"]), told["archive"], laps)


def targets(results: Results) -> list[Target]:
    """Those that this run can speak about."""
    return [target for each in results.measured for target in _targets(each)]


def _targets(measured: Measured) -> Iterator[Target]:
    slower = measured.ratio(lambda lap: lap.seconds)
    share = measured.ratio(lambda lap: lap.peak)
    if slower and share and measured.setting.cycles >= GOAL:
        name = measured.setting.name
        yield Target(
            f"{name}: speed, ours ÷ pandas", f"≥ {FASTER:g}", 1 / slower, "×", 1 / slower >= FASTER
        )
        yield Target(
            f"{name}: peak memory, ours ÷ pandas", f"≤ {LEANER:g}", share, "×", share <= LEANER
        )
