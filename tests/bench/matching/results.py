"""What was measured about choices, the targets of the design, and both as one JSON document that runs are merged into."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any, Self

from tests.bench.matching.judge import Figures
from tests.bench.matching.measure import Lap
from tests.bench.matching.settings import Setting
from tests.bench.results import Target

MAIN, LARGE = 10_000, 100_000
"""Requests of the sizes that the design sets targets for."""
FASTER, LEANER = 10.0, 0.25
MOST_MEGABYTES, REACHED = 4_000, 0.999


@dataclass
class Entry:
    """One contestant in one market.

    Attributes:
        run: when the run began; only figures of one run are divided by each other.
        laps: its rounds; none when it did not end.
        figures: of its choice; None when there is none.
        missing: in words, why there is none.
    """

    run: str
    laps: list[Lap] = field(default_factory=list)
    figures: Figures | None = None
    missing: str = ""

    def middle(self, of: Callable[[Lap], float]) -> float | None:
        """The median over the rounds; None without a round."""
        return median(map(of, self.laps)) if self.laps else None

    @property
    def seconds(self) -> float | None:
        """Of the choice."""
        return self.middle(lambda lap: lap.seconds)

    @property
    def peak(self) -> float | None:
        """MB."""
        return self.middle(lambda lap: lap.peak)


@dataclass
class Measured:
    """One market with everybody who was run in it.

    Attributes:
        setting: which.
        entries: by contestant.
        scoring: seconds in which one thread scored all pairs; None when they were never all there.
    """

    setting: Setting
    entries: dict[str, Entry] = field(default_factory=dict)
    scoring: float | None = None

    @property
    def bound(self) -> int | None:
        """No choice can be worth more: the least that ours has proven, or the optimum of scipy."""
        told = [lap.bound for entry in self.entries.values() for lap in entry.laps if lap.bound]
        scipy = self.entries.get("scipy")
        if scipy and scipy.figures:
            told.append(scipy.figures.total)
        return min(told, default=None)

    def share(self, name: str) -> float | None:
        """A contestant's total as a share of the bound."""
        entry, bound = self.entries.get(name), self.bound
        return entry.figures.total / bound if entry and entry.figures and bound else None

    def ratio(self, above: str, below: str, of: Callable[[Entry], float | None]) -> float | None:
        """One contestant's figure divided by another's of the same run."""
        one, two = self.entries.get(above), self.entries.get(below)
        if one is None or two is None or one.run != two.run:
            return None
        over, under = of(one), of(two)
        return over / under if over and under else None


@dataclass
class Results:
    """Everything that is known; `machine` by run."""

    machines: dict[str, Mapping[str, str]] = field(default_factory=dict)
    measured: dict[str, Measured] = field(default_factory=dict)

    def of(self, setting: Setting) -> Measured:
        """What is known of a market."""
        return self.measured.setdefault(setting.name, Measured(setting))

    def take_over(self, newer: Results) -> None:
        """Put what a newer run has measured in the place of what was known of the same."""
        self.machines |= newer.machines
        for name, found in newer.measured.items():
            old = self.measured.get(name)
            kept = old.entries if old and old.setting == found.setting else {}
            self.measured[name] = Measured(found.setting, {**kept, **found.entries}, found.scoring)
        runs = {entry.run for each in self.measured.values() for entry in each.entries.values()}
        self.machines = {run: told for run, told in self.machines.items() if run in runs}

    def ordered(self) -> list[Measured]:
        """The small markets first, loose before tight."""
        return sorted(self.measured.values(), key=_place)

    def document(self) -> dict[str, Any]:
        """For JSON: raw figures of every round, and the targets."""
        return {
            "machines": {run: dict(told) for run, told in self.machines.items()},
            "markets": [
                {
                    "setting": asdict(each.setting),
                    "scoring": each.scoring,
                    "bound": each.bound,
                    "entries": _plain(each),
                }
                for each in self.ordered()
            ],
            "targets": [asdict(target) for target in targets(self)],
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """What `document` gave."""
        results = cls(dict(document["machines"]))
        for market in document["markets"]:
            measured = results.of(Setting(**market["setting"]))
            measured.scoring = market["scoring"]
            measured.entries = {name: _entry(told) for name, told in market["entries"].items()}
        return results


def _place(measured: Measured) -> tuple[int, bool, bool]:
    setting = measured.setting
    return setting.requests, setting.family == "made", setting.is_tight


def _plain(measured: Measured) -> dict[str, Any]:
    return {name: asdict(entry) for name, entry in measured.entries.items()}


def _entry(told: Mapping[str, Any]) -> Entry:
    figures = Figures(**told["figures"]) if told["figures"] else None
    return Entry(told["run"], [Lap(**lap) for lap in told["laps"]], figures, told["missing"])


def targets(results: Results) -> list[Target]:
    """Those that this run can speak about, market by market."""
    found = results.ordered()
    return [
        *(target for each in found if each.setting.requests == MAIN for target in _main(each)),
        *(target for each in found if each.setting.requests == LARGE for target in _large(each)),
    ]


def _main(measured: Measured) -> Iterator[Target]:
    name, share = measured.setting.name, measured.share("optimal")
    if share:
        yield Target(f"{name}: `optimal` ÷ its bound", "= 1", share, "", share == 1)
    faster = measured.ratio("scipy", "optimal", lambda entry: entry.seconds)
    if faster:
        yield Target(
            f"{name}: seconds, scipy ÷ ours", f"≥ {FASTER:g}", faster, "×", faster >= FASTER
        )
    leaner = measured.ratio("optimal", "scipy", lambda entry: entry.peak)
    if leaner:
        what = f"{name}: peak memory, ours ÷ scipy"
        yield Target(what, f"≤ {LEANER:g}", leaner, "×", leaner <= LEANER)


def _large(measured: Measured) -> Iterator[Target]:
    name, share = measured.setting.name, measured.share("optimal")
    if share:
        what = f"{name}: `optimal` ÷ its bound"
        yield Target(what, f"≥ {REACHED:g}", share, "", share >= REACHED)
    entry = measured.entries.get("optimal")
    if entry and entry.peak:
        is_within = entry.peak <= MOST_MEGABYTES
        yield Target(f"{name}: peak memory", "≤ 4,000", entry.peak, "MB", is_within)
