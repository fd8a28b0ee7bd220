"""From when to when each row of the log says how something stands: until the next row about the same.

Computed once for the whole log; what stands at any cut is a comparison then.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from services.feedback.report.columns import DROPPED, MET, Columns, Ints, Rows

NEVER = np.iinfo(np.int64).max
_NUMBERS = 1 << 20
"""More than there are meeting numbers in the contract."""
_MIXED = np.int64(0x1E3779B97F4A7C15)


class Spans:
    """How long rows stand, one value per row; instants in microseconds, NEVER where it stands for good."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns

    @cached_property
    def mentee_of(self) -> Ints:
        """Of each cycle the mentee; -1 where nobody asked for it."""
        found = np.full(self.columns.cycles, -1, np.int64)
        asked = self.columns.asked
        found[asked["cycle"]] = asked["mentee"]
        return found

    @cached_property
    def mentor_of(self) -> Ints:
        """Of each cycle the mentor of the pair; -1 where there never was one."""
        found = np.full(self.columns.cycles, -1, np.int64)
        paired = self.columns.paired[::-1]
        found[paired["cycle"]] = paired["mentor"]
        return found

    @cached_property
    def verdict_of_number(self) -> Ints:
        """Of each verdict until when it is the last one of its number."""
        rows = self.columns.verdicts
        return _until(_numbers(rows), rows)

    @cached_property
    def verdict_of_meeting(self) -> Ints:
        """Of each verdict until when it is the last one of its meeting."""
        rows = self.columns.verdicts
        return _until(_meetings(rows), rows)

    @cached_property
    def place_of_number(self) -> Ints:
        """Of each `scheduled` until when it is the last one of its number."""
        rows = self.columns.scheduled
        return _until(_numbers(rows), rows)

    @cached_property
    def place_of_meeting(self) -> Ints:
        """Of each `scheduled` until when it is the last one of its meeting."""
        rows = self.columns.scheduled
        return _until(_meetings(rows), rows)

    @cached_property
    def judged(self) -> Ints:
        """Of each `scheduled` when its number got its first verdict."""
        rows, verdicts = self.columns.scheduled, self.columns.verdicts
        return _first_seen(_numbers(verdicts), verdicts["seen"], _numbers(rows))

    @cached_property
    def held(self) -> Ints:
        """Of each `scheduled` when its meeting was found to be held."""
        rows, verdicts = self.columns.scheduled, self.columns.verdicts
        met = verdicts[verdicts["says"] == MET]
        return _first_seen(_meetings(met), met["seen"], _meetings(rows))

    @cached_property
    def owed(self) -> tuple[Ints, Ints]:
        """Of each `scheduled` from when to when its number is owed without a verdict; NEVER where it is not."""
        rows, concluded = self.columns.scheduled, self.columns.concluded
        owing = (rows["number"] > 0) & (rows["stands"] != DROPPED)
        begins = np.where(owing, np.maximum(rows["seen"], rows["start"]), NEVER)
        at, told = (np.full(self.columns.cycles, NEVER, np.int64) for _ in range(2))
        at[concluded["cycle"]], told[concluded["cycle"]] = concluded["at"], concluded["seen"]
        ended = np.where(at[rows["cycle"]] < rows["start"], told[rows["cycle"]], NEVER)
        return begins, np.minimum(np.minimum(self.place_of_number, self.judged), ended)

    @cached_property
    def let_go(self) -> Ints:
        """Of each row about offers the mentor whose offer it ends; -1 where it ends none."""
        rows = self.columns.held_offers
        order = np.argsort(rows["cycle"], kind="stable")
        rows, place = rows[order], np.arange(len(rows))
        offer = np.maximum.accumulate(np.where(rows["mentor"] >= 0, place, -1))
        before = np.concatenate([np.full(min(1, len(rows)), -1), offer[:-1]])
        ends = (before >= 0) & (rows["cycle"][before] == rows["cycle"])
        same = (rows["proposal"] == 0) | (rows["proposal"] == rows["proposal"][before])
        ending = np.flatnonzero(ends & (same | (rows["mentor"] >= 0)))
        _, first = np.unique(before[ending], return_index=True)
        found = np.full(len(rows), -1, np.int64)
        found[order[ending[first]]] = rows["mentor"][before[ending[first]]]
        return found


def _numbers(rows: Rows) -> Ints:
    return np.asarray(rows["cycle"], np.int64) * _NUMBERS + rows["number"].astype(np.int64)


def _meetings(rows: Rows) -> Ints:
    """A number for each meeting of each cycle; two share one less often than a bit of memory flips."""
    return np.asarray(rows["cycle"], np.int64) * _MIXED ^ np.asarray(rows["meeting"], np.int64)


def _until(key: Ints, rows: Rows) -> Ints:
    order = np.argsort(key, kind="stable")
    same = key[order[:-1]] == key[order[1:]]
    until = np.full(len(key), NEVER, np.int64)
    until[order[:-1][same]] = rows["seen"][order[1:][same]]
    return until


def _first_seen(key: Ints, seen: Ints, wanted: Ints) -> Ints:
    """When each wanted key was first seen; NEVER where it never was."""
    if not len(key):
        return np.full(len(wanted), NEVER, np.int64)
    known, first = np.unique(key, return_index=True)
    place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[place] == wanted, seen[first[place]], NEVER)
