"""The cards of a report's page: a metric with its figure, its plot and its definition."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape

from services.cli.page.html import keys
from services.cli.report import drawings
from services.cli.report.words import BY, group_name, headline, older, shown, summary
from services.feedback.report.model import BreakdownName, Group, Metric, Report

_QUOTED = re.compile("`([^`]*)`")
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
        yield f"<div>{''.join(_shown(report, metric, metric.total))}</div>"
    yield _definition(metric.definition)


def _shown(report: Report, metric: Metric, total: Group) -> Iterator[str]:
    if metric.name not in {"funnel", "outcomes"}:
        yield _figure(total)
    if metric.name != "funnel" and (words := older(metric, report)):
        yield f'<div><span class="chip" title="{escape(metric.why)}">{words}</span></div>'
    yield _drawing(report, metric, total)


def group_card(report: Report, metric: Metric, breakdown: BreakdownName) -> str:
    """A metric, group by group."""
    groups = metric.groups.get(breakdown, ())
    known = [group for group in groups if headline(group).value is not None]
    what = BY[breakdown]
    parts = [f"<h3>{escape(metric.title)}</h3>"]
    if len(groups) > 1 and known:
        parts.append(f'<div class="soft">By {what}. {_read_as(metric, known)}</div>')
        draw = drawings.waits if metric.name == "wait" else drawings.by_group
        parts.append(draw(report, metric, known, what))
        parts += [_nothing(report, group) for group in groups if group not in known]
    else:
        parts.append(_empty(f"By {what} it would tell of fewer than {report.k} persons."))
    return f'<section class="card">{"".join(parts)}</section>'


def _nothing(report: Report, group: Group) -> str:
    return f'<p class="soft none">Nothing to show of {escape(group_name(group, report))}.</p>'


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
    if len(total.bars) > 1:
        return drawings.distribution(metric, total)
    is_rate = headline(total).unit == "share" and headline(total).count is not None
    return _rate(report, metric, total) if is_rate else ""


def _rate(report: Report, metric: Metric, total: Group) -> str:
    if len(metric.past) >= _TREND:
        return drawings.developed(metric, report.zone)
    return drawings.proportion(metric, total)


def _held(report: Report, metric: Metric, total: Group) -> str:
    if not metric.past:
        return drawings.proportion(metric, total)
    return keys(_HELD) + drawings.counted(metric, report.zone, "held", "not held")


_OWN: Mapping[str, Callable[[Report, Metric, Group], str]] = {
    "funnel": lambda report, _metric, total: drawings.funnel(report, total),
    "outcomes": lambda _report, _metric, total: drawings.outcomes(total),
    "held": _held,
}


def _empty(words: str) -> str:
    return f'<p class="empty">{escape(words)}</p>'


def _definition(words: str) -> str:
    """What stands between backticks is a word of the log."""
    marked = _QUOTED.sub(r"<code>\1</code>", escape(words))
    return f'<p class="definition">{marked}</p>'
