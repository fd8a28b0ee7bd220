"""The figures of the scheduling benchmark as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median

from tests.bench.report import number, table
from tests.bench.scheduling.field import ENTRANTS, OURS
from tests.bench.scheduling.results import Measured, Results, targets

PICTURE = "benchmarks/scheduling.svg"
_HEADS = (
    "contestant", "plans", "plans/s", "lowest to highest", "ms/plan", "ours ÷ it", "peak MB", "before", "same plans as ours",
)  # fmt: skip
_FEED = {
    "cold": "rendered: every request another person's feed",
    "cached": "the same feed again",
    "unchanged": "the same feed with its ETag (304)",
}
_TOP = 15
_LEAST = 0.01
"""A module with less of the time is not told."""


def markdown(results: Results) -> str:
    """All tables that the results have figures for."""
    parts = [
        ("Targets", _targets(results)),
        (
            "At a glance",
            f"![Plans a second of each contestant]({PICTURE})" if results.measured else "",
        ),
        *((each.setting.name.capitalize(), _program(each)) for each in results.measured),
        *(
            (f"Where the time of ours goes: {each.setting.name}", _stages(each))
            for each in results.measured
        ),
        ("A feed of 100 meetings over HTTP", _feed(results)),
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
    text = f"Of all numbers of the plans {measured.gaps:.1%} found no slot.".replace("%", " %")
    return f"{text}\n\n{table(_HEADS, list(_rows(measured)))}"


def _rows(measured: Measured) -> Iterator[Sequence[str]]:
    for entrant in ENTRANTS:
        laps, rate = measured.laps.get(entrant.name), measured.rate(entrant.name)
        if not laps or rate is None:
            continue
        rates = [lap.rate for lap in laps]
        agreed = measured.agreed.get(entrant.name)
        yield (
            entrant.title,
            f"{laps[0].plans:,}",
            number(rate),
            f"{number(min(rates))} to {number(max(rates))}",
            number(1000 / rate),
            "" if entrant.name == OURS else number(measured.faster_than(entrant.name)),
            number(measured.middle(entrant.name, lambda lap: lap.peak)),
            number(measured.middle(entrant.name, lambda lap: lap.before)),
            "" if agreed is None else f"{agreed:,} of {laps[0].plans:,}",
        )


def _stages(measured: Measured) -> str:
    if not measured.stages:
        return ""
    modules: Counter[str] = Counter()
    for name, share in measured.stages.items():
        modules[name.partition(": ")[0]] += share  # type: ignore[assignment]
    told = [(f"`{name}`", share) for name, share in modules.most_common() if share >= _LEAST]
    functions = [(f"`{name}`", share) for name, share in list(measured.stages.items())[:_TOP]]
    return f"{_shares('module', told)}\n\n{_shares('function', functions)}"


def _shares(head: str, told: Sequence[tuple[str, float]]) -> str:
    return table((head, "% of the time"), [(name, f"{share * 100:.1f}") for name, share in told])


def _feed(results: Results) -> str:
    rows = [
        (_FEED[name], number(median(rates)), f"{number(min(rates))} to {number(max(rates))}")
        for name, rates in results.feed.items()
    ]
    return table(("asked for", "requests/s", "lowest to highest"), rows) if rows else ""
