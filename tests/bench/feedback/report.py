"""The figures of the feedback benchmark as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from tests.bench.feedback.field import ENTRANTS, PEER
from tests.bench.feedback.results import Measured, Results, targets
from tests.bench.report import number, table

_HEADS = ("contestant", "seconds", "lowest to highest", "CPU seconds", "peak MB", "before")
_MEGABYTE = 1_000_000


def markdown(results: Results) -> str:
    """All tables that the results have figures for."""
    parts = [
        ("Targets", _targets(results)),
        *((f"Report: {each.setting.name}", _program(each)) for each in results.measured),
        ("Sealing", _sealing(results)),
        ("Machine, versions and seed", table(("", ""), list(results.machine.items()))),
    ]
    return "\n\n".join(f"### {title}\n\n{text}" for title, text in parts if text)


def _targets(results: Results) -> str:
    rows = [
        (
            each.what,
            each.wanted,
            f"{number(each.found)} {each.unit}",
            "yes" if each.reached else "**no**",
        )
        for each in targets(results)
    ]
    return table(("target", "wanted", "measured", "reached"), rows) if rows else ""


def _program(measured: Measured) -> str:
    archive = measured.archive
    words = (
        f"{archive['events']:,} events, {archive['bytes'] / _MEGABYTE:,.0f} MB of bodies, a file of "
        f"{archive['file'] / _MEGABYTE:,.0f} MB."
    )
    if laps := measured.laps.get(PEER):
        told = laps[0].compared
        words += (
            f" Numbers compared: {told['numbers']:,}, of {told['releases']} releases; none differs."
        )
    return f"{words}\n\n{table(_HEADS, list(_rows(measured)))}"


def _rows(measured: Measured) -> Iterator[Sequence[str]]:
    for entrant in ENTRANTS:
        laps = measured.laps.get(entrant.name)
        if laps:
            seconds = [lap.seconds for lap in laps]
            yield (
                entrant.title,
                number(median(seconds)),
                f"{number(min(seconds))} to {number(max(seconds))}",
                number(median(lap.cpu for lap in laps)),
                number(median(lap.peak for lap in laps)),
                number(median(lap.before for lap in laps)),
            )


def _sealing(results: Results) -> str:
    rows = [
        (name, number(median(rates)), f"{number(min(rates))} to {number(max(rates))}")
        for name, rates in results.sealing.items()
    ]
    return table(("reviews, as events", "events/s", "lowest to highest"), rows) if rows else ""
