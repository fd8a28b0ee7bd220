"""What only the program's report may read: closing reviews, and the questions that are for the program alone.

They stay sealed in the log for ever, so a report of them is not made from the log alone: it depends on the keys that
still exist. It is computed as any other, by the same rule of k, from reviews in which stands what was opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from services.cli.report.sealed_reviews import Sealed
from services.feedback.model import CLOSING
from services.feedback.report.asking import finished
from services.feedback.report.collect import Collector
from services.feedback.report.model import Metric, Report
from services.feedback.reveal import Unseal
from services.feedback.sealing import Contents
from shared.entry import Entry
from shared.events.rules import FormItem

_METRICS = ("satisfaction_of_mentees", "satisfaction_of_mentors", "two_sided")
_KINDS = {
    "closing": ("Closing reviews", "Of the reviews of a whole cycle, which nobody else reads"),
    "confidential": ("For the program alone", "Of questions whose answers only the program reads"),
}


@dataclass(frozen=True, slots=True)
class Opened:
    """Reviews as if feedback had revealed them, by kind, and how many cannot be opened any more."""

    told: Mapping[str, Sequence[Entry]]
    unreadable: int


def opened(program: str, reviews: Iterable[Sealed], unseal: Unseal) -> Opened:
    """Open reviews, and say them in the words that the report reads."""
    told: dict[str, list[Entry]] = {kind: [] for kind in _KINDS}
    unreadable = 0
    for review in reviews:
        kind = "closing" if review.meeting == CLOSING else "confidential"
        items = _items(review)
        if not items:
            continue
        contents = unseal(review.author, review.subject, review.place, review.sealed)
        if contents is None:
            unreadable += 1
        elif given := _given(items, contents):
            told[kind].append(_entry(program, review, given, items))
    ordered = {kind: sorted(each, key=lambda entry: entry.seq) for kind, each in told.items()}
    return Opened(ordered, unreadable)


def _items(review: Sealed) -> Mapping[str, FormItem]:
    """The questions that count here: at the end all of them, else those that are for the program alone."""
    items = review.form.items if review.form else ()
    closing = review.meeting == CLOSING
    return {item.id: item for item in items if closing or item.audience == "program"}


def _given(items: Mapping[str, FormItem], contents: Contents) -> dict[str, int]:
    rated = contents.ratings
    return {name: rated[name] for name, i in items.items() if i.min <= rated.get(name, -1) <= i.max}


def _entry(
    program: str, review: Sealed, given: Mapping[str, int], items: Mapping[str, FormItem]
) -> Entry:
    scales = {name: {"min": items[name].min, "max": items[name].max} for name in given}
    data = {"ratings": {review.side: given}, "scales": {review.side: scales}}
    body = orjson.dumps({"time": review.seen.time.isoformat(), "data": data})
    subject = f"mentoring.{program}.reviewed.{review.cycle}"
    return Entry(review.seen.seq, subject, body, 0, "feedback", review.seen.stored)


class Instead:
    """A collector that hears these reviews, each at its place, and none of those that were revealed."""

    def __init__(self, collector: Collector, told: Sequence[Entry]) -> None:
        self.collector = collector
        self._coming = list(reversed(told))

    def add(self, entries: Iterable[Entry]) -> None:
        """The next events of the log."""
        self.collector.add(self._mixed(entries))

    def report(self, asked: datetime, log: str) -> Report:
        """Of all that was heard; see `make_report`."""
        self.collector.add(reversed(self._coming))
        return finished(self.collector, asked, log)

    def _mixed(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        for entry in entries:
            while self._coming and self._coming[-1].seq <= entry.seq:
                yield self._coming.pop()
            if entry.word != "reviewed":
                yield entry


def with_closing(report: Report, found: Mapping[str, Report], unreadable: int) -> Report:
    """A report with the metrics of what was opened, and what is to be said of them."""
    added = [_renamed(kind, each.metric(name)) for kind, each in found.items() for name in _METRICS]
    return report.model_copy(
        update={
            "metrics": (*report.metrics, *added),
            "notes": (*_notes(unreadable, report.k), *report.notes),
        }
    )


def _renamed(kind: str, metric: Metric) -> Metric:
    title, words = _KINDS[kind]
    return metric.model_copy(
        update={
            "name": f"{kind}_{metric.name}",
            "title": f"{title}: {metric.title[:1].lower()}{metric.title[1:]}",
            "definition": f"{words}: {metric.definition[:1].lower()}{metric.definition[1:]}",
        }
    )


def _notes(unreadable: int, k: int) -> Iterator[str]:
    yield (
        "Closing reviews and what is for the program alone were opened with the key ring: they depend on the keys that "
        "still exist. Two such reports, one made before and one after somebody was erased, tell of that person: "
        "keep one of them at most."
    )
    if unreadable:
        many = f"{unreadable:,}" if unreadable >= k else f"Fewer than {k}"
        yield f"{many} of these reviews cannot be opened any more, and do not count."
