"""What stood at a cut: every request, cycle, review and mentor in figures, as arrays by index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from services.feedback.report.arithmetic import Flags, Floats
from services.feedback.report.columns import DAY, Ints, Rows
from services.feedback.report.cut import Cut
from services.feedback.report.meetings import Meetings
from services.feedback.report.spans import NEVER

STEPS = ("requested", "paired", "met", "reviewed", "concluded")


@dataclass(frozen=True, slots=True)
class Waits:
    """How long something took, in days, or has lasted so far; `happened` says which."""

    days: Floats
    happened: Flags


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


class State(Cut):
    """The program at a cut; see `Cut`."""

    @cached_property
    def _requests(self) -> int:
        return len(self.columns.requests.at)

    @cached_property
    def meetings(self) -> Meetings:
        """Its meetings."""
        return Meetings(self.spans, self.cut, self.concluded_at)

    # -- cycles --

    @cached_property
    def asked(self) -> Flags:
        """Cycles that somebody has asked for."""
        found = np.zeros(self.columns.cycles, np.bool_)
        found[self.until(self.columns.asked)["cycle"]] = True
        return found

    @cached_property
    def paired_at(self) -> Ints:
        """When each cycle was paired, or NEVER."""
        return self.first(self.until(self.columns.paired), "at", NEVER)

    @cached_property
    def paired(self) -> Flags:
        """Cycles that were ever paired."""
        return np.asarray(self.paired_at != NEVER)

    @cached_property
    def concluded_at(self) -> Ints:
        """When each cycle was concluded, or NEVER."""
        return self.first(self.until(self.columns.concluded), "at", NEVER)

    @cached_property
    def concluded(self) -> Flags:
        """Cycles that have ended."""
        return np.asarray(self.concluded_at != NEVER)

    def conclusion(self, field: str) -> Ints:
        """A field of each cycle's `concluded`; -1 before it."""
        return self.first(self.until(self.columns.concluded), field, -1)

    # -- reviews --

    @cached_property
    def _reviews(self) -> Rows:
        return self.until(self.columns.reviews)

    def rated(self, side: str) -> tuple[Floats, Ints]:
        """Per cycle the sum of what a side gave, as shares, and how many ratings that is."""
        rows = self._reviews
        total = np.bincount(rows["cycle"], rows[side], minlength=self.columns.cycles)
        return total.astype(np.float64), self.per_cycle(rows, rows[f"{side}s"])

    @cached_property
    def means(self) -> Mapping[str, Floats]:
        """By side, per cycle the mean of what it gave; not a number where it gave nothing."""
        return {side: _means(*self.rated(side)) for side in ("mentee", "mentor")}

    @cached_property
    def reviews(self) -> Ints:
        """Reviews that somebody has rated in."""
        rows = self._reviews
        return self.per_cycle(rows[(rows["mentees"] > 0) | (rows["mentors"] > 0)])

    @cached_property
    def revealed(self) -> Ints:
        """Reviews that could have been written: two for each `reviewed`."""
        return 2 * self.per_cycle(self._reviews)

    @cached_property
    def missing(self) -> Ints:
        """Those of them that were not."""
        return self.per_cycle(self._reviews, self._reviews["missing"])

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
        happened = self.meetings.first_met != NEVER
        until = np.where(happened, self.meetings.first_met, np.minimum(self.concluded_at, self.cut))
        begun = np.where(self.paired, self.paired_at, self.cut)
        return Waits(_days(until - begun), happened & self.paired)

    @cached_property
    def steps(self) -> Ints:
        """Per request how many steps after the first its furthest cycle has come, through all before."""
        passed = (self.paired, self.meetings.first_met != NEVER, self.reviews > 0, self.concluded)
        depth = np.cumprod(np.stack(passed), axis=0, dtype=np.int64).sum(axis=0)
        found = np.zeros(self._requests, np.int64)
        np.maximum.at(found, self.columns.request_of[self.asked], depth[self.asked])
        return found

    @cached_property
    def seats(self) -> tuple[Ints, Ints]:
        """Per request the seats asked for, and those filled."""
        rows = self.until(self.columns.asked)
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
        offered = self.until(self.columns.offered)
        capacity[offered["person"]] = offered["capacity"]
        gone = self.columns.gone
        capacity[gone["person"][gone["seen"] <= self.cut]] = 0
        limit = [each.capacity for each in self.columns.in_force if each.since <= self.cut]
        capacity = np.minimum(capacity, limit[-1] if limit else 0)
        person = np.flatnonzero(capacity)
        pairs = self.spans.mentor_of[self.paired & ~self.concluded]
        opened = np.bincount(pairs, minlength=self.columns.persons)
        return Mentors(person, capacity[person], opened[person], self._offers[person])

    @cached_property
    def _offers(self) -> Ints:
        """Offers held for an answer, by mentor: the last one of a cycle, unless it was let go since."""
        rows = self.until(self.columns.held_offers)
        held = np.flatnonzero(rows["mentor"] >= 0)
        last = np.full(self.columns.cycles, -1, np.int64)
        last[rows["cycle"][held]] = held
        of_cycle = last[rows["cycle"]]
        same = (rows["proposal"] == 0) | (rows["proposal"] == rows["proposal"][of_cycle])
        ended = (of_cycle >= 0) & (np.arange(len(rows)) > of_cycle) & (rows["mentor"] < 0) & same
        last[rows["cycle"][ended]] = -1
        mentors = rows["mentor"][last[last >= 0]]
        return np.bincount(mentors, minlength=self.columns.persons).astype(np.int64)


def _means(total: Floats, count: Ints) -> Floats:
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _days(span: Ints) -> Floats:
    return np.maximum(span, 0) / DAY
