"""Every figure of a metric as a table: the numbers behind its plots, of everybody and of each group."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from services.cli.page import html
from services.cli.report.words import BY, group_name, made_of, shown
from services.feedback.report.model import Group, Metric, Report, Value


def figures(report: Report, metric: Metric) -> str:
    """A table that opens; nothing while the metric is hidden."""
    if metric.total is None:
        return ""
    names = ["", "persons", *(value.title for value in metric.total.values)]
    table = html.table(names, _rows(report, metric, metric.total), figures=len(names) - 1)
    title = escape(metric.title)
    return f'<details class="figures"><summary>{title}</summary><div class="wide">{table}</div></details>'


def _rows(report: Report, metric: Metric, total: Group) -> Iterator[list[str]]:
    yield _row("everybody", total)
    for breakdown, groups in metric.groups.items():
        for group in groups:
            name = f"<small>{BY[breakdown]}</small>{escape(group_name(group, report))}"
            yield _row(name, group)


def _row(name: str, group: Group) -> list[str]:
    return [name, f"{group.persons:,}", *map(_cell, group.values)]


def _cell(value: Value) -> str:
    stands_on = made_of(value)
    below = f"<small>{stands_on}</small>" if stands_on else ""
    return f"<div>{shown(value)}{below}</div>"
