"""Who has a part in what a report publishes: for each family of metrics, one row per change of each of its quantities.

Metrics of a family publish the same quantities, so they are renewed together (decision 0039).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from services.feedback.report.calendar import Calendar
from services.feedback.report.columns import CANCELLED, DROPPED, MET, Ints, Rows
from services.feedback.report.contributions import Contributions
from services.feedback.report.spans import NEVER, Spans


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes of a quantity: about which cycles, and when they were seen; arrays of equal length."""

    cycle: Ints
    seen: Ints
    pairs: bool
    """The mentor of the cycle has a part in it."""


Family = Callable[[Spans], Iterator[Changes]]


def lifecycle(spans: Spans) -> Iterator[Changes]:
    """Requests, what became of them, and first meetings."""
    columns = spans.columns
    yield _all(columns.asked, pairs=False)
    ended = _all(columns.concluded, pairs=False)
    decided = _all(columns.paired, pairs=False)
    yield Changes(
        np.concatenate([decided.cycle, ended.cycle]),
        np.concatenate([decided.seen, ended.seen]),
        pairs=False,
    )
    yield _firsts(columns.verdicts[columns.verdicts["says"] == MET])


def meetings(spans: Spans) -> Iterator[Changes]:
    """Verdicts, what is owed without one, and cancellations."""
    columns = spans.columns
    yield _all(columns.verdicts)
    rows = columns.scheduled
    last = (spans.place_of_number == NEVER) & (rows["number"] > 0) & (rows["stands"] != DROPPED)
    owed = rows[last & (spans.judged > np.maximum(rows["seen"], rows["start"]))]
    yield Changes(_cycles(owed), np.maximum(owed["seen"], owed["start"]), pairs=True)
    yield _all(rows[rows["stands"] == CANCELLED])


def conclusions(spans: Spans) -> Iterator[Changes]:
    """How pairs were concluded."""
    rows = spans.columns.concluded
    yield _all(rows[rows["paired"] != 0])


def reviews(spans: Spans) -> Iterator[Changes]:
    """What each side gave, and what could have been given."""
    rows = spans.columns.reviews
    yield _all(rows)
    yield _all(rows[rows["mentees"] > 0])
    yield _all(rows[rows["mentors"] > 0])


def rows_of(spans: Spans, family: Family, calendar: Calendar) -> Sequence[Contributions]:
    """The rows of a family, one layer for each of its quantities."""
    return [_contributions(spans, each, calendar) for each in family(spans)]


def load_rows(spans: Spans, calendar: Calendar) -> Sequence[Contributions]:
    """Mentors whose capacity, pairs or offers have changed; it is about no mentee."""
    columns = spans.columns
    concluded = columns.concluded[columns.concluded["paired"] != 0]
    offers = columns.held_offers[columns.held_offers["mentor"] >= 0]
    persons = (
        columns.offered["person"],
        columns.gone["person"],
        columns.paired["mentor"],
        spans.mentor_of[concluded["cycle"]],
        offers["mentor"],
    )
    told = (columns.offered, columns.gone, columns.paired, concluded, offers)
    mentor = np.concatenate(persons).astype(np.int64)
    week = calendar.weeks(np.concatenate([rows["seen"] for rows in told]))
    return [Contributions(np.full(len(mentor), -1), mentor, week, {})]


def _all(rows: Rows, *, pairs: bool = True) -> Changes:
    return Changes(_cycles(rows), np.asarray(rows["seen"], np.int64), pairs)


def _firsts(rows: Rows) -> Changes:
    cycles, first = np.unique(rows["cycle"], return_index=True)
    return Changes(cycles.astype(np.int64), np.asarray(rows["seen"][first], np.int64), pairs=True)


def _cycles(rows: Rows) -> Ints:
    return np.asarray(rows["cycle"], np.int64)


def _contributions(spans: Spans, changes: Changes, calendar: Calendar) -> Contributions:
    """Once per cycle and week: more of the same person change nothing."""
    requests, request_of = spans.columns.requests, spans.columns.request_of
    weeks = len(calendar.instants) + 1
    asked = request_of[changes.cycle] >= 0
    key = np.unique(changes.cycle[asked] * weeks + calendar.weeks(changes.seen[asked]))
    cycle, week = key // weeks, key % weeks
    request = request_of[cycle]
    groups: Mapping[str, Ints] = {
        "cohort": requests.cohort[request],
        "zone": requests.zone[request],
        "hours": requests.hours[request],
    }
    mentor = spans.mentor_of[cycle] if changes.pairs else np.full(len(cycle), -1, np.int64)
    return Contributions(spans.mentee_of[cycle], mentor, week, groups)
