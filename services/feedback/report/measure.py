"""From values per request, cycle or person to the numbers of a report; what tells of fewer than k persons is hidden."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from services.feedback.report import arithmetic
from services.feedback.report.arithmetic import Flags, Floats
from services.feedback.report.columns import Ints
from services.feedback.report.model import Bar, Point, Unit, Value
from services.feedback.report.small import merge_small

DIGITS = {"share": 4, "days": 1, "count": 0}
_QUANTILES = (
    ("p10", "10% at most", 10),
    ("p25", "25% at most", 25),
    ("p50", "half at most", 50),
    ("p75", "75% at most", 75),
    ("p90", "90% at most", 90),
    ("max", "largest", 100),
)
_ENOUGH_AT_ONCE = 64
DAYS = (0, 1, 3, 7, 14, 21, 28, 42, 60, 90, 120, 180)
SHARES = (0.0, 0.2, 0.4, 0.6, 0.8)
_POINT = 0.0101
"""A bar of shares that is no wider holds one share."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a number is about: some of the requests, cycles or persons, each of which has an index.

    Attributes:
        chosen: which of them.
        people: for each, the persons who must be k: the mentee, and the mentor where both are concerned.
        k: the least group.
    """

    chosen: Flags
    people: Sequence[Ints]
    k: int

    def only(self, chosen: Flags) -> Scope:
        """Those of them that are chosen here, too."""
        return replace(self, chosen=self.chosen & chosen)

    @property
    def hidden(self) -> bool:
        """Whether they are of fewer than k persons, and of some."""
        return any(0 < self._distinct(each) < self.k for each in self.people)

    def _distinct(self, people: Ints) -> int:
        """How many persons; exact below k."""
        index = np.flatnonzero(self.chosen)
        few = np.unique(people[index[: self.k * _ENOUGH_AT_ONCE]]).size
        return int(few if few >= self.k else np.unique(people[index]).size)

    def rate(self, name: str, title: str, count: Ints, of: Ints, unit: Unit = "share") -> Value:
        """Numerators by denominators, both summed; as a count only the numerator."""
        scope = self.only(of > 0)
        whole, part = int(of[scope.chosen].sum()), int(count[scope.chosen].sum())
        value = part if unit == "count" else part / whole if whole else None
        return scope.value(name, title, unit, value, count=part, of=whole)

    def mean(self, values: Floats) -> Value:
        """Their mean, of shares."""
        found = values[self.chosen]
        value = float(found.mean()) if len(found) else None
        return self.value("mean", "mean", "share", value, of=len(found))

    def spread(self, values: Floats, unit: Unit, names: Sequence[str] = ()) -> Iterator[Value]:
        """Their quantiles by nearest rank; all, or those of these names."""
        ordered = np.sort(values[self.chosen])
        for name, title, percent in _QUANTILES:
            if not names or name in names:
                found = arithmetic.quantile(ordered, percent)
                yield self.value(name, title, unit, found, of=len(ordered))

    def survival(self, waits: Floats, happened: Flags) -> Value:
        """Kaplan and Meier's median of waits, in days."""
        here = self.chosen
        median = arithmetic.survival_median(waits[here], happened[here])
        title = "median, who still waits included"
        return self.value("median_of_all", title, "days", median, of=int(here.sum()))

    def curve(self, waits: Floats, happened: Flags) -> tuple[Point, ...]:
        """Who still waits after so many days; days on which fewer than k persons stopped stand together."""
        if self.only(happened).hidden:
            return ()
        points = arithmetic.curve(waits[self.chosen], happened[self.chosen])
        told = [points[index] for index in self._told(waits, happened, points)]
        begin = [] if not points or told[:1] == points[:1] else [(points[0][0], 1.0)]
        return tuple(Point(at=at, waiting=round(share, 3)) for at, share in (*begin, *told))

    def _told(
        self, waits: Floats, happened: Flags, points: Sequence[tuple[float, float]]
    ) -> Iterator[int]:
        """Points until which nobody, or k persons, have stopped waiting since the one before: as bars tell no more."""
        done = self.chosen & happened
        place = np.searchsorted([at for at, _ in points], waits[done], side="left")
        counts = _persons(place, self.people[0][done], len(points))
        yield from (block[-1] for block in merge_small(counts, self.k))

    def bars(self, values: Floats, edges: Sequence[float], unit: Unit) -> tuple[Bar, ...]:
        """Their distribution; neighbours of fewer than k persons stand together, the last one has no end."""
        place = arithmetic.bins(values[self.chosen], edges)
        used = int(place.max(initial=-1)) + 1
        count = np.bincount(place, minlength=used)
        blocks = merge_small(_persons(place, self.people[0][self.chosen], used), self.k)
        return tuple(_bar(block, count, edges, unit) for block in blocks)

    def value(
        self,
        name: str,
        title: str,
        unit: Unit,
        value: float | None,
        *,
        count: int | None = None,
        of: int | None = None,
    ) -> Value:
        """A number about them as it may be shown."""
        if self.hidden:
            return Value(name=name, title=title, unit=unit, value=None, hidden=True)
        rounded = None if value is None else round(value, DIGITS[unit])
        return Value(name=name, title=title, unit=unit, value=rounded, count=count, of=of)


def _persons(place: Ints, people: Ints, bars: int) -> list[int]:
    """How many distinct persons are in each bar."""
    span = int(people.max(initial=0)) + 1
    distinct = np.unique(place * span + people) // span
    counted: list[int] = np.bincount(distinct, minlength=bars).tolist()
    return counted


def _bar(block: Sequence[int], count: Ints, edges: Sequence[float], unit: Unit) -> Bar:
    low = edges[block[0]]
    high = edges[block[-1] + 1] if block[-1] + 1 < len(edges) else None
    label = _label(low, high, unit)
    return Bar(label=label, low=low, high=high, count=int(sum(count[each] for each in block)))


def _label(low: float, high: float | None, unit: Unit) -> str:
    if unit == "days":
        return f"{low:g} days and more" if high is None else f"{low:g} to {high:g} days"
    if low > 1:
        return "more than 100%"
    if low == 1 or (high is not None and high - low <= _POINT):
        return f"{low:.0%}"
    return f"{low:.0%} and more" if high is None else f"{low:.0%} to {min(high, 1):.0%}"
