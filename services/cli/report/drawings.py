"""Which plot shows which metric, by what it is made of: steps, curves, distributions, groups, or how it developed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from services.cli.plots.bars import Series, bar_of_parts, bars, stacks
from services.cli.plots.curves import Curve, Point, steps, trend
from services.cli.plots.rows import Bar, Range, lying, ranges
from services.cli.report.words import (
    edges,
    group_name,
    headline,
    made_of,
    named,
    percent,
    shown,
    step_name,
)
from services.feedback.report.model import Group, Metric, Report, Value

_COUNTED = {
    "time_to_pair": "days from the request to the pairing",
    "time_to_first_meeting": "days from the pairing to the first meeting",
    "goals": "% of a pair's goals reached",
    "satisfaction_of_mentees": "% of the scale, mean of a cycle",
    "satisfaction_of_mentors": "% of the scale, mean of a cycle",
    "load": "% of capacity, open pairs of a mentor",
    "outside_of_mentees": "% of a mentee's meetings",
    "outside_of_mentors": "% of a mentor's meetings",
}
"""What is counted below the bars of a distribution."""
_RELEASES = "as of the last release in"
_QUANTILES = ("p10", "p25", "p50", "p75", "p90")


def funnel(report: Report, total: Group) -> str:
    """Steps below each other, each as long as its share of all."""
    rows = [_step(report, value) for value in total.values]
    return lying("Requests by how far they came", rows)


def _step(report: Report, value: Value) -> Bar:
    note = shown(value) if value.count is None else f"{value.count:,} · {shown(value)}"
    return Bar(step_name(value, report), note, value.value or 0.0, "a")


def outcomes(total: Group) -> str:
    """Each as long as its share of all cycles concluded."""
    of = sum(bar.count for bar in total.bars) or 1
    rows = [
        Bar(
            bar.label.replace("_", " "),
            f"{bar.count:,} · {percent(bar.count / of)}",
            bar.count / of,
            "a",
        )
        for bar in total.bars
    ]
    return lying("Cycles by outcome", rows)


def curve(metric: Metric, total: Group) -> str:
    """The share that has got there, by days; those who still wait count as waiting (Kaplan and Meier, 1958)."""
    points: list[Point] = [(point.at, 1 - point.waiting) for point in total.curve]
    median = named(total, "median_of_all")
    line = Curve(metric.title, "a", points, _reached(points))
    middle = None if median is None else median.value
    return steps(metric.title, _counted(metric, "days"), [line], middle=middle)


def _counted(metric: Metric, otherwise: str) -> str:
    """What is below the bars; of closing reviews the same as of those that are revealed."""
    found = (words for name, words in _COUNTED.items() if metric.name.endswith(name))
    return next(found, otherwise)


def _reached(points: Sequence[Point]) -> str:
    return f"{percent(points[-1][1])} after {points[-1][0]:g} days" if points else ""


def distribution(metric: Metric, total: Group) -> str:
    """How many lie where."""
    unit = headline(total).unit
    labels = [edges(bar) for bar in total.bars]
    counts = Series("how many", "a", [float(bar.count) for bar in total.bars])
    return bars(metric.title, _counted(metric, unit), labels, [counts])


def counted(metric: Metric, zone: str, done: str, missing: str) -> str:
    """A rate's numerator, and what it lacks of its denominator, until each of some releases."""
    moments = [
        (at, v.count, v.of) for at, v in _moments(metric, zone) if v.count is not None and v.of
    ]
    labels = _months([at for at, _, _ in moments])
    parts = (
        Series(done, "a", [float(count) for _, count, _ in moments]),
        Series(missing, "b", [float(of - count) for _, count, of in moments]),
    )
    return stacks(metric.title, _RELEASES, labels, parts)


def developed(metric: Metric, zone: str) -> str:
    """A share as it was at each of some releases."""
    moments = _moments(metric, zone)
    labels = _months([at for at, _ in moments])
    said = ", ".join(f"{label} {shown(v)}" for label, (_, v) in zip(labels, moments, strict=True))
    return trend(metric.title, _RELEASES, labels, [v.value for _, v in moments], said)


def _moments(metric: Metric, zone: str) -> list[tuple[datetime, Value]]:
    """The first figure at the last release of each month that is shown, the newest last."""
    found = [(past.as_of, past.values[0]) for past in metric.past]
    if metric.as_of is not None and metric.total is not None:
        found.append((metric.as_of, headline(metric.total)))
    local = ((at.astimezone(ZoneInfo(zone)), value) for at, value in found)
    return list({(at.year, at.month): (at, value) for at, value in local}.values())


def _months(local: Sequence[datetime]) -> list[str]:
    """The month of each release, with its year where there are several."""
    several = len({at.year for at in local}) > 1
    return [f"{at:%b} {at.year % 100:02}" if several else f"{at:%b}" for at in local]


def proportion(metric: Metric, total: Group) -> str:
    """A rate as a part of a bar."""
    value = headline(total)
    done, of = value.count or 0, value.of or 0
    parts = [(value.title, "a", done), ("the rest", "c", of - done)]
    return bar_of_parts(metric.title, parts)


def by_group(report: Report, metric: Metric, groups: Sequence[Group], what: str) -> str:
    """The groups of a breakdown below each other: ranges of quantiles where there are any, else the first figure."""
    title = f"{metric.title}, by {what}"
    share = headline(groups[0]).unit == "share"
    if has_quantiles(groups):
        return ranges(title, "%" if share else "days", [_range(report, each) for each in groups])
    most = 1.0 if share else max(headline(group).value or 0.0 for group in groups) or 1.0
    return lying(title, [_lying(report, group, most) for group in groups])


def has_quantiles(groups: Sequence[Group]) -> bool:
    """Whether every group has those that a range is drawn from."""
    return all(_quantiles(group) for group in groups)


def _lying(report: Report, group: Group, scale: float) -> Bar:
    value = headline(group)
    note = " · ".join(filter(None, (shown(value), made_of(value))))
    return Bar(group_name(group, report), note, (value.value or 0.0) / scale, "a")


def _quantiles(group: Group) -> list[float]:
    found = [named(group, name) for name in _QUANTILES]
    return [each.value for each in found if each and each.value is not None] if all(found) else []


def _range(report: Report, group: Group) -> Range:
    scale = 100 if headline(group).unit == "share" else 1
    low, first, middle, third, high = (value * scale for value in _quantiles(group))
    unit = "%" if scale != 1 else " days"
    note = f"{middle:.{0 if scale != 1 else 1}f}{unit}"
    return Range(group_name(group, report), note, low, first, middle, third, high, "a")


def waits(report: Report, metric: Metric, groups: Sequence[Group], what: str) -> str:
    """How long nine of ten waited, and the longest, of each group."""
    rows = [row for group in groups if (row := _wait(report, group))]
    return ranges(f"{metric.title}, by {what}", "days", rows)


def _wait(report: Report, group: Group) -> Range | None:
    most, longest = named(group, "p90"), named(group, "max")
    if most is None or longest is None or most.value is None or longest.value is None:
        return None
    low, high = f"{most.value:.0f}", f"{longest.value:.0f}"
    note = f"{high} days" if low == high else f"{low} to {high} days"
    return Range(group_name(group, report), note, 0, 0, most.value, most.value, longest.value, "a")
