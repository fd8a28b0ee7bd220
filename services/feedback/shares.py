"""Ratings as shares of their scales, in whole millionths: what satisfaction and the risk rules are made of.

Sums of whole numbers are the same in any order; a share is (rating - min) / (max - min), to the nearest millionth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.feedback.model import SIDES, Side, Total
from shared.events.feedback import Reviewed, Scale
from shared.frozen import replace

UNIT = 1_000_000


def shares(data: Reviewed, side: Side) -> list[int]:
    """What this side rated, each as millionths of its scale; an item without a scale, or off it, is left out."""
    scales = data.scales.get(side, {})
    return [
        _share(rating, scales[item])
        for item, rating in data.ratings.get(side, {}).items()
        if item in scales and scales[item].min <= rating <= scales[item].max
    ]


def mean(values: Sequence[int]) -> float | None:
    """Their mean as a share in [0, 1], to six digits; None of nothing."""
    return _mean(sum(values), len(values)) if values else None


def added(totals: Mapping[Side, Total], data: Reviewed) -> Mapping[Side, Total]:
    """The sums with what this review says."""
    new = {side: _with(totals.get(side, Total()), shares(data, side)) for side in SIDES}
    return {side: total for side, total in new.items() if total.count}


def satisfaction(totals: Mapping[Side, Total]) -> dict[Side, float]:
    """The mean of all ratings that each side gave; a side that gave none is left out."""
    return {
        side: _mean(total.sum, total.count) for side, total in sorted(totals.items()) if total.count
    }


def _mean(total: int, count: int) -> float:
    return round(total / (count * UNIT), 6)


def _share(rating: int, scale: Scale) -> int:
    """To the nearest millionth, halves up."""
    width = scale.max - scale.min
    return (2 * (rating - scale.min) * UNIT + width) // (2 * width)


def _with(total: Total, values: Sequence[int]) -> Total:
    return replace(total, sum=total.sum + sum(values), count=total.count + len(values))
