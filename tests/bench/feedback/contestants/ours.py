"""The project's own report of an archive: collected, planned for k, measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from services.feedback.report.asking import finished
from services.feedback.report.collect import Collector
from services.feedback.report.model import Group, Report
from services.feedback.report.sources import collect_archive
from tests.bench.feedback.contestants.figures import Compared, Figure
from tests.bench.feedback.settings import PROGRAM

_DIGITS = {"share": 4, "days": 1, "count": 0}


def report(path: Path) -> Report:
    """What is measured: from the file to the report."""
    collector = Collector(PROGRAM)
    return finished(collector, None, collect_archive(path, collector))


def compared(_made: Report, _wanted: Sequence[Figure]) -> Compared:
    """It is the one that others are compared with."""
    return Compared(0, 0, ())


def figures(made: Report) -> Iterator[Figure]:
    """All numbers that it shows."""
    yield from _steps(made)
    for metric in (made.outcomes, *made.metrics):
        if metric.total is not None and metric.as_of is not None:
            yield _figure(metric.name, "all", metric.as_of, metric.total)
        for breakdown, groups in metric.groups.items():
            for group in groups:
                yield _figure(metric.name, f"{breakdown} {group.label}", group.as_of, group)


def _steps(made: Report) -> Iterator[Figure]:
    """The funnel's counts, each of a release of its own."""
    for value in made.funnel.total.values if made.funnel.total else ():
        if value.as_of is not None and value.count is not None:
            counts = {value.name: float(value.count)}
            yield Figure(value.as_of.isoformat(), "funnel", "all", counts, {value.name: 0})


def _figure(metric: str, name: str, release: datetime, group: Group) -> Figure:
    shown = [value for value in group.values if not value.hidden]
    numbers = {value.name: value.value for value in shown}
    digits = {value.name: _DIGITS[value.unit] for value in shown}
    return Figure(release.isoformat(), metric, name, numbers, digits)
