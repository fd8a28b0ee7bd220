"""A report for people at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group as Shown
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from services.cli.report.words import (
    BY,
    HIDDEN,
    brackets,
    day,
    earlier,
    group_name,
    headline,
    how_old,
    made_of,
    not_to_compare,
    notes,
    percent,
    shown,
    step_name,
)
from services.cli.sections import indented, title
from services.feedback.report.model import BreakdownName, Group, Metric, Report

_BAR = 36
_SPREAD = {"p10": "10%", "p50": "50%", "p90": "90%", "max": "most"}
"""Quantiles that stand beside the first figure."""
_MIDDLES = {"median_of_all": "median", "p50": "median", "mean": "mean"}
_WIDE = 140
_BESIDE = 110
"""From so many letters on, a metric and its groups have room beside each other."""
_FAIR = {"wait", "outside_of_mentees", "outside_of_mentors"}
"""Shown by zone and hours, too; the page and the tables have every metric by everything."""


def summary(report: Report, width: int) -> RenderableType:
    """As of when, the funnel, everybody's figures and the outcomes, and what is hidden.

    Args:
        report: what to show.
        width: of the terminal, in letters; a narrow one is not shown quantiles.
    """
    return Shown(*_summary(report, width), *_notes(report))


def view(report: Report, width: int) -> RenderableType:
    """The summary, cohorts beside each other, and what tells how fair it is to zones and to who has few hours."""
    return Shown(*_summary(report, width), *_groups(report, width), *_notes(report))


def _summary(report: Report, width: int) -> Iterator[RenderableType]:
    yield Text(_as_of(report), "bold")
    if words := _before_figures(report):
        yield Text(words, "yellow")
    yield title(report.funnel.title)
    yield indented(_steps(report))
    if report.metrics and report.released is not None:
        yield title("Everybody")
        yield indented(_figures(report, width))
    yield title(f"{report.outcomes.title}{brackets(report.outcomes.as_of, report)}")
    yield indented(_outcomes(report.outcomes))


def _notes(report: Report) -> Iterator[RenderableType]:
    """What is about everything; of a single metric its row says it."""
    yield title("How to read this, and what it does not show")
    yield from (indented(Text(f"• {note}", "dim")) for note in notes(report)[0])


def _as_of(report: Report) -> str:
    if report.released is None:
        return f"{report.program}: nothing is shown before its first release"
    when = f"{day(report.released, report.zone)}, 00:00 in {report.zone}"
    until = f", up to sequence {report.position:,}" if report.position else ""
    return f"{report.program} as of {when}{until}"


def _before_figures(report: Report) -> str:
    """What somebody would misread the figures without, or find none."""
    if report.released is None and report.clock == "stored":
        return "Of a demo, or a log that was imported? Ask with --clock event."
    return how_old(report)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(columns[0])
    for name in columns[1:]:
        table.add_column(name, justify="right")
    return table


def _steps(report: Report) -> RenderableType:
    metric = report.funnel
    if metric.total is None:
        return Text(metric.why)
    table = _table("", "", "of all")
    table.add_column("")
    for value in metric.total.values:
        bar = Text("█" * round(_BAR * min(1.0, value.value or 0.0)), "cyan")
        count = "" if value.count is None else f"{value.count:,}"
        table.add_row(step_name(value, report), count, shown(value), bar)
    return table


def _figures(report: Report, width: int) -> Table:
    table = _table("", *_heads(width), "")
    for metric in report.metrics:
        if metric.total is None:
            table.add_row(metric.title, HIDDEN, style="dim")
        else:
            note = Text(earlier(metric.as_of, report), "yellow")
            table.add_row(_named(metric, metric.total), *_figure(metric.total, width), note)
    return table


def _named(metric: Metric, group: Group) -> str:
    """A metric, and which middle its first figure is, where it is one: of waits, or of shares."""
    middle = _MIDDLES.get(headline(group).name)
    return f"{metric.title}, {middle}" if middle else metric.title


def _heads(width: int) -> list[str]:
    return ["", "of", *(_SPREAD.values() if width >= _WIDE else ()), "persons"]


def _figure(group: Group, width: int) -> list[str]:
    value = headline(group)
    spread = {each.name: shown(each) for each in group.values if each is not value}
    if value.name == "median_of_all":
        spread.pop("p50", None)
    quantiles = [spread.get(name, "") for name in _SPREAD] if width >= _WIDE else []
    return [shown(value), made_of(value).removeprefix("of "), *quantiles, f"{group.persons:,}"]


def _outcomes(metric: Metric) -> RenderableType:
    if metric.total is None:
        return Text(metric.why)
    table = _table("", "cycles", "share")
    total = sum(bar.count for bar in metric.total.bars)
    for bar in metric.total.bars:
        table.add_row(
            bar.label.replace("_", " "),
            f"{bar.count:,}",
            percent(bar.count / total) if total else "–",
        )
    return table


def _groups(report: Report, width: int) -> Iterator[RenderableType]:
    for breakdown, what in BY.items():
        metrics = [each for each in report.metrics if _is_compared(each, breakdown)]
        if metrics:
            yield title(f"By {what}")
            yield indented(_grouped(report, metrics, breakdown, width))
            yield indented(Text(not_to_compare(report, metrics, breakdown), "dim"))


def _is_compared(metric: Metric, breakdown: BreakdownName) -> bool:
    wanted = breakdown == "cohort" or metric.name in _FAIR
    return wanted and len(metric.groups.get(breakdown, ())) > 1


def _grouped(
    report: Report, metrics: Sequence[Metric], breakdown: BreakdownName, width: int
) -> Table:
    beside = width >= _BESIDE
    table = _table("", *([""] if beside else []), *_heads(width))
    if beside:
        table.columns[1].justify = "left"
    for metric in metrics:
        name = _named(metric, metric.groups[breakdown][0])
        if not beside:
            table.add_row(name)
        for group in metric.groups[breakdown]:
            which = group_name(group, report)
            names = (name, which) if beside else (f"  {which}",)
            table.add_row(*names, *_figure(group, width))
            name = ""
    return table
