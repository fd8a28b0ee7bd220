"""The cards of a report's page: a metric with its figure, its plot and its definition."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape

from services.cli.page.html import keys
from services.cli.report import drawings
from services.cli.report.words import BY, headline, older, shown, summary
from services.feedback.report.model import BreakdownName, Group, Metric, Report

_TREND = 3
"""From so many releases on, a line says more than a bar."""
_HELD = (("a", "held"), ("b", "not held"))


def metric_card(report: Report, metric: Metric) -> str:
    """A metric of everybody."""
    parts = "".join(_parts(report, metric))
    kind = "card two" if metric.name == "funnel" else "card"
    return f'<section class="{kind}" id="{escape(metric.name)}">{parts}</section>'


def _parts(report: Report, metric: Metric) -> Iterator[str]:
    yield f"<h3>{escape(metric.title)}</h3>"
    if metric.total is None:
        yield _empty(metric.why or "Not shown.")
    else:
        if metric.name not in {"funnel", "outcomes"}:
            yield _figure(metric.total)
        if words := older(metric, report):
            yield f'<div><span class="chip" title="{escape(metric.why)}">{words}</span></div>'
        yield _drawing(report, metric, metric.total)
    yield _definition(metric.definition)


def group_card(report: Report, metric: Metric, breakdown: BreakdownName) -> str:
    """A metric, group by group."""
    groups = metric.groups.get(breakdown, ())
    parts = [f"<h3>{escape(metric.title)}</h3>"]
    if len(groups) > 1:
        parts.append(f'<div class="soft">By {BY[breakdown]}. {_read_as(metric, groups)}</div>')
        draw = drawings.waits if metric.name == "wait" else drawings.by_group
        parts.append(draw(report, metric, groups, BY[breakdown]))
    else:
        parts.append(_empty(f"By {BY[breakdown]} it would tell of fewer than {report.k} persons."))
    return f'<section class="card">{"".join(parts)}</section>'


def _read_as(metric: Metric, groups: Sequence[Group]) -> str:
    if metric.name == "wait":
        return "Mark: nine of ten waited no longer; line: the longest wait."
    if drawings.has_quantiles(groups):
        return "Mark: half lie below; thick: the middle half; thin: all but the outer tenths."
    return ""


def _figure(total: Group) -> str:
    value = headline(total)
    return f'<p class="big">{shown(value)}<small>{escape(summary(value))}</small></p>'


def _drawing(report: Report, metric: Metric, total: Group) -> str:
    """The plot that suits what the metric is made of; some have one of their own."""
    if metric.name in _OWN:
        return _OWN[metric.name](report, metric, total)
    if total.curve:
        return drawings.curve(metric, total)
    if total.bars:
        return drawings.distribution(metric, total)
    return _rate(report, metric, total) if headline(total).unit == "share" else ""


def _rate(report: Report, metric: Metric, total: Group) -> str:
    if len(metric.past) >= _TREND:
        return drawings.developed(metric, report.zone)
    return drawings.proportion(metric, total)


def _held(report: Report, metric: Metric, total: Group) -> str:
    if not metric.past:
        return drawings.proportion(metric, total)
    return keys(_HELD) + drawings.counted(metric, report.zone, "held", "not held")


_OWN: Mapping[str, Callable[[Report, Metric, Group], str]] = {
    "funnel": lambda _report, _metric, total: drawings.funnel(total),
    "outcomes": lambda _report, _metric, total: drawings.outcomes(total),
    "held": _held,
}


def _empty(words: str) -> str:
    return f'<p class="empty">{escape(words)}</p>'


def _definition(words: str) -> str:
    return f'<p class="definition">{escape(words)}</p>'
