"""A program's log as columns: one row per event that a metric counts, small enough for millions of them.

Every row says when it was `seen`: the greatest instant of the log up to its position, by the chosen clock, in
microseconds since 1970. So what stood at a cut (the last position whose time is not later) is one comparison.
Persons, cycles, requests and seats are numbers; their ids are forgotten, and so they can be in no report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Any

import numpy as np
import numpy.typing as npt

from services.feedback.report.model import ClockName

Rows = npt.NDArray[np.void]
Ints = npt.NDArray[np.int64]
OUTCOMES = ("completed", "goals_reached", "ended_early", "left", "withdrawn", "unmatched")
MET, ABSENT, TOO_SHORT, NO_EVIDENCE = range(4)
"""What a verdict says."""
CONFIRMED, CANCELLED, DROPPED = range(3)
"""How a meeting stands: cancelled by people, or dropped by planning."""
DAY, QUARTER = 86_400_000_000, 900_000_000
"""Microseconds."""

_TYPES = {"q": "<i8", "i": "<i4", "h": "<i2", "b": "i1", "d": "<f8"}

ASKED = "seen:q seq:q key:q at:q cycle:i continues:i request:i seat:i mentee:i"
STATED = "seq:q key:q person:i zone:i minutes:i"
OFFERED = "seen:q seq:q key:q person:i capacity:i"
GONE = "seen:q seq:q key:q person:i"
PAIRED = "seen:q at:q cycle:i mentor:i"
HELD_OFFERS = "seen:q seq:q proposal:q cycle:i mentor:i"
SCHEDULED = "seen:q start:q meeting:q cycle:i number:i stands:b length:h mentee:h mentor:h"
VERDICTS = "seen:q start:q final:q meeting:q cycle:i number:i says:b planned:b absent:b"
REVIEWS = "seen:q mentee:d mentor:d cycle:i mentees:b mentors:b missing:b"
CONCLUDED = "seen:q at:q cycle:i outcome:b paired:b agreed:i reached:i"


class Table:
    """Rows that grow: packed bytes, so that a million of them take what their numbers take."""

    def __init__(self, fields: str) -> None:
        """Take the fields, `name:code` each; codes are those of `struct`."""
        names = [each.split(":") for each in fields.split()]
        self._type = np.dtype([(name, _TYPES[code]) for name, code in names])
        self._pack = Struct("<" + "".join(code for _, code in names)).pack
        self._bytes = bytearray()

    def add(self, *values: Any) -> None:  # noqa: ANN401 - struct checks each
        """Append a row."""
        self._bytes += self._pack(*values)

    def rows(self) -> Rows:
        """All rows, in the order in which they came; nothing can be added after."""
        return np.frombuffer(self._bytes, dtype=self._type)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the report needs of an `opened`.

    Attributes:
        seen: from when it counts.
        k: the least group that it lets a report show.
        capacity: most open pairs of a mentor.
        effective: when they come into force; not before they are seen.
    """

    seen: int
    k: int
    capacity: int
    effective: int = 0

    @property
    def since(self) -> int:
        """From when they are in force."""
        return max(self.seen, self.effective)


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests, one per index; arrays of equal length.

    Attributes:
        seen, at: when the first `requested` was seen, and its own time.
        mentee: who asks.
        cohort: index of the month, in the program's zone, in `cohorts`.
        zone: index of the group of zones, as the mentee stated it before the request; see `groups`.
        hours: index of the group of weekly hours stated then.
    """

    seen: Ints
    at: Ints
    mentee: Ints
    cohort: Ints
    zone: Ints
    hours: Ints
    cohorts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Columns:
    """What the log says about one program.

    Attributes:
        program, zone, clock: which; the zone is that of its first `opened`.
        rules: every `opened`, in order.
        persons, cycles: how many there are.
        requests: by index.
        request_of: of each cycle, -1 where it was never requested.
        asked: the first row of each cycle, in the log's order; `seat` is an index of (request, seat).
        positions: the last position of each quarter of an hour; ends of quarters, which belong to them, and sequences.
        offered, gone, paired, held_offers, scheduled, verdicts, reviews, concluded: rows, in the log's order.
    """

    program: str
    zone: str
    clock: ClockName
    rules: Sequence[Rules]
    persons: int
    cycles: int
    requests: Requests
    request_of: Ints
    asked: Rows
    positions: tuple[Ints, Ints]
    offered: Rows
    gone: Rows
    paired: Rows
    held_offers: Rows
    scheduled: Rows
    verdicts: Rows
    reviews: Rows
    concluded: Rows

    @property
    def in_force(self) -> Sequence[Rules]:
        """Rules in the order in which they come into force; of those of one instant the last one said holds."""
        return sorted(self.rules, key=lambda rules: rules.since)
