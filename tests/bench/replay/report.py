"""The figures of a replay benchmark as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import fmean

from tests.bench.replay.field import TITLES
from tests.bench.replay.measure import Sample
from tests.bench.replay.results import Results, targets
from tests.bench.replay.services import NAMES
from tests.bench.report import number, table

POINTS = 12
PICTURE = "benchmarks/replay-memory.svg"


def markdown(results: Results) -> str:
    """All tables that the results have figures for."""
    parts = [
        ("Targets", _targets(results)),
        (f"Events of the log a second, {results.main:,} of them", _rates(results)),
        ("Growth", _growth(results)),
        ("Memory of a rebuild", _memory(results)),
        ("Machine and versions", _machine(results)),
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
    return table(
        ("target (the worst of the three services)", "wanted", "measured", "reached"), rows
    )


def _rates(results: Results) -> str:
    heads = ("contestant", *NAMES, "lowest ÷ fetch", "CPU µs/event")
    return table(heads, list(_rate_rows(results)))


def _rate_rows(results: Results) -> Iterator[Sequence[str]]:
    fetch = results.rate("fetch")
    for group, title in TITLES.items():
        whole = results.rate(group)
        rates = [results.rate(group, name) for name in NAMES]
        known = [rate for rate in (whole, *rates) if rate]
        if known:
            used = [results.cpu_each(group, name) for name in ("", *NAMES)]
            yield (
                title,
                *(number(rate or whole) for rate in rates),
                f"{min(known) / fetch:.2f}" if fetch else "",
                number(fmean(cpu for cpu in used if cpu)),
            )


def _growth(results: Results) -> str:
    groups = [("fetch", ""), *(("rebuild", name) for name in NAMES)]
    heads = ("events", "`fetch(1000)`", *(f"rebuild {name}" for name in NAMES))
    rows = [
        (f"{size:,}", *(number(results.rate(*group, size)) for group in groups))
        for size in sorted(results.laps)
    ]
    text = "Events of the log a second, by the length of the log."
    return f"{text}\n\n{table(heads, rows)}" if len(rows) > 1 else ""


def _memory(results: Results) -> str:
    """The three curves, each at the same shares of the events."""
    curves = [results.curve("rebuild", name) for name in NAMES]
    if not all(curves):
        return ""
    most = max(results.laps)
    rows = [
        (f"{int(most * at / POINTS):,}", *(_at(curve, most * at / POINTS) for curve in curves))
        for at in range(POINTS + 1)
    ]
    heads = ("events folded", *(f"{name}, MB" for name in NAMES))
    return f"![Resident memory against events folded]({PICTURE})\n\n{table(heads, rows)}"


def _at(curve: Sequence[Sample], events: float) -> str:
    """The memory when so many events were done; processes that a rebuild starts are in it."""
    found = next((sample for sample in curve if sample.events >= events), curve[-1])
    return f"{found.megabytes:.1f}"


def _machine(results: Results) -> str:
    told = {**results.machine, **{key: str(value) for key, value in results.parameters.items()}}
    return table(("", ""), list(told.items()))
