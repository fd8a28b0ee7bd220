"""The groups that a report compares, fixed before anybody is in them, so that they tell nothing of who is.

A request is in one group of each kind for good: the month of its first `requested`, and what its mentee had stated about
zone and weekly hours until then.
"""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

if TYPE_CHECKING:
    from services.feedback.report.columns import Ints

UNSTATED = 0
"""The group of those who had stated nothing."""
_WIDTH, _LEAST, _BANDS = 3, -12, 9
_HOURS = (0, 2, 5, 10, 20)
"""Where the groups of weekly hours begin; above 0."""
_YEAR = 2026
"""Of the clocks by which zones are grouped: a zone stays in its group whatever becomes of its clock."""


def zone_group(zone: str) -> int:
    """Zones whose standard time differs by less than three hours, from UTC-12 on."""
    here = ZoneInfo(zone)
    offsets = [datetime(_YEAR, month, 1, tzinfo=here).utcoffset() for month in (1, 7)]
    hours = min(offset.total_seconds() for offset in offsets if offset is not None) // 3600
    return 1 + min(_BANDS - 1, int(hours - _LEAST) // _WIDTH)


def zone_labels() -> tuple[str, ...]:
    """Of the groups of zones, by index."""
    begins = range(_LEAST, _LEAST + _WIDTH * _BANDS, _WIDTH)
    return ("not stated", *(f"UTC{_signed(at)} to UTC{_signed(at + _WIDTH - 1)}" for at in begins))


def hours_groups(minutes: Ints) -> Ints:
    """Of how many minutes a week have been stated; none is as good as nothing stated."""
    found = np.searchsorted(np.array(_HOURS) * 60, minutes, side="right")
    return np.where(minutes > 0, found, UNSTATED).astype(np.int64)


def hours_labels() -> tuple[str, ...]:
    """Of the groups of weekly hours, by index."""
    within = [f"{low} to {high} hours" for low, high in pairwise(_HOURS[1:])]
    return ("not stated", f"under {_HOURS[1]} hours", *within, f"{_HOURS[-1]} hours and more")


def _signed(hours: int) -> str:
    return f"{'−' if hours < 0 else '+'}{abs(hours)}"
