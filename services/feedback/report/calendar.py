"""The release grid: a report shows the program as of Monday, 00:00 in its zone, and never of any other instant.

Reports of two instants of the same week are the same, so that asking often tells nothing more (decision 0039).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from services.feedback.report.columns import Ints, Rules
from services.feedback.report.notes import EPOCH, micros_of

_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The releases of a program up to the instant asked for.

    Attributes:
        instants: of the releases, in microseconds since 1970; empty before the first.
        k: by release, the largest that was ever set by then.
    """

    instants: Ints
    k: Sequence[int]

    def weeks(self, seen: Ints) -> Ints:
        """Index of the first release that holds what was seen then; the number of releases when none does."""
        return np.searchsorted(self.instants, seen, side="left").astype(np.int64)

    def instant(self, release: int) -> datetime:
        """When it was."""
        return EPOCH + timedelta(microseconds=int(self.instants[release]))


def calendar(rules: Sequence[Rules], zone: str, asked: datetime) -> Calendar:
    """Every Monday from the first after the program was opened to the last that is not after `asked`.

    Args:
        rules: of the program, the earliest first.
        zone: the program's.
        asked: the instant asked for.
    """
    here = ZoneInfo(zone)
    opened = (EPOCH + timedelta(microseconds=rules[0].seen)).astimezone(here)
    # Weeks are counted on the clock of the zone: one in which the clock changes is an hour shorter or longer.
    monday = datetime(opened.year, opened.month, opened.day) - timedelta(days=opened.weekday())  # noqa: DTZ001
    instants: list[int] = []
    while (at := monday.replace(tzinfo=here)) <= asked:
        if (micros := micros_of(at)) >= rules[0].seen:
            instants.append(micros)
        monday += _WEEK
    return Calendar(np.array(instants, np.int64), [_largest(rules, each) for each in instants])


def next_release(released: datetime, zone: str) -> datetime:
    """The release a week after another, on the clock of the program's zone."""
    here = ZoneInfo(zone)
    return (released.astimezone(here) + _WEEK).astimezone(UTC)


def _largest(rules: Sequence[Rules], instant: int) -> int:
    return max(each.k for each in rules if each.seen <= instant)
