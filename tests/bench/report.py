"""The results as Markdown, and their place in docs/benchmarks.md."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.bench.field import ENTRANTS
from tests.bench.latency import CALM, RATE
from tests.bench.results import Results, targets

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
_STAGES = (
    ("read-ours", "reading the inputs"),
    ("in-memory", "decoding, folding, deciding, encoding"),
    ("saving", "looking for copies, saving rows, committing"),
    ("publishing", "publishing answers and mark"),
)


def markdown(results: Results) -> str:
    """All tables that the results have figures for."""
    parts = [
        ("Targets", _targets(results)),
        ("Events a second", _throughput(results)),
        ("Where the time goes", _stages(results)),
        ("Latency", _latency(results)),
        ("Idle", _idle(results)),
        ("Memory", _memory(results)),
        ("Machine and versions", _machine(results)),
    ]
    return "\n\n".join(f"### {title}\n\n{text}" for title, text in parts if text)


def publish(docs: Path, name: str, document: Mapping[str, Any], text: str) -> str:
    """Write the figures of a benchmark, and its page where there is one; says what was written.

    Args:
        docs: folder of the documents.
        name: of the benchmark: figures go to benchmarks/NAME.json, tables into benchmarks-NAME.md.
        document: the figures.
        text: the tables.
    """
    figures, page = docs / "benchmarks" / f"{name}.json", docs / f"benchmarks-{name}.md"
    figures.parent.mkdir(parents=True, exist_ok=True)
    figures.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    if page.exists():
        insert(page, text)
    return f"wrote {figures} and {page}"


def insert(path: Path, text: str) -> None:
    """Replace what stands between the markers of a file.

    Raises:
        ValueError: the file lacks them.
    """
    page = path.read_text()
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{path.name}: the lines {BEGIN} and {END} are missing")
    path.write_text(f"{head}{BEGIN}\n\n{text}\n\n{END}{tail}")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; columns behind the first are aligned right."""
    rule = ["---", *["---:"] * (len(heads) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [heads, rule, *rows])


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


def _throughput(results: Results) -> str:
    rows = list(_throughput_rows(results))
    heads = ("contestant", "events/s", "lowest to highest", "CPU µs/event", "÷ naive", "÷ by hand")
    return table(heads, rows) if rows else ""


def _throughput_rows(results: Results) -> Iterator[Sequence[str]]:
    for entrant in ENTRANTS:
        if why := results.not_run.get(entrant.name):
            yield (f"{entrant.title} (not run: {why})", "", "", "", "", "")
        elif laps := results.laps.get(entrant.name):
            rates = [lap.rate for lap in laps]
            yield (
                entrant.title,
                number(results.rate(entrant.name)),
                f"{number(min(rates))} to {number(max(rates))}",
                number(results.cpu_each(entrant.name)),
                _divided(results.rate(entrant.name), results.rate("naive")),
                _divided(results.rate(entrant.name), results.rate("by-hand")),
            )


def _stages(results: Results) -> str:
    """Each stage alone beside the whole: the stages overlap in live, so it may take less than their sum."""
    alone = [(title, results.wall_each(name)) for name, title in _STAGES]
    whole = results.wall_each("live")
    if whole is None or any(wall is None for _, wall in alone):
        return ""
    total = sum(wall for _, wall in alone if wall is not None)
    rows = [(title, number(wall)) for title, wall in alone]
    rows += [("sum of the stages alone", number(total)), ("**live, SQLite**", number(whole))]
    return table(("stage of live, measured alone", "µs/event"), rows)


def _latency(results: Results) -> str:
    titles = {entrant.name: entrant.title for entrant in ENTRANTS}
    rows = [
        (
            titles[name],
            str(rate),
            number(results.p50(name, rate)),
            number(results.p99(name, rate)),
            number(max(each.worst for each in rounds)),
        )
        for (name, rate), rounds in sorted(results.latency.items(), key=lambda item: -item[0][1])
    ]
    if not rows:
        return ""
    return table(("contestant", "events/s", "p50 ms", "p99 ms", "worst ms"), rows) + _fullness(
        results
    )


def _fullness(results: Results) -> str:
    rate = results.rate("naive")
    if rate is None or rate >= RATE:
        return ""
    return (
        f"\n\nThe naive way manages {number(rate)} events/s here: at {RATE} its queue grows for as long as the run "
        f"lasts, and its figures there say little more than that. Compare the rows at {CALM}."
    )


def _idle(results: Results) -> str:
    rows = [(name, f"{used:.2f}") for name, used in results.idle.items()]
    return table(("service", "% of a core"), rows) if rows else ""


def _memory(results: Results) -> str:
    rows = [(f"{point.events:,}", f"{point.megabytes:.1f}") for point in results.memory]
    return table(("events folded", "resident MB"), rows) if rows else ""


def _machine(results: Results) -> str:
    told = {**results.machine, **{key: str(value) for key, value in results.parameters.items()}}
    return table(("", ""), list(told.items()))


def number(value: float | None) -> str:
    """Three significant digits, or whole numbers with separators."""
    if value is None:
        return ""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _divided(above: float | None, below: float | None) -> str:
    return f"{above / below:,.2f}" if above and below else ""
