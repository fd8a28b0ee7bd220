"""The figures of the matching benchmark as Markdown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from tests.bench.matching.field import ENTRANTS
from tests.bench.matching.judge import UNIT
from tests.bench.matching.results import MAIN, Entry, Measured, Results, targets
from tests.bench.report import number, table

PICTURE = "benchmarks/matching.svg"
_HEADS = (
    "contestant", "seconds", "÷ ours", "peak MB", "before", "total", "of the bound", "unmatched", "blocking pairs",
    "worst", "idle", "spread",
)  # fmt: skip
_STAGES = {
    "scoring": (),
    "candidates": ("rough", "cover"),
    "passes": ("sweep", "pairing"),
    "flow": ("network", "flow"),
    "prices": ("duals",),
    "policy": ("optimal", "stable", "fair", "first_come", "clashes", "choice", "market"),
}
"""Modules of services/matching/assignment by what they are for; scoring is all that stands beside them."""
_LEAST = 0.1
"""A stage of fewer seconds is not told."""


def markdown(results: Results) -> str:
    """All tables that the results have figures for."""
    sizes = dict.fromkeys(each.setting.size for each in results.ordered())
    parts = [
        ("Targets", _targets(results)),
        ("At a glance", _glance(results)),
        *((size, _size(results, size)) for size in sizes),
        ("20 best against the optimum", _best(results)),
        ("Where the time of ours goes", _stages(results)),
        ("Machine, versions and seeds", _machines(results)),
    ]
    return "\n\n".join(f"### {title}\n\n{text}" for title, text in parts if text)


def _targets(results: Results) -> str:
    rows = [
        (
            each.what,
            each.wanted,
            f"{_exact(each.found)} {each.unit}".strip(),
            "yes" if each.reached else "**no**",
        )
        for each in targets(results)
    ]
    return table(("target", "wanted", "measured", "reached"), rows) if rows else ""


def _glance(results: Results) -> str:
    has = any(each.setting.requests == MAIN for each in results.ordered())
    return f"![Seconds of each contestant]({PICTURE})" if has else ""


def _size(results: Results, size: str) -> str:
    found = [each for each in results.ordered() if each.setting.size == size]
    return "\n\n".join(_market(each) for each in found)


def _market(measured: Measured) -> str:
    setting = measured.setting
    told = f"**{setting.family}, {setting.supply}**: {setting.places:,} places."
    if measured.scoring is not None and setting.family == "people":
        told += f" Scoring all pairs took one thread {number(measured.scoring)} s, which is in `whole round` alone."
    rows = [_row(measured, name) for name in _names(measured)]
    return f"{told}\n\n{table(_HEADS, rows)}"


def _names(measured: Measured) -> Iterator[str]:
    return (entrant.name for entrant in ENTRANTS if entrant.name in measured.entries)


def _row(measured: Measured, name: str) -> Sequence[str]:
    entry, title = measured.entries[name], _TITLES[name]
    if entry.missing:
        return (f"{title} ({entry.missing})", *[""] * (len(_HEADS) - 1))
    ratio = measured.ratio(name, "optimal", lambda each: each.seconds)
    return (
        title,
        number(entry.seconds),
        number(ratio),
        number(entry.peak),
        number(entry.middle(lambda lap: lap.before)),
        *_worth(measured, name, entry),
    )


def _worth(measured: Measured, name: str, entry: Entry) -> Sequence[str]:
    figures = entry.figures
    if figures is None:
        return [""] * 7
    return (
        f"{figures.total / UNIT:,.2f}",
        _exact(measured.share(name)),
        f"{figures.unmatched:,}",
        f"{figures.blocking:,}",
        f"{figures.worst / UNIT:.3f}",
        f"{figures.idle:.1%}".replace("%", " %"),
        f"{figures.spread:.3f}",
    )


def _best(results: Results) -> str:
    rows = [
        (each.setting.name, _exact(share))
        for each in results.ordered()
        if (share := each.share("20-best")) is not None
    ]
    return table(("market", "total ÷ bound"), rows) if rows else ""


def _stages(results: Results) -> str:
    found = [
        (f"{each.setting.name}, `{name}`", entry.laps[-1])
        for each in results.ordered()
        for name, entry in each.entries.items()
        if entry.laps and entry.laps[-1].stages
    ]
    if not found:
        return ""
    heads = ("market and policy", "seconds", *_STAGES, "other", "by module, seconds")
    rows = [
        (title, number(lap.seconds), *_grouped(lap.stages), _modules(lap.stages))
        for title, lap in found
    ]
    text = (
        "Per cent of the seconds of the last round, as a sampler saw the threads at work. Scoring is what the pool does "
        "when a choice asks for values; candidates, passes over the market, flow and prices are what the choice itself does, and policy is what is peculiar to each."
    )
    return f"{text}\n\n{table(heads, rows)}"


def _grouped(stages: Mapping[str, float]) -> Iterator[str]:
    """Per cent by stage."""
    whole = sum(stages.values())
    found: defaultdict[str, float] = defaultdict(float)
    for module, spent in stages.items():
        found[_stage(module)] += spent
    return (f"{found[stage] / whole * 100:.0f}" for stage in (*_STAGES, "other"))


def _stage(module: str) -> str:
    """The stage that a module of the service is for."""
    package, _, name = module.rpartition("/")
    if package == "assignment":
        return next((stage for stage, names in _STAGES.items() if name in names), "other")
    return "other" if module == "other" else "scoring"


def _modules(stages: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {spent:.1f}" for name, spent in stages.items() if spent >= _LEAST)


def _machines(results: Results) -> str:
    """One table for each run that figures are from."""
    parts = []
    for run, told in results.machines.items():
        names = [
            each.setting.name
            for each in results.ordered()
            if any(entry.run == run for entry in each.entries.values())
        ]
        rows = [*told.items(), ("markets", ", ".join(names))]
        parts.append(table((f"run of {run}", ""), rows))
    return "\n\n".join(parts)


def _exact(value: float | None) -> str:
    """A share: 1 only when it is; otherwise six digits, never rounded up to 1."""
    if value is None:
        return ""
    if value == 1:
        return "1"
    return f"{min(value, 0.999999):.6f}" if value < 1 else number(value)


_TITLES = {entrant.name: entrant.title for entrant in ENTRANTS}
