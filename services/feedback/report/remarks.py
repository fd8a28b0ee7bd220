"""What a report says about itself: as of when it is, what it hides, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from services.feedback.report.model import Metric

NO_RELEASE = "Not shown yet: there was no release by then."


def not_shown(k: int) -> str:
    """Why a metric has no number."""
    return f"Not shown yet: it would tell of fewer than {k} persons."


def not_renewed(k: int) -> str:
    """Why a metric is older than the report."""
    return f"Not renewed since: what has changed would tell of fewer than {k} persons."


def remarks(
    metrics: Sequence[Metric], released: datetime | None, zone: str, k: int
) -> Iterator[str]:
    """Sentences for whoever reads the report.

    Args:
        metrics: all of it.
        released: the release that it shows; None: none yet.
        zone: the program's.
        k: the least group.
    """
    if released is None:
        yield f"There was no release yet: the first is on the first Monday, 00:00 in {zone}."
        return
    here = ZoneInfo(zone)
    yield (
        f"Figures come out on Mondays, 00:00 in {zone}. This report is of {_day(released, here)}, the last Monday "
        "before what was asked for."
    )
    yield (
        f"A figure is renewed when what has changed in it concerns at least {k} persons, or none; until then the older one "
        "stands, with its day. So neither a figure nor the difference of two tells of fewer persons."
    )
    for metric in metrics:
        if metric.as_of is None:
            yield f"{metric.title}: not shown yet, it would tell of fewer than {k} persons."
        elif metric.why:
            yield f"{metric.title}: as of {_day(metric.as_of, here)}, not renewed since."


def _day(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%Y-%m-%d}"
