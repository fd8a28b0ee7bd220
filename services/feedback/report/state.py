"""What stood at a cut: every request, cycle and mentor in figures, as arrays by index."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from services.feedback.report.arithmetic import Flags, Floats
from services.feedback.report.columns import (
    ABSENT,
    CANCELLED,
    CONFIRMED,
    DAY,
    DROPPED,
    MET,
    NO_EVIDENCE,
    TOO_SHORT,
    Ints,
    Rows,
)
from services.feedback.report.spans import NEVER, Spans

STEPS = ("requested", "paired", "met", "reviewed", "concluded")


@dataclass(frozen=True, slots=True)
class Waits:
    """How long something took, in days, or has lasted so far; `happened` says which."""

    days: Floats
    happened: Flags


@dataclass(frozen=True, slots=True)
class Shares:
    """A share per person and cycle: `part` of `whole`; arrays of equal length."""

    cycle: Ints
    person: Ints
    part: Ints
    whole: Ints


@dataclass(frozen=True, slots=True)
class Mentors:
    """Who can mentor at the cut; arrays of equal length.

    Attributes:
        person: who.
        capacity: most open pairs.
        open: pairs.
        offers: held for an answer.
    """

    person: Ints
    capacity: Ints
    open: Ints
    offers: Ints


class State:
    """The program at a cut.

    Args:
        spans: of its whole log.
        cut: microseconds since 1970; what was seen later does not count.
    """

    def __init__(self, spans: Spans, cut: int) -> None:
        self.spans, self.columns, self.cut = spans, spans.columns, cut
        self._cycles = self.columns.cycles
        self._requests = len(self.columns.requests.at)

    def _until_cut(self, rows: Rows) -> Rows:
        """Rows of the log's order: what was seen comes first."""
        return rows[: int(np.searchsorted(rows["seen"], self.cut, side="right"))]

    def _per_cycle(self, rows: Rows, weights: npt.NDArray[np.generic] | None = None) -> Ints:
        counted = np.bincount(rows["cycle"], weights, minlength=self._cycles)
        return counted.astype(np.int64)

    def _first(self, rows: Rows, field: str, missing: int) -> Ints:
        """The field of each cycle's first row."""
        found = np.full(self._cycles, missing, np.int64)
        found[rows["cycle"][::-1]] = rows[field][::-1]
        return found

    # -- cycles --

    @cached_property
    def asked(self) -> Flags:
        """Cycles that somebody has asked for."""
        found = np.zeros(self._cycles, np.bool_)
        found[self._until_cut(self.columns.asked)["cycle"]] = True
        return found

    @cached_property
    def paired_at(self) -> Ints:
        """When each cycle was paired, or NEVER."""
        return self._first(self._until_cut(self.columns.paired), "at", NEVER)

    @cached_property
    def paired(self) -> Flags:
        """Cycles that were ever paired."""
        return np.asarray(self.paired_at != NEVER)

    @cached_property
    def concluded_at(self) -> Ints:
        """When each cycle was concluded, or NEVER."""
        return self._first(self._until_cut(self.columns.concluded), "at", NEVER)

    @cached_property
    def concluded(self) -> Flags:
        """Cycles that have ended."""
        return np.asarray(self.concluded_at != NEVER)

    def conclusion(self, field: str) -> Ints:
        """A field of each cycle's `concluded`; -1 before it."""
        return self._first(self._until_cut(self.columns.concluded), field, -1)

    # -- meetings --

    @cached_property
    def _verdicts(self) -> Rows:
        return self._until_cut(self.columns.verdicts)

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
        return self._per_cycle(rows[rows["says"] == MET])

    @cached_property
    def due(self) -> Ints:
        """Planned numbers with a verdict, or whose start has passed while the pair stood."""
        rows, spans = self._until_cut(self.columns.scheduled), self.spans
        here = slice(len(rows))
        passed = (rows["start"] <= self.cut) & (rows["start"] <= self.concluded_at[rows["cycle"]])
        owed = (rows["number"] > 0) & (rows["stands"] != DROPPED) & passed
        last = (spans.place_of_number[here] > self.cut) & (spans.judged[here] > self.cut)
        return self._per_cycle(self._of_number) + self._per_cycle(rows[owed & last])

    @cached_property
    def unplanned(self) -> Ints:
        """Meetings held that nobody planned."""
        rows = self._of_meeting
        return self._per_cycle(rows[(rows["says"] == MET) & (rows["planned"] == 0)])

    @cached_property
    def first_met(self) -> Ints:
        """Start of each cycle's earliest meeting held, or NEVER."""
        rows = self._of_meeting[self._of_meeting["says"] == MET]
        found = np.full(self._cycles, NEVER, np.int64)
        np.minimum.at(found, rows["cycle"], rows["start"])
        return found

    @cached_property
    def absent(self) -> Ints:
        """Persons who were absent from a meeting."""
        return self._per_cycle(self._of_meeting, self._of_meeting["absent"])

    @cached_property
    def expected(self) -> Ints:
        """Persons of meetings that were held, or missed because somebody was absent: two of each."""
        rows = self._of_meeting
        return 2 * self._per_cycle(rows[(rows["says"] == MET) | (rows["says"] == ABSENT)])

    @cached_property
    def judged(self) -> Ints:
        """Meetings with a verdict."""
        return self._per_cycle(self._of_meeting)

    @cached_property
    def without_evidence(self) -> Ints:
        """Meetings of which nobody gave evidence."""
        return self._per_cycle(self._of_meeting[self._of_meeting["says"] == NO_EVIDENCE])

    @cached_property
    def too_short(self) -> Ints:
        """Meetings that were too short."""
        return self._per_cycle(self._of_meeting[self._of_meeting["says"] == TOO_SHORT])

    @cached_property
    def provisional(self) -> Ints:
        """Meetings whose verdict may still be corrected."""
        return self._per_cycle(self._of_meeting[self._of_meeting["final"] > self.cut])

    @cached_property
    def cancelled(self) -> Ints:
        """Meetings that people have cancelled."""
        rows = self._until_cut(self.columns.scheduled)
        last = self.spans.place_of_meeting[: len(rows)] > self.cut
        return self._per_cycle(rows[last & (rows["stands"] == CANCELLED)])

    def outside(self, side: str) -> Shares:
        """Minutes of a side's meetings, and those outside 08:00 to 18:00 on its clock; held, and said so."""
        rows, spans = self._until_cut(self.columns.scheduled), self.spans
        here = slice(len(rows))
        held = (spans.held[here] <= self.cut) & (spans.place_of_meeting[here] > self.cut)
        rows = rows[held & (rows["stands"] == CONFIRMED) & (rows[side] >= 0)]
        cycle = np.asarray(rows["cycle"], np.int64)
        person = (spans.mentee_of if side == "mentee" else spans.mentor_of)[cycle]
        return Shares(cycle, person, rows[side].astype(np.int64), rows["length"].astype(np.int64))

    # -- reviews --

    @cached_property
    def _reviews(self) -> Rows:
        return self._until_cut(self.columns.reviews)

    def rated(self, side: str) -> tuple[Floats, Ints]:
        """Per cycle the sum of what a side gave, as shares, and how many ratings that is."""
        rows = self._reviews
        total = np.bincount(rows["cycle"], rows[side], minlength=self._cycles)
        return total.astype(np.float64), self._per_cycle(rows, rows[f"{side}s"])

    def means(self, side: str) -> Floats:
        """Per cycle the mean of what a side gave; not a number where it gave nothing."""
        total, count = self.rated(side)
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)

    @cached_property
    def reviews(self) -> Ints:
        """Reviews that somebody has rated in."""
        rows = self._reviews
        return self._per_cycle(rows[(rows["mentees"] > 0) | (rows["mentors"] > 0)])

    @cached_property
    def revealed(self) -> Ints:
        """Reviews that could have been written: two for each `reviewed`."""
        return 2 * self._per_cycle(self._reviews)

    @cached_property
    def missing(self) -> Ints:
        """Those of them that were not."""
        return self._per_cycle(self._reviews, self._reviews["missing"])

    # -- requests --

    def of_requests(self, cycles: Flags) -> Flags:
        """Requests that have one of these cycles."""
        found = np.zeros(self._requests, np.bool_)
        found[self.columns.request_of[cycles & self.asked]] = True
        return found

    @cached_property
    def made(self) -> Flags:
        """Requests that were made."""
        return np.asarray(self.columns.requests.seen <= self.cut)

    @cached_property
    def matched(self) -> Flags:
        """Requests with a pair."""
        return self.of_requests(self.paired)

    @cached_property
    def decided(self) -> Flags:
        """Requests with a pair, or whose cycles have all ended without one."""
        return self.made & (self.matched | ~self.of_requests(~self.concluded))

    @cached_property
    def waits(self) -> Waits:
        """Of every request from its first `requested` to its first `paired`, its end, or the cut."""
        request_of = self.columns.request_of
        paired = np.full(self._requests, NEVER, np.int64)
        ended = np.full(self._requests, 0, np.int64)
        pairs, ends = self.paired & self.asked, self.concluded & self.asked
        np.minimum.at(paired, request_of[pairs], self.paired_at[pairs])
        np.maximum.at(ended, request_of[ends], self.concluded_at[ends])
        until = np.where(self.matched, paired, np.where(self.decided, ended, self.cut))
        return Waits(_days(until - self.columns.requests.at), self.matched)

    @cached_property
    def first_waits(self) -> Waits:
        """Of every pair from `paired` to its first meeting, its end, or the cut; others have no meaning."""
        happened = self.first_met != NEVER
        until = np.where(happened, self.first_met, np.minimum(self.concluded_at, self.cut))
        begun = np.where(self.paired, self.paired_at, self.cut)
        return Waits(_days(until - begun), happened & self.paired)

    @cached_property
    def steps(self) -> Ints:
        """Per request how many steps after the first its furthest cycle has come, through all before."""
        passed = (self.paired, self.first_met != NEVER, self.reviews > 0, self.concluded)
        depth = np.cumprod(np.stack(passed), axis=0, dtype=np.int64).sum(axis=0)
        found = np.zeros(self._requests, np.int64)
        np.maximum.at(found, self.columns.request_of[self.asked], depth[self.asked])
        return found

    @cached_property
    def seats(self) -> tuple[Ints, Ints]:
        """Per request the seats asked for, and those filled."""
        rows = self._until_cut(self.columns.asked)
        filled = rows[self.paired[rows["cycle"]]]
        return self._seats(rows), self._seats(filled)

    def _seats(self, rows: Rows) -> Ints:
        _, first = np.unique(rows["seat"], return_index=True)
        counted = np.bincount(rows["request"][first], minlength=self._requests)
        return counted.astype(np.int64)

    # -- mentors --

    @cached_property
    def mentors(self) -> Mentors:
        """Who offers to mentor and has not left."""
        capacity = np.zeros(self.columns.persons, np.int64)
        offered = self._until_cut(self.columns.offered)
        capacity[offered["person"]] = offered["capacity"]
        gone = self.columns.gone
        capacity[gone["person"][gone["seen"] <= self.cut]] = 0
        limit = [each.capacity for each in self.columns.rules if each.seen <= self.cut]
        capacity = np.minimum(capacity, limit[-1] if limit else 0)
        person = np.flatnonzero(capacity)
        pairs = self.spans.mentor_of[self.paired & ~self.concluded]
        opened = np.bincount(pairs, minlength=self.columns.persons)
        return Mentors(person, capacity[person], opened[person], self._offers[person])

    @cached_property
    def _offers(self) -> Ints:
        """Offers held for an answer, by mentor: the last one of a cycle, unless it was let go since."""
        rows = self._until_cut(self.columns.held_offers)
        held = np.flatnonzero(rows["mentor"] >= 0)
        last = np.full(self._cycles, -1, np.int64)
        last[rows["cycle"][held]] = held
        of_cycle = last[rows["cycle"]]
        same = (rows["proposal"] == 0) | (rows["proposal"] == rows["proposal"][of_cycle])
        ended = (of_cycle >= 0) & (np.arange(len(rows)) > of_cycle) & (rows["mentor"] < 0) & same
        last[rows["cycle"][ended]] = -1
        mentors = rows["mentor"][last[last >= 0]]
        return np.bincount(mentors, minlength=self.columns.persons).astype(np.int64)


def _days(span: Ints) -> Floats:
    return np.maximum(span, 0) / DAY
