"""The meetings of a program at a cut: what was held, owed, missed or cancelled, per cycle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from services.feedback.report.columns import (
    ABSENT,
    CANCELLED,
    CONFIRMED,
    DROPPED,
    MET,
    NO_EVIDENCE,
    TOO_SHORT,
    Ints,
    Rows,
)
from services.feedback.report.cut import Cut
from services.feedback.report.spans import NEVER, Spans


@dataclass(frozen=True, slots=True)
class Shares:
    """A share per person and cycle: `part` of `whole`; arrays of equal length."""

    cycle: Ints
    person: Ints
    part: Ints
    whole: Ints


class Meetings(Cut):
    """The meetings at a cut; arrays by cycle.

    Args:
        spans, cut: see `Cut`.
        concluded_at: when each cycle was concluded, by then; NEVER where it was not.
    """

    def __init__(self, spans: Spans, cut: int, concluded_at: Ints) -> None:
        super().__init__(spans, cut)
        self._concluded_at = concluded_at

    @cached_property
    def _verdicts(self) -> Rows:
        return self.until(self.columns.verdicts)

    @cached_property
    def _of_meeting(self) -> Rows:
        """The last verdict of each meeting."""
        rows = self._verdicts
        last: Rows = rows[self.spans.verdict_of_meeting[: len(rows)] > self.cut]
        return last

    @cached_property
    def _of_number(self) -> Rows:
        """The last verdict of each planned number."""
        rows = self._verdicts
        last = self.spans.verdict_of_number[: len(rows)] > self.cut
        planned: Rows = rows[last & (rows["planned"] != 0)]
        return planned

    @cached_property
    def met(self) -> Ints:
        """Planned numbers whose last verdict is met."""
        rows = self._of_number
        return self.per_cycle(rows[rows["says"] == MET])

    @cached_property
    def due(self) -> Ints:
        """Planned numbers with a verdict, or whose start has passed while the pair stood."""
        rows, spans = self.until(self.columns.scheduled), self.spans
        here = slice(len(rows))
        passed = (rows["start"] <= self.cut) & (rows["start"] <= self._concluded_at[rows["cycle"]])
        owed = (rows["number"] > 0) & (rows["stands"] != DROPPED) & passed
        last = (spans.place_of_number[here] > self.cut) & (spans.judged[here] > self.cut)
        return self.per_cycle(self._of_number) + self.per_cycle(rows[owed & last])

    @cached_property
    def unplanned(self) -> Ints:
        """Meetings held that nobody planned."""
        rows = self._of_meeting
        return self.per_cycle(rows[(rows["says"] == MET) & (rows["planned"] == 0)])

    @cached_property
    def first_met(self) -> Ints:
        """Start of each cycle's earliest meeting held, or NEVER."""
        rows = self._of_meeting[self._of_meeting["says"] == MET]
        found = np.full(self.columns.cycles, NEVER, np.int64)
        np.minimum.at(found, rows["cycle"], rows["start"])
        return found

    @cached_property
    def absent(self) -> Ints:
        """Persons who were absent from a meeting."""
        return self.per_cycle(self._of_meeting, self._of_meeting["absent"])

    @cached_property
    def expected(self) -> Ints:
        """Persons of meetings that were held, or missed because somebody was absent: two of each."""
        rows = self._of_meeting
        return 2 * self.per_cycle(rows[(rows["says"] == MET) | (rows["says"] == ABSENT)])

    @cached_property
    def judged(self) -> Ints:
        """Meetings with a verdict."""
        return self.per_cycle(self._of_meeting)

    @cached_property
    def without_evidence(self) -> Ints:
        """Meetings of which nobody gave evidence."""
        return self.per_cycle(self._of_meeting[self._of_meeting["says"] == NO_EVIDENCE])

    @cached_property
    def too_short(self) -> Ints:
        """Meetings that were too short."""
        return self.per_cycle(self._of_meeting[self._of_meeting["says"] == TOO_SHORT])

    @cached_property
    def provisional(self) -> Ints:
        """Meetings whose verdict may still be corrected."""
        return self.per_cycle(self._of_meeting[self._of_meeting["final"] > self.cut])

    @cached_property
    def cancelled(self) -> Ints:
        """Meetings that people have cancelled."""
        rows = self.until(self.columns.scheduled)
        last = self.spans.place_of_meeting[: len(rows)] > self.cut
        return self.per_cycle(rows[last & (rows["stands"] == CANCELLED)])

    @cached_property
    def outside(self) -> Mapping[str, Shares]:
        """By side, minutes of its meetings, and those outside 08:00 to 18:00 on its clock; held, and said so."""
        return {side: self._outside(side) for side in ("mentee", "mentor")}

    def _outside(self, side: str) -> Shares:
        rows, spans = self.until(self.columns.scheduled), self.spans
        here = slice(len(rows))
        held = (spans.held[here] <= self.cut) & (spans.place_of_meeting[here] > self.cut)
        rows = rows[held & (rows["stands"] == CONFIRMED) & (rows[side] >= 0)]
        cycle = np.asarray(rows["cycle"], np.int64)
        person = (spans.mentee_of if side == "mentee" else spans.mentor_of)[cycle]
        return Shares(cycle, person, rows[side].astype(np.int64), rows["length"].astype(np.int64))
