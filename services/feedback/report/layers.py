"""Who has a part in what a report publishes: for each family of metrics, one row per change of each of its quantities.

Metrics of a family publish the same quantities, so they are renewed together (decision 0039).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from services.feedback.report.arithmetic import Flags
from services.feedback.report.calendar import Calendar
from services.feedback.report.columns import ABSENT, CANCELLED, CONFIRMED, MET, Columns, Ints, Rows
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
    """Requests, which of them are decided and which paired, and first meetings."""
    columns = spans.columns
    yield _all(columns.asked, pairs=False)
    paired, ended = (_all(rows, pairs=False) for rows in (columns.paired, columns.concluded))
    yield paired
    yield _both(paired, ended)
    yield _all(_earliest(columns.verdicts[columns.verdicts["says"] == MET], columns.cycles))


def meetings(spans: Spans) -> Iterator[Changes]:
    """Verdicts, those that persons could be absent from, what is owed without one, cancellations, and fair hours."""
    rows, verdicts = spans.columns.scheduled, spans.columns.verdicts
    yield _all(verdicts)
    yield _all(verdicts[(verdicts["says"] == MET) | (verdicts["says"] == ABSENT)])
    yield _standing(rows, *spans.owed)
    cancelled = np.where(rows["stands"] == CANCELLED, rows["seen"], NEVER)
    yield _standing(rows, cancelled, spans.place_of_meeting)
    told = (rows["stands"] == CONFIRMED) & ((rows["mentee"] >= 0) | (rows["mentor"] >= 0))
    begins = np.where(told, np.maximum(rows["seen"], spans.held), NEVER)
    yield _standing(rows, begins, spans.place_of_meeting)


def conclusions(spans: Spans) -> Iterator[Changes]:
    """How pairs were concluded, and with what goals."""
    rows = spans.columns.concluded
    pairs = rows[rows["paired"] != 0]
    yield _all(pairs)
    yield _all(pairs[pairs["agreed"] > 0])


def reviews(spans: Spans) -> Iterator[Changes]:
    """What each side gave, what cycles have of both, and what could have been given."""
    rows = spans.columns.reviews
    yield _all(rows)
    mentees, mentors = rows["mentees"] > 0, rows["mentors"] > 0
    yield _all(rows[mentees])
    yield _all(rows[mentors])
    place = np.arange(len(rows))
    both = np.maximum(
        *(_first_place(rows, side, spans.columns.cycles) for side in (mentees, mentors))
    )
    yield _all(rows[(mentees | mentors) & (place >= both[rows["cycle"]])])


def rows_of(spans: Spans, family: Family, calendar: Calendar) -> Sequence[Contributions]:
    """The rows of a family, one layer for each of its quantities."""
    return [_contributions(spans, each, calendar) for each in family(spans)]


def load_rows(spans: Spans, calendar: Calendar) -> Sequence[Contributions]:
    """Mentors whose capacity, pairs or offers have changed; it is about no mentee."""
    mentor, seen = load_changes(spans)
    return [Contributions(np.full(len(mentor), -1), mentor, calendar.weeks(seen), {})]


def load_changes(spans: Spans) -> tuple[Ints, Ints]:
    """Mentors, and when something about them has changed."""
    columns = spans.columns
    concluded, held = columns.concluded, columns.held_offers
    told = (
        (columns.offered["person"], columns.offered["seen"]),
        (columns.gone["person"], columns.gone["seen"]),
        (columns.paired["mentor"], columns.paired["seen"]),
        (spans.mentor_of[concluded["cycle"]], concluded["seen"]),
        (held["mentor"], held["seen"]),
        (spans.let_go, held["seen"]),
        *_limited(columns),
    )
    mentor, seen = (np.concatenate(each).astype(np.int64) for each in zip(*told, strict=True))
    return mentor[mentor >= 0], seen[mentor >= 0]


def _limited(columns: Columns) -> Iterator[tuple[Ints, Ints]]:
    """Whose places other rules have changed, and when: of all who then offered more than the lower limit."""
    limit = 0
    for rules in columns.in_force:
        offered = columns.offered[columns.offered["seen"] <= rules.since]
        more = offered["person"][offered["capacity"] > min(limit, rules.capacity)]
        if limit != rules.capacity:
            yield np.asarray(more, np.int64), np.full(len(more), rules.since)
        limit = rules.capacity


def _all(rows: Rows, *, pairs: bool = True) -> Changes:
    return Changes(_cycles(rows), np.asarray(rows["seen"], np.int64), pairs)


def _both(first: Changes, second: Changes) -> Changes:
    cycles, seen = (
        np.concatenate([getattr(first, each), getattr(second, each)]) for each in ("cycle", "seen")
    )
    return Changes(cycles, seen, pairs=first.pairs)


def _standing(rows: Rows, begins: Ints, ends: Ints) -> Changes:
    """What counts from one instant until another: both change something, where it ever counts."""
    counts = begins < ends
    ended = counts & (ends != NEVER)
    cycles = _cycles(rows)
    return Changes(
        np.concatenate([cycles[counts], cycles[ended]]),
        np.concatenate([begins[counts], ends[ended]]),
        pairs=True,
    )


def _earliest(rows: Rows, cycles: int) -> Rows:
    """The first row of each cycle, and later ones that begin before it."""
    first = _first_place(rows, np.ones(len(rows), np.bool_), cycles)[rows["cycle"]]
    found: Rows = rows[(rows["start"] < rows["start"][first]) | (first == np.arange(len(rows)))]
    return found


def _first_place(rows: Rows, chosen: Flags, cycles: int) -> Ints:
    """By cycle the place of its first chosen row; NEVER where there is none."""
    found = np.full(cycles, NEVER, np.int64)
    place = np.flatnonzero(chosen)[::-1]
    found[rows["cycle"][place]] = place
    return found


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
