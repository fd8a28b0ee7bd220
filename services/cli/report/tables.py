"""A report as CSV (RFC 4180): one file per table, a row per fact, and a page that says what each column is."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.cli.report.words import all_metrics
from services.feedback.report.model import Group, Metric, Report, Value

Cell = str | float | int | bool | None
Row = Sequence[Cell]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

_FORM = (
    "Tables in CSV as in RFC 4180, in UTF-8, with a header. Words that begin with one of `= + - @` have a `'` before "
    "them, so that no spreadsheet takes them for a formula."
)


@dataclass(frozen=True, slots=True)
class Table:
    """One file: what it is, its columns with what they are, and its rows."""

    about: str
    columns: Mapping[str, str]
    rows: Iterable[Row]


_METRIC = {"metric": "its name, as in metrics.csv"}
_GROUP = {
    "breakdown": "`all`, or by what: cohort (month of the first request), zone or hours of the mentee",
    "group": "which; `all` for everybody",
}
_VALUE = {
    "name": "of the figure within the metric",
    "title": "the same for people",
    "unit": "share (0 to 1), days of 86,400 seconds, or count",
    "value": "the number; empty: there is none, or it is hidden",
    "count": "the numerator of a share",
    "of": "the denominator, or how many it sums up",
    "hidden": "true: it would tell of fewer than k persons",
}


def files(report: Report) -> Iterator[tuple[str, str]]:
    """Each file's name and text; the same report gives the same bytes."""
    tables = _tables(report)
    for name, table in tables.items():
        yield f"{name}.csv", _csv(table)
    yield "README.md", _readme(report, tables)


def _tables(report: Report) -> dict[str, Table]:
    metrics = all_metrics(report)
    return {
        "report": Table(
            "What the report is of.",
            {"fact": "its name", "value": "its value; instants are UTC"},
            _facts(report),
        ),
        "metrics": Table(
            "Every metric with its definition.",
            {
                **_METRIC,
                "title": "the same for people",
                "definition": "what is counted",
                "as_of": "the release it is of, UTC; empty: never shown yet",
                "why": "why it is hidden, or older than the report",
            },
            ((m.name, m.title, m.definition, _instant(m), m.why) for m in metrics),
        ),
        "values": Table(
            "Every figure, of everybody and of each group.",
            {
                **_METRIC,
                **_GROUP,
                "as_of": "the release it is of, UTC",
                "persons": "distinct persons whose events are in it",
                **_VALUE,
            },
            (row for metric in metrics for row in _values(metric)),
        ),
        "bars": Table(
            "Distributions; of the funnel and of outcomes, a bar per step or outcome.",
            {
                **_METRIC,
                **_GROUP,
                "label": "of the bar",
                "low": "from, included; empty: no bound",
                "high": "to, excluded; empty: no bound",
                "count": "how many",
                "as_of": "the release it is of, UTC: steps of the funnel have their own",
            },
            (row for metric in metrics for row in _bars(metric)),
        ),
        "curves": Table(
            "Kaplan-Meier curves of waits.",
            {**_METRIC, **_GROUP, "days": "since the beginning", "waiting": "share that waits on"},
            (row for metric in metrics for row in _curves(metric)),
        ),
        "past": Table(
            "What metrics were for everybody, as it was shown then.",
            {**_METRIC, "as_of": "the release, UTC", **_VALUE},
            (row for metric in metrics for row in _past(metric)),
        ),
        "notes": Table(
            "What is hidden, and why.", {"note": "a sentence"}, ((note,) for note in report.notes)
        ),
    }


def _facts(report: Report) -> Iterator[Row]:
    released = report.released.isoformat() if report.released else None
    yield from (("program", report.program), ("zone", report.zone))
    yield from (("asked", report.asked.isoformat()), ("released", released))
    yield from (("position", report.position), ("clock", report.clock))
    yield from (("k", report.k), ("log", report.log))


def _instant(metric: Metric) -> str | None:
    return metric.as_of.isoformat() if metric.as_of else None


def _groups(metric: Metric) -> Iterator[tuple[str, str, Group]]:
    if metric.total is not None:
        yield "all", metric.total.label, metric.total
    for breakdown, groups in metric.groups.items():
        for group in groups:
            yield breakdown, group.label, group


def _values(metric: Metric) -> Iterator[Row]:
    for breakdown, label, group in _groups(metric):
        for value in group.values:
            as_of = (value.as_of or group.as_of).isoformat()
            yield metric.name, breakdown, label, as_of, group.persons, *_value(value)


def _value(value: Value) -> Row:
    return (
        value.name,
        value.title,
        value.unit,
        value.value,
        value.count,
        value.of,
        value.hidden,
    )


def _bars(metric: Metric) -> Iterator[Row]:
    for breakdown, label, group in _groups(metric):
        for bar in group.bars:
            as_of = (bar.as_of or group.as_of).isoformat()
            yield metric.name, breakdown, label, bar.label, bar.low, bar.high, bar.count, as_of


def _curves(metric: Metric) -> Iterator[Row]:
    for breakdown, label, group in _groups(metric):
        for point in group.curve:
            yield metric.name, breakdown, label, point.at, point.waiting


def _past(metric: Metric) -> Iterator[Row]:
    for past in metric.past:
        for value in past.values:
            yield metric.name, past.as_of.isoformat(), *_value(value)


def _csv(table: Table) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(table.columns)
    writer.writerows([_cell(each) for each in row] for row in table.rows)
    return text.getvalue()


def _cell(value: Cell) -> Cell:
    """As a spreadsheet should take it: words that begin like a formula are words."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _readme(report: Report, tables: Mapping[str, Table]) -> str:
    lines = [f"# Program report: {report.program}", "", _FORM]
    for name, table in tables.items():
        lines += ["", f"## {name}.csv", "", table.about, "", "| column | what it is |", "|---|---|"]
        lines += [f"| `{column}` | {what} |" for column, what in table.columns.items()]
    return "\n".join([*lines, ""])
