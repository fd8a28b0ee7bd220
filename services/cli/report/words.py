"""Figures, days and groups of a report in words, the same on a page and on a terminal."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from services.feedback.report.model import Bar, BreakdownName, Group, Metric, Report, Value

BY: Mapping[BreakdownName, str] = {
    "cohort": "month of the first request",
    "zone": "mentee's time zone",
    "hours": "mentee's weekly hours",
}
NOTHING = "–"
OTHER_DAYS = "Groups of different days do not compare: the later one has had more time."
HIDDEN = "too few"
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_ALMOST = 0.0005


def shown(value: Value) -> str:
    """A figure with its unit: `93.3%`, `4.2 days`, `118`."""
    if value.hidden:
        return HIDDEN
    if value.value is None:
        return NOTHING
    if value.unit == "share":
        return percent(_exact(value))
    return f"{value.value:,.1f} days" if value.unit == "days" else f"{value.value:,.0f}"


def _exact(value: Value) -> float:
    """A share that is not rounded twice: a report's four digits would make 67.7% of 23 of 34."""
    if value.count is not None and value.of:
        return value.count / value.of
    return value.value or 0.0


def made_of(value: Value) -> str:
    """What a figure stands on: `112 of 120` for a rate, `of 112` for what sums something up."""
    if value.hidden or value.of is None:
        return ""
    return f"of {value.of:,}" if value.count is None else f"{value.count:,} of {value.of:,}"


def summary(value: Value) -> str:
    """What a figure is, and what it stands on."""
    if value.count is not None:
        return f"{value.title}: {made_of(value)}"
    return ", ".join(filter(None, (value.title, made_of(value))))


def percent(share: float) -> str:
    """With a decimal, unless there is nothing behind the point; never all or nothing when it is not quite."""
    whole = abs(share * 100 - round(share * 100)) < _ALMOST
    return f"{share:.0%}" if whole else f"{share:.1%}"


def day(instant: datetime, zone: str) -> str:
    """A release by the program's own calendar: `29 June 2026`."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%B} {local.year}"


def months(label: str) -> str:
    """A cohort as people say it: `2026-01 to 2026-03` is `Jan to Mar 2026`."""
    found = _MONTH.findall(label)
    if not found or _MONTH.sub("", label).strip(" to"):
        return label
    names = [_MONTHS[int(month) - 1] for _, month in found]
    (first, _), (last, _) = found[0], found[-1]
    if len(found) == 1:
        return f"{names[0]} {first}"
    begins = names[0] if first == last else f"{names[0]} {first}"
    return f"{begins} to {names[-1]} {last}"


def edges(bar: Bar) -> str:
    """A bar of a distribution, short enough to stand below it: `3–7`, `60+`."""
    short = bar.label.replace(" to ", "–").replace(" and more", "+").replace("more than ", ">")
    return short.replace("%", "").replace(" days", "")


def headline(group: Group) -> Value:
    """The figure that stands for a metric: its first."""
    return group.values[0]


def named(group: Group, name: str) -> Value | None:
    """A figure of a group by its name, when it has one that is shown."""
    found = next((each for each in group.values if each.name == name), None)
    return found if found and found.value is not None and not found.hidden else None


def older(metric: Metric, report: Report) -> str:
    """That a metric is of an earlier release than the rest; nothing when it is not."""
    if metric.as_of is None or metric.as_of == report.released:
        return ""
    return f"as of {day(metric.as_of, report.zone)}"


def how_old(report: Report) -> str:
    """How many figures are of an earlier release than the report; nothing when none is."""
    known = [metric for metric in all_metrics(report) if metric.as_of is not None]
    old = sum(1 for metric in known if older(metric, report))
    if not old:
        return ""
    return (
        f"{old} of {len(known)} figures {'is' if old == 1 else 'are'} older: each says as of when."
    )


def group_name(group: Group, report: Report) -> str:
    """Which group it is, and as of when if that is not the report's release."""
    return f"{months(group.label)}{brackets(group.as_of, report)}"


def step_name(value: Value, report: Report) -> str:
    """Which step of the funnel it is, likewise."""
    return f"{value.name}{brackets(value.as_of, report)}"


def brackets(as_of: datetime | None, report: Report) -> str:
    """That something is of an earlier release, behind a name; nothing when it is not."""
    words = earlier(as_of, report)
    return f" ({words})" if words else ""


def earlier(as_of: datetime | None, report: Report) -> str:
    """That something is of an earlier release, in short: `as of 22 Jun`; nothing when it is not."""
    if as_of is None or report.released is None or as_of == report.released:
        return ""
    here, there = (at.astimezone(ZoneInfo(report.zone)) for at in (as_of, report.released))
    year = "" if here.year == there.year else f" {here.year}"
    return f"as of {here.day} {_MONTHS[here.month - 1]}{year}"


def not_to_compare(report: Report, metrics: Sequence[Metric], *by: BreakdownName) -> str:
    """Which groups are missing, and which do not bear to be compared."""
    missing = f"A group is not listed where it would tell of fewer than {report.k} persons."
    compared = (metric.groups.get(each, ()) for metric in metrics for each in by)
    if any(len({group.as_of for group in groups}) > 1 for groups in compared):
        return f"{missing} {OTHER_DAYS}"
    return missing


def all_metrics(report: Report) -> tuple[Metric, ...]:
    """Every metric, in the order in which they are shown."""
    return (report.funnel, *report.metrics, report.outcomes)


def notes(report: Report) -> tuple[list[str], list[str]]:
    """What is said of everything, and of single metrics."""
    titles = tuple(f"{metric.title}:" for metric in all_metrics(report))
    single = [note for note in report.notes if note.startswith(titles)]
    return [note for note in report.notes if note not in single], single
